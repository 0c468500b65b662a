import type { Crs } from '../tile/crs.ts'
import type { GeoTransform, PlacedFacts, Size } from './dataset-facts.ts'
import { fromPixels } from './geo-transform.ts'
import { chain, type PointTransform, transformPoint } from './point-transform.ts'
import type { Projection } from './projection.ts'
import { worldWidth } from './world-width.ts'

/** Points between the corners of a side. */
const SIDE_POINTS = 21

/** A raster that lies across the seam of a system, where x jumps from one end of the world to the other: its middle there. */
export interface SeamCrossing {
  readonly middle: number
  /** Of the world. */
  readonly width: number
}

const known = new WeakMap<PlacedFacts, Map<Crs, SeamCrossing | null>>()

/** Whether a file lies across the seam of the projection's target; see `crossingOf`. */
export function seamCrossing(facts: PlacedFacts, projection: Projection): SeamCrossing | null {
  const byTarget = known.get(facts) ?? new Map<Crs, SeamCrossing | null>()
  known.set(facts, byTarget)
  const before = byTarget.get(projection.target)
  if (before !== undefined) return before
  const crossing = crossingOf(facts, facts.geoTransform, projection)
  byTarget.set(projection.target, crossing)
  return crossing
}

/**
 * Null for a raster on one side of the seam, and for one that is half the Earth wide or holds a pole: which is its other side then,
 * nobody can tell, and GDAL's idea of it serves.
 */
export function crossingOf({ width, height }: Size, place: GeoTransform, projection: Projection): SeamCrossing | null {
  const world = worldWidth(projection.target)
  if (world === null) return null
  const forward = chain(fromPixels(place), projection.toTarget)
  const [middle] = transformPoint(forward, width / 2, height / 2)
  const xs = new Float64Array(4 * SIDE_POINTS)
  const ys = new Float64Array(4 * SIDE_POINTS)
  for (let k = 0; k < SIDE_POINTS; k++) {
    const share = k / SIDE_POINTS
    const corners = [
      [share * width, 0],
      [width, share * height],
      [(1 - share) * width, height],
      [0, (1 - share) * height],
    ] as const
    for (const [side, [x, y]] of corners.entries()) {
      xs[side * SIDE_POINTS + k] = x
      ys[side * SIDE_POINTS + k] = y
    }
  }
  forward(xs, ys, xs.length)
  const half = world.width / 2
  let jumps = false
  for (let i = 0; i < xs.length; i++) jumps ||= Math.abs(xs[i]! - xs.at(i - 1)!) > half
  if (!jumps || xs.some((x) => Number.isNaN(x))) return null
  unwrapped(middle, world.width)(xs, ys, xs.length)
  return Math.max(...xs) - Math.min(...xs) < half ? { middle, width: world.width } : null
}

/** Moves x by the width of the world to within half of it around the middle. */
export function unwrapped(middle: number, width: number): PointTransform {
  return (xs, _ys, count) => {
    for (let i = 0; i < count; i++) {
      if (xs[i]! < middle - width / 2) xs[i]! += width
      else if (xs[i]! > middle + width / 2) xs[i]! -= width
    }
  }
}
