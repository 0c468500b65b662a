import type { Bounds } from './bounds.ts'
import type { Crs } from './crs.ts'
import type { Tile } from './tile.ts'

/** One zoom of a tile matrix set (OGC 17-083r4 §6.2). `cellSize` is in CRS units per pixel of a 256-pixel tile. */
export interface TileMatrix {
  readonly cellSize: number
  readonly matrixWidth: number
  readonly matrixHeight: number
}

/** A tile matrix set with square 256-pixel cells and its origin at the top left. */
export interface TileMatrixSet {
  readonly id: string
  readonly title: string
  readonly uri: string
  readonly crs: Crs
  readonly origin: readonly [x: number, y: number]
  readonly matrices: readonly TileMatrix[]
  /** Extent of the whole set in longitude and latitude (WGS 84). */
  readonly lonLatBounds: Bounds
  /** CRS coordinates to longitude, latitude in degrees. */
  readonly toLonLat: (x: number, y: number) => readonly [lon: number, lat: number]
  /** Longitude, latitude in degrees to CRS coordinates. */
  readonly fromLonLat: (lon: number, lat: number) => readonly [x: number, y: number]
}

export const TILE_PIXELS = 256

export function maxZoom(tms: TileMatrixSet): number {
  return tms.matrices.length - 1
}

/** True when the tile is one of the matrix set's: columns 0…matrixWidth−1, rows 0…matrixHeight−1. */
export function hasTile(tms: TileMatrixSet, tile: Tile): boolean {
  const matrix = tms.matrices[tile.z]
  return (
    matrix !== undefined && tile.x >= 0 && tile.y >= 0 && tile.x < matrix.matrixWidth && tile.y < matrix.matrixHeight
  )
}

/** Bounds in CRS units, with morecantile's arithmetic (`_ul`: origin ± index · cell size · 256) so that the last bit agrees. */
export function tileBounds(tms: TileMatrixSet, tile: Tile): Bounds {
  const size = matrixOf(tms, tile.z).cellSize * TILE_PIXELS
  const [originX, originY] = tms.origin
  return [
    originX + tile.x * size,
    originY - (tile.y + 1) * size,
    originX + (tile.x + 1) * size,
    originY - tile.y * size,
  ]
}

/** Bounds in longitude and latitude. */
export function tileLonLatBounds(tms: TileMatrixSet, tile: Tile): Bounds {
  const [left, bottom, right, top] = tileBounds(tms, tile)
  const [west, south] = tms.toLonLat(left, bottom)
  const [east, north] = tms.toLonLat(right, top)
  return [west, south, east, north]
}

/** Columns and rows, both inclusive, of the tiles at `z` that touch the longitude-latitude box; null when none does. */
export function tileRange(
  tms: TileMatrixSet,
  z: number,
  lonLat: Bounds,
): { minX: number; minY: number; maxX: number; maxY: number } | null {
  const matrix = matrixOf(tms, z)
  const world = tms.lonLatBounds
  const [west, south] = [Math.max(lonLat[0], world[0]), Math.max(lonLat[1], world[1])]
  const [east, north] = [Math.min(lonLat[2], world[2]), Math.min(lonLat[3], world[3])]
  if (west > east || south > north) return null
  const size = matrix.cellSize * TILE_PIXELS
  const [left, bottom] = tms.fromLonLat(west, south)
  const [right, top] = tms.fromLonLat(east, north)
  const column = (x: number) => Math.floor((x - tms.origin[0]) / size)
  const row = (y: number) => Math.floor((tms.origin[1] - y) / size)
  const clampX = (x: number) => Math.min(matrix.matrixWidth - 1, Math.max(0, x))
  const clampY = (y: number) => Math.min(matrix.matrixHeight - 1, Math.max(0, y))
  return { minX: clampX(column(left)), maxX: clampX(column(right)), minY: clampY(row(top)), maxY: clampY(row(bottom)) }
}

function matrixOf(tms: TileMatrixSet, z: number): TileMatrix {
  const matrix = tms.matrices[z]
  if (!matrix) throw new RangeError(`zoom ${z} is outside 0…${maxZoom(tms)} of ${tms.id}`)
  return matrix
}
