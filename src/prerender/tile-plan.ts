import type { Bounds } from '../tile/bounds.ts'
import type { Tile } from '../tile/tile.ts'
import { type TileMatrixSet, tileRange } from '../tile/tile-matrix-set.ts'

/** A block of tiles: its top left tile, and how many columns and rows. */
export interface TileBlock extends Tile {
  readonly columns: number
  readonly rows: number
}

/** The tiles of one zoom in one rectangle, cut into blocks. */
interface PlanPart {
  readonly z: number
  /** Columns and rows, all inclusive. */
  readonly minX: number
  readonly minY: number
  readonly maxX: number
  readonly maxY: number
  /** The first block's place in the grid of blocks, which starts at tile 0/0. */
  readonly blockX: number
  readonly blockY: number
  readonly blockColumns: number
  /** Jobs of all the parts before. */
  readonly firstJob: number
  readonly jobs: number
}

/** What a run renders and in which order: every tile of every zoom that shares an area with a box, once. */
export interface TilePlan {
  readonly side: number
  readonly parts: readonly PlanPart[]
  readonly tilesTotal: number
  readonly jobsTotal: number
}

/**
 * Degrees by which a box is made smaller, so that one that was cut along the edges of tiles does not take their neighbours.
 * 0.1 mm; a tile of zoom 24 is 2.4 m wide.
 */
const EDGE = 1e-9

/**
 * Plans the tiles of the zooms that a longitude-latitude box covers, in blocks of `side` × `side` tiles aligned to multiples of
 * `side`, zooms ascending. A box whose west is greater than its east crosses the antimeridian (RFC 7946 §5.2).
 * All zooms of WebMercatorQuad have 3.8e14 tiles: every count is exact in a double.
 */
export function planTiles(tms: TileMatrixSet, bbox: Bounds, zooms: readonly number[], side: number): TilePlan {
  const parts: PlanPart[] = []
  let [tilesTotal, jobsTotal] = [0, 0]
  for (const z of [...new Set(zooms)].sort((a, b) => a - b)) {
    for (const { minX, minY, maxX, maxY } of rangesAt(tms, bbox, z)) {
      const [blockX, blockY] = [Math.floor(minX / side), Math.floor(minY / side)]
      const blockColumns = Math.floor(maxX / side) - blockX + 1
      const jobs = blockColumns * (Math.floor(maxY / side) - blockY + 1)
      parts.push({ z, minX, minY, maxX, maxY, blockX, blockY, blockColumns, firstJob: jobsTotal, jobs })
      jobsTotal += jobs
      tilesTotal += (maxX - minX + 1) * (maxY - minY + 1)
    }
  }
  return { side, parts, tilesTotal, jobsTotal }
}

/** The index-th block of the plan, clipped to what the plan covers. Throws RangeError outside 0 … jobsTotal − 1. */
export function blockAt({ side, parts, jobsTotal }: TilePlan, index: number): TileBlock {
  const part = parts.findLast(({ firstJob }) => firstJob <= index)
  if (!part || !(index >= 0 && index < jobsTotal)) throw new RangeError(`job ${index} is outside 0…${jobsTotal - 1}`)
  const inPart = index - part.firstJob
  const left = (part.blockX + (inPart % part.blockColumns)) * side
  const top = (part.blockY + Math.floor(inPart / part.blockColumns)) * side
  const [x, y] = [Math.max(left, part.minX), Math.max(top, part.minY)]
  return {
    z: part.z,
    x,
    y,
    columns: Math.min(left + side - 1, part.maxX) - x + 1,
    rows: Math.min(top + side - 1, part.maxY) - y + 1,
  }
}

type Range = NonNullable<ReturnType<typeof tileRange>>

/** One rectangle; two for a box over the antimeridian, unless they meet, as they do at low zooms. */
function rangesAt(tms: TileMatrixSet, [west, south, east, north]: Bounds, z: number): Range[] {
  const range = (left: number, right: number) => tileRange(tms, z, inset([left, south, right, north]))
  if (west <= east) return present([range(west, east)])
  const [inWest, inEast] = [range(-180, east), range(west, 180)]
  if (inWest && inEast && inEast.minX <= inWest.maxX + 1)
    return [{ ...inWest, maxX: Math.max(inWest.maxX, inEast.maxX) }]
  return present([inWest, inEast])
}

function present(ranges: readonly (Range | null)[]): Range[] {
  return ranges.filter((range) => range !== null)
}

function inset([west, south, east, north]: Bounds): Bounds {
  const [left, right] = shrink(west, east)
  const [bottom, top] = shrink(south, north)
  return [left, bottom, right, top]
}

/** A stretch too short to be made smaller becomes its middle. */
function shrink(from: number, to: number): readonly [number, number] {
  const middle = (from + to) / 2
  return to - from > 2 * EDGE ? [from + EDGE, to - EDGE] : [middle, middle]
}
