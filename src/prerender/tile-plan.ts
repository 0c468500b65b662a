import { type Bounds, splitAtAntimeridian } from '../tile/bounds.ts'
import type { Tile } from '../tile/tile.ts'
import { matrixOf, type TileMatrixSet } from '../tile/tile-matrix-set.ts'
import { areasOf, rowBands, type TileRange, tileRange } from '../tile/tile-range.ts'

/** A block of tiles: its first tile, and how many columns and rows; all its rows coalesce alike. */
export interface TileBlock extends Tile {
  readonly columns: number
  readonly rows: number
}

/** The tiles of one zoom in one rectangle, cut into blocks. */
interface PlanPart {
  readonly z: number
  /** Columns of the matrix that are one tile here (17-083r4 §6.2.1.2); columns below are counted in such tiles. */
  readonly coalesce: number
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

/**
 * What a run renders and in which order: every tile of every zoom that shares an area with a box, once; in a system where the box's image
 * is no rectangle, every tile of the rectangle around it.
 */
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
 * All zooms of WebMercatorQuad up to 24 have 3.8e14 tiles: their counts are exact in a double, and those of no run need more.
 */
export function planTiles(tms: TileMatrixSet, bbox: Bounds, zooms: readonly number[], side: number): TilePlan {
  const parts: PlanPart[] = []
  const areas = rectanglesOf(tms, bbox)
  let [tilesTotal, jobsTotal] = [0, 0]
  for (const z of [...new Set(zooms)].sort((a, b) => a - b)) {
    for (const part of partsAt(tms, areas, z)) {
      const { minX, minY, maxX, maxY } = part
      const [blockX, blockY] = [Math.floor(minX / side), Math.floor(minY / side)]
      const blockColumns = Math.floor(maxX / side) - blockX + 1
      const jobs = blockColumns * (Math.floor(maxY / side) - blockY + 1)
      parts.push({ ...part, blockX, blockY, blockColumns, firstJob: jobsTotal, jobs })
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
    x: x * part.coalesce,
    y,
    columns: Math.min(left + side - 1, part.maxX) - x + 1,
    rows: Math.min(top + side - 1, part.maxY) - y + 1,
  }
}

/** What the box covers, in CRS units; of one over the antimeridian the western hemisphere's part first. */
function rectanglesOf(tms: TileMatrixSet, bbox: Bounds): Bounds[] {
  const boxes = tms.transform.separable ? splitAtAntimeridian(bbox) : [bbox]
  return boxes.toReversed().flatMap((box) => areasOf(tms, inset(box)))
}

type Part = TileRange & Pick<PlanPart, 'z' | 'coalesce'>

function partsAt(tms: TileMatrixSet, areas: readonly Bounds[], z: number): Part[] {
  const matrix = matrixOf(tms, z)
  const ranges = areas.map((area) => tileRange(matrix, area)).filter((range) => range !== null)
  return join(ranges).flatMap(({ minX, minY, maxX, maxY }) =>
    rowBands(matrix, minY, maxY).map(({ coalesce, ...rows }) => ({
      ...{ z, coalesce, ...rows },
      minX: Math.floor(minX / coalesce),
      maxX: Math.floor(maxX / coalesce),
    })),
  )
}

/** Two rectangles at the ends of the set are one where they meet, as they do at low zooms. */
function join(ranges: readonly TileRange[]): readonly TileRange[] {
  const [inWest, inEast] = ranges
  if (!inEast || !inWest || inEast.minX > inWest.maxX + 1) return ranges
  return [{ ...inWest, maxX: Math.max(inWest.maxX, inEast.maxX) }]
}

function inset([west, south, east, north]: Bounds): Bounds {
  const [bottom, top] = shrink(south, north)
  if (west > east) return [west, bottom, east, top]
  const [left, right] = shrink(west, east)
  return [left, bottom, right, top]
}

/** A stretch too short to be made smaller becomes its middle. */
function shrink(from: number, to: number): readonly [number, number] {
  const middle = (from + to) / 2
  return to - from > 2 * EDGE ? [from + EDGE, to - EDGE] : [middle, middle]
}
