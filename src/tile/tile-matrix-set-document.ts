import { z } from 'zod'
import type { Bounds } from './bounds.ts'
import { type Crs, epsgCode, parseCrs } from './crs.ts'
import { isNorthingFirst } from './crs-definitions.ts'
import { type LonLatTransform, lonLatTransform } from './lon-lat.ts'
import { lonLatBounds, WORLD } from './lon-lat-bounds.ts'
import type { TileMatrix, TileMatrixSet } from './tile-matrix-set.ts'

/** The document of a tile matrix set: OGC 17-083r4 (TMS 2.0) §7.1.1, JSON encoding. */

const count = z.int().min(1)
/** All columns and rows fit 32 bits, as MapLibre, GDAL and others keep them. */
const LARGEST_MATRIX = 2 ** 31

const matrixSchema = z
  .object({
    id: z.string().regex(/^-?\d{1,2}$/, 'is a whole number, the zoom'),
    scaleDenominator: z.number().positive(),
    cellSize: z.number().positive(),
    cornerOfOrigin: z.enum(['topLeft', 'bottomLeft']).default('topLeft'),
    pointOfOrigin: z.tuple([z.number(), z.number()]),
    tileWidth: count.max(2_048),
    tileHeight: count.max(2_048),
    matrixWidth: count.max(LARGEST_MATRIX),
    matrixHeight: count.max(LARGEST_MATRIX),
    variableMatrixWidths: z
      .array(z.object({ coalesce: z.int().min(2), minTileRow: z.int().min(0), maxTileRow: z.int().min(0) }))
      .max(1_000)
      .optional(),
  })
  .refine(({ tileWidth, tileHeight }) => tileWidth === tileHeight, 'tileWidth and tileHeight must be the same')

export const documentSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'takes 1 to 64 letters, digits, _ and -'),
  title: z.string().max(1_000).optional(),
  uri: z.string().max(1_000).optional(),
  crs: z.union([
    z.string().max(20_000),
    z.object({ uri: z.string().max(1_000) }),
    z.object({ wkt: z.union([z.string().max(20_000), z.record(z.string(), z.unknown())]) }),
  ]),
  orderedAxes: z.tuple([z.string(), z.string()]).optional(),
  wellKnownScaleSet: z.string().max(1_000).optional(),
  tileMatrices: z.array(matrixSchema).min(1).max(64),
})

export type TileMatrixSetDocument = z.output<typeof documentSchema>

/** Highest zoom that is made up beyond a set's last matrix. */
const LAST_MADE_UP = 30

/** Throws RangeError for a set that cannot be worked with, as its coordinate reference system is not known or its zooms have gaps. */
export function tileMatrixSetOf(document: TileMatrixSetDocument): TileMatrixSet {
  const { crs, transform } = crsOf(document)
  const northingFirst = isNorthing(document, crs)
  const matrices = document.tileMatrices
    .map((matrix) => matrixOf(matrix, northingFirst))
    .sort((a, b) => a.zoom - b.zoom)
  const [first] = matrices
  if (!first || matrices.some(({ zoom }, i) => zoom !== first.zoom + i)) {
    throw new RangeError('tileMatrices must have ids that follow one another without a gap')
  }
  const bounds = boundsOf(first)
  return {
    id: document.id,
    title: document.title ?? null,
    uri: document.uri ?? null,
    crs,
    crsReference: document.crs,
    orderedAxes: document.orderedAxes ?? null,
    northingFirst,
    wellKnownScaleSet: document.wellKnownScaleSet ?? null,
    minZoom: first.zoom,
    maxZoom: first.zoom + matrices.length - 1,
    levels: [...matrices, ...beyond(matrices)],
    bounds,
    lonLatBounds: lonLatBounds(transform, bounds) ?? WORLD,
    transform,
  }
}

/** As clients get it: GET /tileMatrixSets/{id}. */
export function documentOf(tms: TileMatrixSet): Record<string, unknown> {
  const { id, title, uri, orderedAxes, crsReference, wellKnownScaleSet, levels, minZoom, maxZoom } = tms
  return {
    ...(title !== null && { title }),
    id,
    ...(uri !== null && { uri }),
    ...(orderedAxes !== null && { orderedAxes }),
    crs: crsReference,
    ...(wellKnownScaleSet !== null && { wellKnownScaleSet }),
    tileMatrices: levels.slice(0, maxZoom - minZoom + 1).map((matrix) => ({
      id: String(matrix.zoom),
      scaleDenominator: matrix.scaleDenominator,
      cellSize: matrix.cellSize,
      cornerOfOrigin: matrix.bottomLeft ? 'bottomLeft' : 'topLeft',
      pointOfOrigin: pointOfOrigin(tms, matrix),
      tileWidth: matrix.tileSize,
      tileHeight: matrix.tileSize,
      matrixWidth: matrix.matrixWidth,
      matrixHeight: matrix.matrixHeight,
      ...(matrix.coalescedRows !== null && { variableMatrixWidths: matrix.coalescedRows }),
    })),
  }
}

