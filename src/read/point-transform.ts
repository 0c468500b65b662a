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
