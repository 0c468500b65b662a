import type { Bounds } from './bounds.ts'
import type { Crs } from './crs.ts'
import type { LonLatTransform } from './lon-lat.ts'
import { lonLatBounds } from './lon-lat-bounds.ts'
import type { Tile } from './tile.ts'

/** Rows whose tiles are `coalesce` tiles of the matrix in one (OGC 17-083r4 §6.2.1.2); `minTileRow` and `maxTileRow` are inclusive. */
export interface CoalescedRows {
  readonly coalesce: number
  readonly minTileRow: number
  readonly maxTileRow: number
}

/** One zoom of a tile matrix set (OGC 17-083r4 §6.2), tiles square. `cellSize` is in CRS units per pixel. */
export interface TileMatrix {
  /** The matrix's id, which is the zoom. */
  readonly zoom: number
  readonly scaleDenominator: number
  readonly cellSize: number
  /** Pixels along a tile's side. */
  readonly tileSize: number
  readonly matrixWidth: number
  readonly matrixHeight: number
  /** Corner of tile 0/0, easting and northing whatever the CRS's order is. */
  readonly originX: number
  readonly originY: number
  /** Rows count northwards from a bottom left origin. */
  readonly bottomLeft: boolean
  /** Null for the many matrices whose rows are all alike. */
  readonly coalescedRows: readonly CoalescedRows[] | null
}

export interface TileMatrixSet {
  readonly id: string
  readonly title: string | null
  readonly uri: string | null
  readonly crs: Crs
  /** The CRS as its document names it: OGC's URI, or an object with WKT. */
  readonly crsReference: string | object
  readonly orderedAxes: readonly string[] | null
  /** Its axes are northing, easting, and so are the origins in its document; nowhere else. */
  readonly northingFirst: boolean
  readonly wellKnownScaleSet: string | null
  /** The zooms it has, without those beyond the last matrix. */
  readonly minZoom: number
  readonly maxZoom: number
  /** By zoom from minZoom on, then those beyond maxZoom that follow from the others' scales. */
  readonly levels: readonly TileMatrix[]
  /** All of the first matrix, in CRS units. */
  readonly bounds: Bounds
  /** The same in longitude and latitude (WGS 84); west > east crosses the antimeridian. */
  readonly lonLatBounds: Bounds
  readonly transform: LonLatTransform
}

/** Null for a zoom the set does not have. */
export function tileMatrix(tms: TileMatrixSet, z: number): TileMatrix | null {
  return tms.levels[z - tms.minZoom] ?? null
}

/** The highest zoom that has tiles; above maxZoom where matrices go on by a constant factor (morecantile does so too). */
export function lastZoom(tms: TileMatrixSet): number {
  return tms.minZoom + tms.levels.length - 1
}

/** True when the tile is one of the matrix set's: columns 0…matrixWidth−1, rows 0…matrixHeight−1. */
export function hasTile(tms: TileMatrixSet, { z, x, y }: Tile): boolean {
  const matrix = tms.levels[z - tms.minZoom]
  return matrix !== undefined && x >= 0 && y >= 0 && x < matrix.matrixWidth && y < matrix.matrixHeight
}

/** How many columns are one tile in the row. */
export function coalescence({ coalescedRows }: TileMatrix, row: number): number {
  if (coalescedRows === null) return 1
  return coalescedRows.find(({ minTileRow, maxTileRow }) => row >= minTileRow && row <= maxTileRow)?.coalesce ?? 1
}

/** The one address of a coalesced tile, which has as many columns as it coalesces: the first of them. */
export function canonicalTile(tms: TileMatrixSet, tile: Tile): Tile {
  const columns = coalescence(matrixOf(tms, tile.z), tile.y)
  return columns === 1 ? tile : { ...tile, x: tile.x - (tile.x % columns) }
}

/** Bounds in CRS units, with morecantile's arithmetic from left to right (`xy_bounds`), so that the last bit agrees. */
export function tileBounds(tms: TileMatrixSet, tile: Tile): Bounds {
  const matrix = matrixOf(tms, tile.z)
  const { cellSize, tileSize, originX, originY } = matrix
  const columns = coalescence(matrix, tile.y)
  const column = columns === 1 ? tile.x : Math.floor(tile.x / columns)
  const left = originX + column * cellSize * columns * tileSize
  const right = originX + (column + 1) * cellSize * columns * tileSize
  if (matrix.bottomLeft) {
    return [left, originY + tile.y * cellSize * tileSize, right, originY + (tile.y + 1) * cellSize * tileSize]
  }
  return [left, originY - (tile.y + 1) * cellSize * tileSize, right, originY - tile.y * cellSize * tileSize]
}

/** A box in longitude and latitude that holds the tile (west > east crosses the antimeridian); null when none of it is on Earth. */
export function tileLonLatBounds(tms: TileMatrixSet, tile: Tile): Bounds | null {
  return lonLatBounds(tms.transform, tileBounds(tms, tile))
}

/** Throws RangeError for a zoom the set does not have. */
export function matrixOf(tms: TileMatrixSet, z: number): TileMatrix {
  const matrix = tms.levels[z - tms.minZoom]
  if (!matrix) throw new RangeError(`zoom ${z} is outside ${tms.minZoom}…${lastZoom(tms)} of ${tms.id}`)
  return matrix
}
