import { type Bounds, splitAtAntimeridian } from './bounds.ts'
import { projectedBounds } from './projected-bounds.ts'
import { coalescence, matrixOf, type TileMatrix, type TileMatrixSet } from './tile-matrix-set.ts'

/** Columns and rows of one matrix, all inclusive. */
export interface TileRange {
  readonly minX: number
  readonly minY: number
  readonly maxX: number
  readonly maxY: number
}

/**
 * What of a longitude-latitude box (west > east crosses the antimeridian) the set covers, as rectangles in CRS units: none, one, or two at the
 * ends of a set that ends at the antimeridian. Never less than it; more where the box's image has curved edges.
 */
export function areasOf(tms: TileMatrixSet, box: Bounds): Bounds[] {
  const boxes = tms.transform.separable ? splitAtAntimeridian(box) : [box]
  return boxes.flatMap((each) => {
    const inside = tms.transform.separable ? clip(each, tms.lonLatBounds) : each
    const area = inside && projectedBounds(tms.transform, inside, tms.bounds)
    return area ? [area] : []
  })
}

/** Tiles that touch the rectangle; null when none does. One along the set's far border touches the last. */
export function tileRange(matrix: TileMatrix, [left, bottom, right, top]: Bounds): TileRange | null {
  const size = matrix.cellSize * matrix.tileSize
  const rows = matrix.bottomLeft
    ? ([bottom - matrix.originY, top - matrix.originY] as const)
    : ([matrix.originY - top, matrix.originY - bottom] as const)
  const columns = within(left - matrix.originX, right - matrix.originX, size, matrix.matrixWidth)
  const across = within(...rows, size, matrix.matrixHeight)
  return columns && across && { minX: columns[0], minY: across[0], maxX: columns[1], maxY: across[1] }
}

function within(from: number, to: number, size: number, count: number): readonly [number, number] | null {
  if (to < 0 || from > count * size) return null
  const index = (distance: number) => Math.min(count - 1, Math.max(0, Math.floor(distance / size)))
  return [index(from), index(to)]
}

/** One rectangle of tiles of a zoom, as OGC's TileMatrixSetLimits has it (17-083r4 §6.3). */
export interface TileMatrixLimits {
  readonly tileMatrix: string
  readonly minTileRow: number
  readonly maxTileRow: number
  readonly minTileCol: number
  readonly maxTileCol: number
}

/**
 * Limits of the zooms that have tiles of the box. A box over the antimeridian has all columns between its two sides, as one zoom has one
 * rectangle (titiler's has so too, but takes two corners of the box for all of it).
 */
export function tileMatrixSetLimits(
  tms: TileMatrixSet,
  box: Bounds,
  zooms: { readonly minzoom: number; readonly maxzoom: number },
): TileMatrixLimits[] {
  const areas = areasOf(tms, box)
  const limits: TileMatrixLimits[] = []
  for (let z = zooms.minzoom; z <= zooms.maxzoom; z++) {
    const matrix = matrixOf(tms, z)
    const ranges = areas.map((area) => tileRange(matrix, area)).filter((range) => range !== null)
    if (ranges.length === 0) continue
    const minTileRow = Math.min(...ranges.map(({ minY }) => minY))
    const maxTileRow = Math.max(...ranges.map(({ maxY }) => maxY))
    limits.push({
      tileMatrix: String(z),
      minTileRow,
      maxTileRow,
      minTileCol: firstColumn(matrix, Math.min(...ranges.map(({ minX }) => minX)), minTileRow, maxTileRow),
      maxTileCol: Math.max(...ranges.map(({ maxX }) => maxX)),
    })
  }
  return limits
}

/** Rows of one coalescence, from north to south. */
export interface RowBand {
  readonly minY: number
  readonly maxY: number
  /** Columns that are one tile. */
  readonly coalesce: number
}

export function rowBands(matrix: TileMatrix, from: number, to: number): RowBand[] {
  const bands: RowBand[] = []
  for (let y = from; y <= to; ) {
    const coalesce = coalescence(matrix, y)
    const next = (matrix.coalescedRows ?? []).flatMap(({ minTileRow, maxTileRow }) => [minTileRow, maxTileRow + 1])
    const end = Math.min(to, ...next.filter((row) => row > y).map((row) => row - 1))
    bands.push({ minY: y, maxY: end, coalesce })
    y = end + 1
  }
  return bands
}

/** The first column of the tile that the column belongs to, in whichever of the rows that is farthest to the left. */
function firstColumn(matrix: TileMatrix, column: number, fromRow: number, toRow: number): number {
  if (matrix.coalescedRows === null) return column
  return Math.min(...rowBands(matrix, fromRow, toRow).map(({ coalesce }) => column - (column % coalesce)))
}

/** The common part of two longitude-latitude boxes that do not cross the antimeridian; also one without area. */
function clip(box: Bounds, world: Bounds): Bounds | null {
  const [west, south] = [Math.max(box[0], world[0]), Math.max(box[1], world[1])]
  const [east, north] = [Math.min(box[2], world[2]), Math.min(box[3], world[3])]
  return west > east || south > north ? null : [west, south, east, north]
}
