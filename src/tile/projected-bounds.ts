import type { Bounds } from './bounds.ts'
import { curveReach } from './curve-reach.ts'
import type { LonLatTransform } from './lon-lat.ts'

/** Points along a side of the raster that stands for a box. What lies between them is added as for lonLatBounds. */
const STEPS = 32

/**
 * A rectangle of the system that holds what of a longitude-latitude box (west > east crosses the antimeridian) lies in `extent`; may reach
 * beyond `extent`. Never too small, sometimes larger, as a box's image has curved edges; null when the two share nothing.
 */
export function projectedBounds(transform: LonLatTransform, box: Bounds, extent: Bounds): Bounds | null {
  const [west, south, east, north] = box
  const [fromX, toX] = [west, west <= east ? east : east + 360]
  if (transform.separable) {
    const [left, bottom] = transform.fromLonLat(west, south)
    const [right, top] = transform.fromLonLat(east, north)
    return [left, bottom, right, top]
  }
  const xs = new Float64Array((STEPS + 1) ** 2)
  const ys = new Float64Array((STEPS + 1) ** 2)
  for (let j = 0, k = 0; j <= STEPS; j++) {
    for (let i = 0; i <= STEPS; i++, k++) {
      const lon = fromX + ((toX - fromX) * i) / STEPS
      const [x, y] = transform.fromLonLat(lon > 180 ? lon - 360 : lon, south + ((north - south) * j) / STEPS)
      // Beyond the projection's reach there may be anything.
      if (Number.isNaN(x)) return extent
      xs[k] = x
      ys[k] = y
    }
  }
  const [left, right] = reach(xs)
  const [bottom, top] = reach(ys)
  const apart = left > extent[2] || right < extent[0] || bottom > extent[3] || top < extent[1]
  return apart ? null : [left, bottom, right, top]
}

/** Least and greatest value of a smooth surface through the raster, along its rows and its columns. */
function reach(values: Float64Array): readonly [number, number] {
  const side = STEPS + 1
  let [least, greatest] = [Infinity, -Infinity]
  for (let i = 0; i < side; i++) {
    for (const [low, high] of [curveReach(values, i * side, 1, side), curveReach(values, i, side, side)]) {
      least = Math.min(least, low)
      greatest = Math.max(greatest, high)
    }
  }
  return [least, greatest]
}
