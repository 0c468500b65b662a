import type { Bounds } from './bounds.ts'
import { curveReach } from './curve-reach.ts'
import type { LonLatTransform } from './lon-lat.ts'

/** Points along an edge. What a curve may reach between them is added, so that more points would only make boxes a little smaller. */
const STEPS = 16

/** Longitudes that jump by more than this from one point to the next passed a pole, on a side that cannot be told. */
const AMBIGUOUS = 170

/** 0.1 mm: what rounding alone may add to a longitude or take from it. */
const ROUNDING = 1e-9

/** 11 cm: the polar sets have their pole some millimetres off their tiles' corners. There a point says nothing about longitudes. */
const POLE = 1e-6

export const WORLD: Bounds = [-180, -90, 180, 90]

/**
 * A longitude-latitude box that holds the whole rectangle of a projected system: its curved edges, a pole inside it, both sides of the
 * antimeridian (west > east crosses it, RFC 7946 §5.2). Never smaller than the rectangle, sometimes a little larger. Null when no point
 * of the rectangle is on Earth. (titiler takes two opposite corners, which loses items; GDAL and PROJ walk the edges as here.)
 */
export function lonLatBounds(transform: LonLatTransform, bounds: Bounds): Bounds | null {
  if (transform.separable) return ofCorners(transform, bounds)
  const edges = walkEdges(transform, bounds)
  const poles = polesInside(transform, bounds)
  const missing = edges.some(({ lon }) => Number.isNaN(lon))
  // Beyond the projection's reach in part: its outline is not the edges'.
  if (missing) return poles.length > 0 || hasPoint(transform, bounds) ? WORLD : null
  const [south, north] = latitudes(edges, poles, transform.slack)
  const [west, east] = longitudes(edges, poles, transform.slack)
  return normalize([west, south, east, north])
}

interface EdgePoint {
  readonly lon: number
  readonly lat: number
}

function ofCorners({ toLonLat }: LonLatTransform, [left, bottom, right, top]: Bounds): Bounds {
  const [west, south] = toLonLat(left, bottom)
  const [east, north] = toLonLat(right, top)
  return normalize([west, south, east, north])
}

/** Around the rectangle, counter-clockwise from its lower left corner; STEPS points a side. */
function walkEdges({ toLonLat }: LonLatTransform, [left, bottom, right, top]: Bounds): EdgePoint[] {
  const corners = [
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top],
  ] as const
  return corners.flatMap(([fromX, fromY], side) => {
    const [toX, toY] = corners[(side + 1) % 4]!
    return Array.from({ length: STEPS }, (_, i) => {
      const [lon, lat] = toLonLat(fromX + ((toX - fromX) * i) / STEPS, fromY + ((toY - fromY) * i) / STEPS)
      return { lon, lat }
    })
  })
}

/** Latitudes of the poles that lie in the rectangle or on its edge. */
function polesInside({ fromLonLat }: LonLatTransform, [left, bottom, right, top]: Bounds): number[] {
  const rounding = 1e-6 * (right - left + top - bottom)
  return [-90, 90].filter((lat) => {
    const [x, y] = fromLonLat(0, lat)
    return x >= left - rounding && x <= right + rounding && y >= bottom - rounding && y <= top + rounding
  })
}

/** Looks at a raster of points in the rectangle. */
function hasPoint({ toLonLat }: LonLatTransform, [left, bottom, right, top]: Bounds): boolean {
  for (let i = 0; i <= STEPS; i++) {
    for (let j = 0; j <= STEPS; j++) {
      const [lon] = toLonLat(left + ((right - left) * i) / STEPS, bottom + ((top - bottom) * j) / STEPS)
      if (!Number.isNaN(lon)) return true
    }
  }
  return false
}