/** In the order of the CRS's axes. */
export function pointOfOrigin({ northingFirst }: TileMatrixSet, { originX, originY }: TileMatrix): [number, number] {
  return northingFirst ? [originY, originX] : [originX, originY]
}

function crsOf({ crs }: TileMatrixSetDocument): { crs: Crs; transform: LonLatTransform } {
  const given = typeof crs === 'string' ? crs : 'uri' in crs ? crs.uri : crs.wkt
  const named = typeof given === 'string' ? (parseCrs(given) ?? given) : (idOf(given) ?? JSON.stringify(given))
  const text = typeof given === 'string' ? given : JSON.stringify(given)
  const transform = lonLatTransform(named) ?? lonLatTransform(text)
  if (transform) return { crs: named, transform }
  const name = named.length <= 64 ? ` ${named}` : ''
  throw new RangeError(`crs${name} is not known: give it as {"wkt": <PROJJSON or WKT>}, see projinfo -o PROJJSON`)
}

/** The code of PROJJSON that has one. */
function idOf(projjson: Record<string, unknown>): Crs | null {
  const { id } = projjson
  if (typeof id !== 'object' || id === null || !('authority' in id) || !('code' in id)) return null
  return parseCrs(`${id.authority}:${id.code}`)
}

/** As morecantile decides it: by orderedAxes, else by the CRS's own first axis. */
function isNorthing({ crs: reference, orderedAxes }: TileMatrixSetDocument, crs: Crs): boolean {
  const isNorth = (axis: unknown) => ['Y', 'LAT', 'N'].includes(String(axis).toUpperCase())
  if (orderedAxes) return isNorth(orderedAxes[0])
  if (typeof reference === 'object' && 'wkt' in reference && typeof reference.wkt === 'object') {
    const system = reference.wkt.coordinate_system as { axis?: readonly { abbreviation?: unknown }[] } | undefined
    return isNorth(system?.axis?.[0]?.abbreviation)
  }
  const epsg = epsgCode(crs)
  return epsg !== null && isNorthingFirst(epsg)
}

function matrixOf(matrix: TileMatrixSetDocument['tileMatrices'][number], northingFirst: boolean): TileMatrix {
  const [first, second] = matrix.pointOfOrigin
  return {
    zoom: Number(matrix.id),
    scaleDenominator: matrix.scaleDenominator,
    cellSize: matrix.cellSize,
    tileSize: matrix.tileWidth,
    matrixWidth: matrix.matrixWidth,
    matrixHeight: matrix.matrixHeight,
    originX: northingFirst ? second : first,
    originY: northingFirst ? first : second,
    bottomLeft: matrix.cornerOfOrigin === 'bottomLeft',
    coalescedRows: matrix.variableMatrixWidths?.length ? matrix.variableMatrixWidths : null,
  }
}

function boundsOf({ originX, originY, cellSize, tileSize, matrixWidth, matrixHeight, bottomLeft }: TileMatrix): Bounds {
  const right = originX + matrixWidth * cellSize * tileSize
  const height = matrixHeight * cellSize * tileSize
  return bottomLeft ? [originX, originY, right, originY + height] : [originX, originY - height, right, originY]
}

/**
 * Matrices beyond the last one, where each is a whole number of times finer than the one before it throughout (morecantile: the ratio
 * of scales, rounded to two decimals, is constant) and no row is coalesced.
 */
function beyond(matrices: readonly TileMatrix[]): TileMatrix[] {
  const [first, second] = matrices
  if (!first || !second || matrices.some(({ coalescedRows }) => coalescedRows !== null)) return []
  const factor = Math.round(first.scaleDenominator / second.scaleDenominator)
  const constant = matrices.every((matrix, i) => {
    const before = matrices[i - 1]
    return !before || (matrix.scaleDenominator / before.scaleDenominator).toFixed(2) === (1 / factor).toFixed(2)
  })
  if (factor < 2 || !constant) return []
  const further: TileMatrix[] = []
  for (let last = matrices.at(-1)!; last.zoom < LAST_MADE_UP; ) {
    last = {
      ...last,
      zoom: last.zoom + 1,
      scaleDenominator: last.scaleDenominator / factor,
      cellSize: last.cellSize / factor,
      matrixWidth: last.matrixWidth * factor,
      matrixHeight: last.matrixHeight * factor,
    }
    if (Math.max(last.matrixWidth, last.matrixHeight) > LARGEST_MATRIX) break
    further.push(last)
  }
  return further
}
