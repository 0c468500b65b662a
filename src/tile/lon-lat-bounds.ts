import type { Bounds } from './bounds.ts'
import type { LonLatTransform } from './lon-lat.ts'

/** Points along an edge. What a curve may reach between them is added, so that more would only make boxes a little smaller. */
const STEPS = 16

/** Longitudes that jump by more than this from one point to the next passed a pole, on a side that cannot be told. */
const AMBIGUOUS = 170

/** 0.1 mm: what rounding alone may add to a longitude or take from it. */
const ROUNDING = 1e-9

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
  const rounding = 1e-9 * (right - left + top - bottom)
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
  const [south, north] = reach(edges.map(({ lat }) => lat))
  return [
    Math.max(-90, poles.includes(-90) ? -90 : south - slack),
    Math.min(90, poles.includes(90) ? 90 : north + slack),
  ]
}

/** Counted on beyond ±180 along the walk, so that the antimeridian is no jump; the full circle around a pole. */
function longitudes(edges: readonly EdgePoint[], poles: readonly number[], slack: number): readonly [number, number] {
  const circle = [-180, 180] as const
  // A pole has no longitude of its own.
  const points = edges.filter(({ lat }) => Math.abs(lat) < 90 - ROUNDING)
  const first = points[0]
  if (first === undefined) return circle
  const unwound = [first.lon]
  for (let i = 1; i <= points.length; i++) {
    const step = shortestWay(points[i % points.length]!.lon - points[i - 1]!.lon)
    if (Math.abs(step) > AMBIGUOUS) return circle
    unwound.push(unwound[i - 1]! + step)
  }
  const turned = Math.abs(unwound.pop()! - first.lon) > 180
  if (turned || (poles.length > 0 && points.length === edges.length)) return circle
  const [west, east] = reach(unwound)
  // Near a pole a metre is many degrees.
  const nearest = Math.max(...edges.map(({ lat }) => Math.abs(lat)))
  const wide = slack / Math.max(1e-6, Math.cos((nearest * Math.PI) / 180))
  return [west - wide, east + wide]
}

function shortestWay(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360)
}

/**
 * Least and greatest value of a curve through the points, which it may exceed between them: by an eighth of the second difference where
 * it is a parabola; half of it is added.
 */
function reach(values: readonly number[]): readonly [number, number] {
  const count = values.length
  const at = (i: number) => values[(i + count) % count]!
  const bend = (i: number) => Math.abs(at(i + 1) - 2 * at(i) + at(i - 1))
  let [least, greatest] = [Infinity, -Infinity]
  for (let i = 0; i < count; i++) {
    // A corner of the rectangle is no bend, but its edges may bend on both sides.
    const more = (i % STEPS === 0 ? Math.max(bend(i - 1), bend(i + 1)) : bend(i)) / 2
    least = Math.min(least, at(i) - more)
    greatest = Math.max(greatest, at(i) + more)
  }
  return [least, greatest]
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
