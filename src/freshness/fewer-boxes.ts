import type { Bounds } from '../tile/bounds.ts'

/** Steps along each axis of the curve that orders boxes. */
const STEPS = 65_536

/**
 * At most `limit` boxes that cover all that the given ones do. Neighbours along a Z-order curve (Morton, 1966) are joined, those first that
 * add least area; a box inside its neighbour is free.
 */
export function fewerBoxes(boxes: readonly Bounds[], limit: number): readonly Bounds[] {
  if (boxes.length <= 1) return boxes
  const ordered = boxes
    .map((box) => ({ box, place: curvePlace(box) }))
    .sort((a, b) => a.place - b.place)
    .map(({ box }) => box)
  const costs = ordered.slice(1).map((box, index) => joinCost(ordered[index]!, box))
  while (ordered.length > 1) {
    const cheapest = costs.reduce((best, cost, index) => (cost < costs[best]! ? index : best), 0)
    if (ordered.length <= limit && costs[cheapest]! > 0) break
    ordered.splice(cheapest, 2, union(ordered[cheapest]!, ordered[cheapest + 1]!))
    costs.splice(cheapest, 1)
    for (const index of [cheapest - 1, cheapest]) {
      if (index >= 0 && index < costs.length) costs[index] = joinCost(ordered[index]!, ordered[index + 1]!)
    }
  }
  return ordered
}

/** Area that the union has and neither of the two. */
function joinCost(a: Bounds, b: Bounds): number {
  const common =
    Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]))
  const cost = area(union(a, b)) - area(a) - area(b) + common
  // What rounding leaves of nothing.
  return cost < 1e-12 ? 0 : cost
}

function union(a: Bounds, b: Bounds): Bounds {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]
}

function area([left, bottom, right, top]: Bounds): number {
  return (right - left) * (top - bottom)
}

function curvePlace([west, south, east, north]: Bounds): number {
  const x = step((west + east) / 2 + 180)
  const y = step((south + north) / 2 + 180)
  let place = 0
  // 32 bits in all, as a double: bitwise operators would make the highest one a sign.
  for (let bit = 15; bit >= 0; bit--) place = place * 4 + ((y >> bit) & 1) * 2 + ((x >> bit) & 1)
  return place
}

function step(degrees: number): number {
  return Math.min(STEPS - 1, Math.max(0, Math.floor((degrees / 360) * STEPS)))
}
