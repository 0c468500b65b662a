/** Changes the first `count` points of both arrays in place; both become NaN where there is no answer. */
export type PointTransform = (xs: Float64Array, ys: Float64Array, count: number) => void

/** Changes nothing. */
export const identity: PointTransform = () => {}

/** One after the other. */
export function chain(...transforms: readonly PointTransform[]): PointTransform {
  const steps = transforms.filter((transform) => transform !== identity)
  if (steps.length === 0) return identity
  if (steps.length === 1) return steps[0]!
  return (xs, ys, count) => {
    for (const step of steps) step(xs, ys, count)
  }
}

/** Writes x and y of one point to out[0], out[1]. */
export type PointFormula = (x: number, y: number, out: Float64Array) => void

/** A formula for single points, applied to all; points without an answer stay without one. */
export function eachPoint(formula: PointFormula): PointTransform {
  const out = new Float64Array(2)
  return (xs, ys, count) => {
    for (let i = 0; i < count; i++) {
      formula(xs[i]!, ys[i]!, out)
      const known = Number.isFinite(out[0]! + out[1]!)
      xs[i] = known ? out[0]! : Number.NaN
      ys[i] = known ? out[1]! : Number.NaN
    }
  }
}

/** One point through a transform: for the few places that need no more. */
export function transformPoint(transform: PointTransform, x: number, y: number): readonly [x: number, y: number] {
  const xs = Float64Array.of(x)
  const ys = Float64Array.of(y)
  transform(xs, ys, 1)
  return [xs[0]!, ys[0]!]
}

/**
 * What a box becomes where x and y don't depend on each other: its middle must lie between its corners, which a box across the
 * antimeridian or beyond a pole has not. Null for those.
 */
export function separableBox(
  transform: PointTransform,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): readonly [minX: number, minY: number, maxX: number, maxY: number] | null {
  const xs = Float64Array.of(x0, (x0 + x1) / 2, x1)
  const ys = Float64Array.of(y0, (y0 + y1) / 2, y1)
  transform(xs, ys, 3)
  const [ax, bx, cx] = [xs[0]!, xs[1]!, xs[2]!]
  const [ay, by, cy] = [ys[0]!, ys[1]!, ys[2]!]
  const inOrder = (ax < bx && bx < cx) || (ax > bx && bx > cx)
  if (!inOrder || !((ay < by && by < cy) || (ay > by && by > cy))) return null
  return [Math.min(ax, cx), Math.min(ay, cy), Math.max(ax, cx), Math.max(ay, cy)]
}
