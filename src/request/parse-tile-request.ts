import { LRUCache } from 'lru-cache'
import { TilepressError } from '../errors.ts'
import { imageFormats, isImageFormat, type TileFormat } from '../tile/format.ts'
import type { Tile } from '../tile/tile.ts'
import { canonicalTile, lastZoom, type TileMatrix, type TileMatrixSet, tileMatrix } from '../tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../tile/tile-matrix-sets.ts'
import { parseLimits, parseRenderParameters } from './render-parameters.ts'
import type { Layer, RenderParameters, SearchLimits, TileRequest } from './tile-request.ts'

/** Path segments of a tile URL, decoded and unchecked. */
export interface TilePath {
  readonly layer: Layer
  readonly tileMatrixSetId: string
  readonly z: string
  readonly x: string
  /** Row with the optional extension: `12` or `12.png`. */
  readonly y: string
}

/** A colormap of 256 values in JSON, percent-encoded, takes ten thousand; Node reads heads of 16 kB. */
const LONGEST_QUERY = 12_288

/** Side of the tiles of most sets, pixels; queries for those are remembered as they are. */
const TILE_SIZE = 256

/** Different query strings whose parameters are remembered: a map's tiles all carry the same one. */
const REMEMBERED_QUERIES = 1_000

/** The door: raw path and query in, a request that cannot be wrong out. One per process, as it remembers what it parsed. */
export class TileRequestParser {
  readonly #defaults: SearchLimits
  readonly #remembered = new LRUCache<string, RenderParameters>({ max: REMEMBERED_QUERIES })

  constructor(defaults: SearchLimits) {
    this.#defaults = defaults
  }

  /** Throws PARAMETER_INVALID, TILE_MATRIX_SET_NOT_FOUND, TILE_OUTSIDE_MATRIX. */
  parse(path: TilePath, querystring: string): TileRequest {
    const tms = findTileMatrixSet(path.tileMatrixSetId)
    const at = path.y.indexOf('.')
    const format = parseFormat(at < 0 ? null : path.y.slice(at + 1))
    const { tile, matrix } = parseTile(tms, path.z, path.x, at < 0 ? path.y : path.y.slice(0, at))
    const render = this.parseRender(querystring, matrix.tileSize, fileOf(path.layer))
    return { layer: path.layer, tileMatrixSetId: tms.id, tile, render, format }
  }

  /**
   * The same parameters give the same object, so that what is derived from it is derived once. `tileSize` is the side in pixels of
   * the matrix's tiles, which an image has when the query does not say. `file` is the asset whose own endpoint it is.
   */
  parseRender(querystring: string, tileSize = TILE_SIZE, file: string | null = null): RenderParameters {
    const others = file === null ? '' : `${encodeURIComponent(file)}?`
    const memory = tileSize === TILE_SIZE && file === null ? querystring : `\0${tileSize}?${others}${querystring}`
    const known = this.#remembered.get(memory)
    if (known) return known
    if (querystring.length > LONGEST_QUERY) {
      throw new TilepressError('PARAMETER_INVALID', `the query may have at most ${LONGEST_QUERY} characters`)
    }
    const render = parseRenderParameters(new URLSearchParams(querystring), this.#defaults, tileSize, file)
    this.#remembered.set(memory, render)
    return render
  }

  /** What bounds a search that draws nothing. Throws PARAMETER_INVALID. */
  parseLimits(querystring: string): SearchLimits {
    return parseLimits(new URLSearchParams(querystring), this.#defaults)
  }

  /** True when parseRender would take it. */
  takesRender(querystring: string, file: string | null = null): boolean {
    try {
      this.parseRender(querystring, undefined, file)
      return true
    } catch {
      return false
    }
  }
}

/** The asset of a file's layer, which takes other parameters for its bands. */
export function fileOf(layer: Layer): string | null {
  return layer.kind === 'asset' ? layer.id : null
}

/** Throws TILE_MATRIX_SET_NOT_FOUND. */
export function findTileMatrixSet(id: string): TileMatrixSet {
  const tms = tileMatrixSets.get(id)
  if (tms) return tms
  throw new TilepressError(
    'TILE_MATRIX_SET_NOT_FOUND',
    `tile matrix set is one of ${[...tileMatrixSets.keys()].join(', ')}`,
  )
}

/** Throws PARAMETER_INVALID; null is the automatic format. */
export function parseFormat(extension: string | null): TileFormat {
  if (extension === null) return 'auto'
  if (isImageFormat(extension)) return extension
  throw new TilepressError('PARAMETER_INVALID', `parameter format takes one of ${imageFormats.join(', ')}`)
}

/** Throws PARAMETER_INVALID, TILE_OUTSIDE_MATRIX. */
export function parseTile(
  tms: TileMatrixSet,
  z: string,
  x: string,
  y: string,
): { readonly tile: Tile; readonly matrix: TileMatrix } {
  const tile = { z: indexOf('z', z, ZOOM), x: indexOf('x', x, INDEX), y: indexOf('y', y, INDEX) }
  const matrix = tileMatrix(tms, tile.z)
  if (matrix !== null && tile.x < matrix.matrixWidth && tile.y < matrix.matrixHeight) {
    return { tile: matrix.coalescedRows === null ? tile : canonicalTile(tms, tile), matrix }
  }
  const rule = matrix
    ? `zoom ${tile.z} has columns 0 to ${matrix.matrixWidth - 1} and rows 0 to ${matrix.matrixHeight - 1}`
    : `zooms are ${tms.minZoom} to ${lastZoom(tms)}`
  throw new TilepressError('TILE_OUTSIDE_MATRIX', `tile ${z}/${x}/${y} is outside ${tms.id}: ${rule}`)
}

/** CDB1GlobalGrid begins at −10. */
const ZOOM = /^-?\d{1,3}$/
/** GNOSISGlobalGrid has 2³⁰ columns at its last zoom. */
const INDEX = /^\d{1,10}$/

function indexOf(name: string, text: string, pattern: RegExp): number {
  if (!pattern.test(text)) throw new TilepressError('PARAMETER_INVALID', `parameter ${name} takes a whole number`)
  return Number(text)
}
