import type { Bounds } from '../tile/bounds.ts'
import { type DatasetFacts, isPlaced, type PlacedFacts } from './dataset-facts.ts'
import { chain } from './point-transform.ts'
import { gridToFile, projectedBounds } from './projected-bounds.ts'
import { type Projection, projectionBetween } from './projection.ts'
import type { Grid } from './reader.ts'
import { unwrapped } from './seam-crossing.ts'
import { crsFacts, isSameCrs } from './spatial-reference.ts'
import { rasterBounds } from './warp-resolution.ts'
import { worldWidth } from './world-width.ts'

const OUTLINE_POINTS = 21

/** A grid seen from a file. */
export interface GridInFile {
  readonly projection: Projection
  /** In the file's coordinates, west of itself across the antimeridian; null: unknown. */
  readonly bounds: Bounds | null
}

/**
 * Null when there is no way between both systems. Longitudes of a grid across the antimeridian are continuous for files that are
 * so themselves.
 */
export function gridInFile(facts: PlacedFacts, grid: Grid): GridInFile | null {
  const projection = projectionBetween(grid.crs, facts.crs)
  if (projection === null) return null
  if (isSameCrs(facts.crs, grid.crs)) return { projection, bounds: grid.bounds }
  const bounds = projectedBounds(gridToFile(projection), grid.bounds, OUTLINE_POINTS)
  if (bounds === null || bounds[0] <= bounds[2] || !crsFacts(facts.crs).degrees || !isBeyondWorld(facts)) {
    return { projection, bounds }
  }
  const [west, south, east, north] = [bounds[0], bounds[1], bounds[2] + 360, bounds[3]]
  const toSource = chain(projection.toSource, unwrapped((west + east) / 2, 360))
  return { projection: { ...projection, toSource }, bounds: [west, south, east, north] }
}

/** rio-tiler's `tile_exists`: the grid's bounds in the file's coordinates against the file's own; unknown counts as inside. */
export function overlaps(facts: PlacedFacts, { bounds }: GridInFile): boolean {
  if (bounds === null) return true
  const [left, bottom, right, top] = rasterBounds(facts)
  const [west, east] = [Math.min(left, right), Math.max(left, right)]
  const [south, north] = [Math.min(bottom, top), Math.max(bottom, top)]
  // West of itself: across the antimeridian.
  const meets = bounds[0] <= bounds[2] ? bounds[0] < east && bounds[2] > west : bounds[0] < east || bounds[2] > west
  return meets && bounds[3] > south && bounds[1] < north
}

/**
 * The file wherever it lies on the grid: a file that reaches beyond the end of the world also lies at the other end. Most are on a
 * grid once; of none there is the file itself.
 */
export function copiesOn(facts: DatasetFacts, grid: Grid): readonly DatasetFacts[] {
  if (!isPlaced(facts) || !isBeyondWorld(facts)) return [facts]
  const copies = copiesOf(facts).filter((copy) => {
    const place = gridInFile(copy, grid)
    return place !== null && overlaps(copy, place)
  })
  return copies.length === 0 ? [facts] : copies
}

const known = new WeakMap<PlacedFacts, readonly PlacedFacts[]>()

function copiesOf(facts: PlacedFacts): readonly PlacedFacts[] {
  const before = known.get(facts)
  if (before) return before
  const { width } = worldWidth(facts.crs)!
  const [x0, ...rest] = facts.geoTransform
  const moved = [-width, width].map((by): PlacedFacts => ({ ...facts, geoTransform: [x0 + by, ...rest] }))
  const copies = [facts, ...moved]
  known.set(facts, copies)
  return copies
}

/** By more than a pixel: a world file counted from the centres of its pixels is none of these. */
export function isBeyondWorld(facts: PlacedFacts): boolean {
  const world = worldWidth(facts.crs)
  if (world === null) return false
  const [left, , right] = rasterBounds(facts)
  const pixel = Math.abs(right - left) / facts.width
  const { centre, width } = world
  return Math.min(left, right) < centre - width / 2 - pixel || Math.max(left, right) > centre + width / 2 + pixel
}
