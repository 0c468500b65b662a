import type { Bounds } from '../tile/bounds.ts'

/** x, y, x, y …, counter-clockwise, closed without repeating the first point. */
export type Ring = readonly number[]

/**
 * Points nearer to a line than this, in degrees, are on it: four steps of a double near 180°, which is what two computations of one
 * crossing may differ by. About ten nanometres on the ground.
 */
export const SLACK = 4 * 2 ** -45

/** Half the sum of the cross products around the first point: positive for counter-clockwise rings. */
export function ringArea(ring: Ring): number {
  let sum = 0
  const [x0, y0] = [ring[0] ?? 0, ring[1] ?? 0]
  for (let i = 2; i + 3 < ring.length; i += 2) {
    sum += (ring[i]! - x0) * (ring[i + 3]! - y0) - (ring[i + 2]! - x0) * (ring[i + 1]! - y0)
  }
  return sum / 2
}

export function ringBounds(ring: Ring): Bounds {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < ring.length; i += 2) {
    left = Math.min(left, ring[i]!)
    right = Math.max(right, ring[i]!)
    bottom = Math.min(bottom, ring[i + 1]!)
    top = Math.max(top, ring[i + 1]!)
  }
  return [left, bottom, right, top]
}

export function boundsRing([left, bottom, right, top]: Bounds): Ring {
  return [left, bottom, right, bottom, right, top, left, top]
}

/** The two sides of a ring; null where there is nothing of it. */
export interface SplitRing {
  readonly left: Ring | null
  readonly right: Ring | null
}

/**
 * Parts a ring along the line through a and b, seen from a to b. Both sides of a convex ring are convex; a concave one may get
 * edges that run forth and back along the line, which changes neither its area nor its even-odd fill.
 */
export function splitRing(ring: Ring, ax: number, ay: number, bx: number, by: number): SplitRing {
  const [dx, dy] = [bx - ax, by - ay]
  const slack = SLACK * Math.hypot(dx, dy)
  const sides: number[] = []
  let [onLeft, onRight] = [false, false]
  for (let i = 0; i < ring.length; i += 2) {
    const side = dx * (ring[i + 1]! - ay) - dy * (ring[i]! - ax)
    sides.push(Math.abs(side) <= slack ? 0 : side)
    if (side > slack) onLeft = true
    else if (side < -slack) onRight = true
  }
  if (!onRight) return { left: onLeft ? ring : null, right: null }
  if (!onLeft) return { left: null, right: ring }
  const left: number[] = []
  const right: number[] = []
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [before, here] = [sides[j / 2]!, sides[i / 2]!]
    const [x, y] = [ring[i]!, ring[i + 1]!]
    if (before * here < 0) {
      const share = before / (before - here)
      // Upright and level lines are hit exactly, so that rectangles stay rectangles.
      const crossX = dx === 0 ? ax : ring[j]! + share * (x - ring[j]!)
      const crossY = dy === 0 ? ay : ring[j + 1]! + share * (y - ring[j + 1]!)
      left.push(crossX, crossY)
      right.push(crossX, crossY)
    }
    if (here >= 0) left.push(x, y)
    if (here <= 0) right.push(x, y)
  }
  return { left, right }
}

/** The part of a ring in the rectangle, null when none is. */
export function clipRing(ring: Ring, bounds: Bounds): Ring | null {
  const corners = boundsRing(bounds)
  let rest: Ring | null = ring
  for (let i = 0; i < 8 && rest; i += 2) {
    const next = (i + 2) % 8
    rest = splitRing(rest, corners[i]!, corners[i + 1]!, corners[next]!, corners[next + 1]!).left
  }
  return rest
}
