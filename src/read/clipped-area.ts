type Point = readonly [x: number, y: number]

/** Four corners in order. */
export type Quad = readonly [Point, Point, Point, Point]

export function polygonArea(points: readonly Point[]): number {
  let sum = 0
  for (let i = 0; i < points.length; i++) {
    const [, before] = points[(i + points.length - 1) % points.length]!
    const [, after] = points[(i + 1) % points.length]!
    sum += points[i]![0] * (after - before)
  }
  return 0.5 * Math.abs(sum)
}

/** Area that a quad has in the pixel whose corner is at a column and row: cut off on the four sides (Sutherland and Hodgman). */
export function clippedArea(quad: Quad, column: number, row: number): number {
  let points: readonly Point[] = quad
  points = cut(points, ([x]) => x - column)
  points = cut(points, ([x]) => column + 1 - x)
  points = cut(points, ([, y]) => y - row)
  points = cut(points, ([, y]) => row + 1 - y)
  return points.length < 3 ? 0 : polygonArea(points)
}

/** What lies on the side where `inside` isn't negative; it is linear in the point. */
function cut(points: readonly Point[], inside: (point: Point) => number): Point[] {
  const kept: Point[] = []
  for (let i = 0; i < points.length; i++) {
    const point = points[i]!
    const next = points[(i + 1) % points.length]!
    const [here, there] = [inside(point), inside(next)]
    if (here >= 0) kept.push(point)
    if (here < 0 === there < 0) continue
    const share = here / (here - there)
    kept.push([point[0] + share * (next[0] - point[0]), point[1] + share * (next[1] - point[1])])
  }
  return kept
}
