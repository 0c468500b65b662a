/** Left, bottom, right, top in the units of the coordinate reference system named beside it. */
export type Bounds = readonly [left: number, bottom: number, right: number, top: number]

/** True when the two share an area, not only an edge. */
export function boundsOverlap(a: Bounds, b: Bounds): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/** The common part, or null when there is none. */
export function intersectBounds(a: Bounds, b: Bounds): Bounds | null {
  if (!boundsOverlap(a, b)) return null
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]
}

/** A longitude-latitude box as one or two that do not cross the antimeridian: west > east does (RFC 7946 §5.2). */
export function splitAtAntimeridian(box: Bounds): readonly [Bounds] | readonly [Bounds, Bounds] {
  const [west, south, east, north] = box
  if (west <= east) return [box]
  return [
    [west, south, 180, north],
    [-180, south, east, north],
  ]
}
