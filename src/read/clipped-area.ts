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

/** Area that a quad has in the pixel whose corner is at a column and row; one that isn't convex counts as two triangles. */
export function clippedArea(quad: Quad, column: number, row: number): number {
  if (isConvex(quad)) return clippedPolygon(quad, column, row)
  const [a, b, c, d] = quad
  return clippedPolygon([a, b, c], column, row) + clippedPolygon([a, c, d], column, row)
}

/** Whether opposite sides of a quad meet. */
export function crossesItself([a, b, c, d]: Quad): boolean {
  return meet(a, b, c, d) || meet(b, c, a, d)
}

/** The sides of the pixel cut the polygon one after the other (Sutherland and Hodgman). */
function clippedPolygon(polygon: readonly Point[], column: number, row: number): number {
  let points = polygon
  points = cut(points, ([x]) => x - column)
  points = cut(points, ([x]) => column + 1 - x)
  points = cut(points, ([, y]) => y - row)
  points = cut(points, ([, y]) => row + 1 - y)
  return points.length < 3 ? 0 : polygonArea(points)
}

function isConvex(quad: Quad): boolean {
  let turn = 0
  for (let i = 0; i < 4; i++) {
    const [a, b, c] = [quad[i]!, quad[(i + 1) % 4]!, quad[(i + 2) % 4]!]
    const cross = (b[1] - a[1]) * (c[0] - b[0]) - (b[0] - a[0]) * (c[1] - b[1])
    if (Math.abs(cross) < 1e-20) continue
    if (turn !== 0 && Math.sign(cross) !== turn) return false
    turn = Math.sign(cross)
  }
  return true
}

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  const denominator = (a[0] - b[0]) * (c[1] - d[1]) - (a[1] - b[1]) * (c[0] - d[0])
  if (denominator === 0) return false
  const t = ((a[0] - c[0]) * (c[1] - d[1]) - (a[1] - c[1]) * (c[0] - d[0])) / denominator
  const u = ((a[0] - c[0]) * (a[1] - b[1]) - (a[1] - c[1]) * (a[0] - b[0])) / denominator
  return t >= 0 && t <= 1 && u >= 0 && u <= 1
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
