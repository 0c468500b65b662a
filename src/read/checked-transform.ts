import type { PointTransform } from './point-transform.ts'
import type { CrsFacts } from './spatial-reference.ts'

/** How far a point may come back from itself: degrees and metres (OGRProjCT, option THRESHOLD). */
const DEGREES_OFF = 0.1
const METRES_OFF = 10_000

/**
 * GDAL's CHECK_WITH_INVERT_PROJ: an answer that doesn't lead back to where it came from is none. `from` is the system of the
 * points given.
 */
export function checked(forward: PointTransform, backward: PointTransform, from: CrsFacts): PointTransform {
  const tolerance = from.degrees ? DEGREES_OFF : METRES_OFF
  return (xs, ys, count) => {
    const givenX = xs.slice(0, count)
    const givenY = ys.slice(0, count)
    forward(xs, ys, count)
    const backX = xs.slice(0, count)
    const backY = ys.slice(0, count)
    backward(backX, backY, count)
    for (let i = 0; i < count; i++) {
      const near = Math.abs(backX[i]! - givenX[i]!) <= tolerance && Math.abs(backY[i]! - givenY[i]!) <= tolerance
      if (!near) xs[i] = ys[i] = Number.NaN
    }
  }
}