function latitudes(edges: readonly EdgePoint[], poles: readonly number[], slack: number): readonly [number, number] {
  const [south, north] = reach([...edges, edges[0]!].map(({ lat }) => lat))
  return [
    Math.max(-90, poles.includes(-90) ? -90 : south - slack),
    Math.min(90, poles.includes(90) ? 90 : north + slack),
  ]
}

/** Counted on beyond ±180 along the walk, so that the antimeridian is no jump; the full circle around a pole. */
function longitudes(edges: readonly EdgePoint[], poles: readonly number[], slack: number): readonly [number, number] {
  const circle = [-180, 180] as const
  const atPole = edges.map(({ lat }) => Math.abs(lat) >= 90 - POLE)
  const gap = atPole.lastIndexOf(true)
  // From behind the pole, so that the walk does not pass it; or all around.
  const points = [...edges.slice(gap + 1), ...edges.slice(0, gap + 1)].filter(({ lat }) => Math.abs(lat) < 90 - POLE)
  const first = points[0]
  if (first === undefined || (poles.length > 0 && gap < 0)) return circle
  const walk = [first.lon]
  for (const { lon } of gap < 0 ? [...points.slice(1), first] : points.slice(1)) {
    const before = walk.at(-1)!
    const step = shortestWay(lon - before)
    if (Math.abs(step) > AMBIGUOUS) return circle
    walk.push(before + step)
  }
  const turn = Math.abs(shortestWay(walk.at(-1)! - walk[0]!))
  if (gap < 0 ? Math.abs(walk.at(-1)! - walk[0]!) > 180 : turn > AMBIGUOUS) return circle
  const [west, east] = overCuts(walk, reach(walk))
  // Near a pole a metre is many degrees.
  const nearest = Math.max(...edges.map(({ lat }) => Math.abs(lat)))
  const wide = slack / Math.max(1e-6, Math.cos((nearest * Math.PI) / 180))
  return [west - wide, east + wide]
}

function shortestWay(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360)
}

/** A longitude jumps where a conic projection's plane was cut open. What lies between the points beside the cut is added. */
function overCuts(walk: readonly number[], [west, east]: readonly [number, number]): readonly [number, number] {
  const steps = walk.slice(1).map((lon, i) => Math.abs(lon - walk[i]!))
  let [least, greatest] = [west, east]
  for (const [i, step] of steps.entries()) {
    const beside = Math.max(steps[i - 1] ?? 0, steps[i + 1] ?? 0)
    if (step < 1 || step < 4 * beside) continue
    least = Math.min(least, walk[i]! - 2 * beside, walk[i + 1]! - 2 * beside)
    greatest = Math.max(greatest, walk[i]! + 2 * beside, walk[i + 1]! + 2 * beside)
  }
  return [least, greatest]
}

/**
 * Of a walk around the rectangle that ends where it began: side by side, as its corners are no bends. One that leaves
 * out a pole is one side.
 */
function reach(walk: readonly number[]): readonly [number, number] {
  const whole = walk.length === 4 * STEPS + 1
  const sides = whole
    ? [0, 1, 2, 3].map((side) => curveReach(walk, side * STEPS, 1, STEPS + 1))
    : [curveReach(walk, 0, 1, walk.length)]
  return [Math.min(...sides.map(([least]) => least)), Math.max(...sides.map(([, greatest]) => greatest))]
}

/** West in [−180, 180), east in (−180, 180]; what rounding put beyond them is cut. */
function normalize([west, south, east, north]: Bounds): Bounds {
  const [bottom, top] = [Math.max(-90, south), Math.min(90, north)]
  if (west >= -180 - ROUNDING && east <= 180 + ROUNDING) return [Math.max(-180, west), bottom, Math.min(180, east), top]
  if (east - west >= 360) return [-180, bottom, 180, top]
  const wrap = (lon: number) => lon - 360 * Math.floor((lon + 180) / 360)
  const [from, to] = [wrap(west), wrap(east)]
  return [from, bottom, to === -180 ? 180 : to, top]
}
