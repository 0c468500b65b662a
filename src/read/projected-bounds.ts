import { LRUCache } from 'lru-cache'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import { type PointTransform, separableBox, transformPoint } from './point-transform.ts'
import { type Projection, projectionBetween } from './projection.ts'
import { type CrsFacts, crsFacts, geographicBase } from './spatial-reference.ts'

/** A change of longitude this large between neighbours of an outline is a step over the antimeridian. */
const ANTIMERIDIAN_STEP = 200
/** Where Mercator ends, in degrees; the pole of other projections is at 90. */
const MERCATOR_LATITUDE = 85.0511287798066
const BESIDE = 1e-8

/** Bounds in one system of a box in another, and how to get from one to the other. */
export interface BoxProjection {
  readonly from: Crs
  readonly to: Crs
  readonly forward: PointTransform
  readonly backward: PointTransform
  readonly separable: boolean
}

/** From the grid to the file. */
export function gridToFile(projection: Projection): BoxProjection {
  const { target, source, toSource, toTarget, separable } = projection
  return { from: target, to: source, forward: toSource, backward: toTarget, separable }
}

/**
 * Bounds of a projected box from `points` more points on each side (OGRProjCT::TransformBounds). In degrees the west is greater
 * than the east where the box crosses the antimeridian, and a box with a pole reaches it. Null: no point has an answer.
 */
export function projectedBounds(projection: BoxProjection, box: Bounds, points: number): Bounds | null {
  const { forward, backward, separable } = projection
  const [left, bottom, right, top] = box
  const plain = separable ? separableBox(forward, left, bottom, right, top) : null
  if (plain !== null) return plain
  const to = crsFacts(projection.to)
  const [xs, ys] = outline(box, points + 1)
  forward(xs, ys, xs.length)
  const y = extremes(ys)
  if (y === null) return null
  if (!to.degrees) {
    const x = extremes(xs)
    return x && withPoles(projection, to, box, [x[0], y[0], x[1], y[1]])
  }
  if (contains(box, transformPoint(backward, 0, 90))) return [-180, y[0], 180, 90]
  if (contains(box, transformPoint(backward, 0, -90))) return [-180, -90, 180, y[1]]
  return [westOf(xs), y[0], eastOf(xs), y[1]]
}

/** A ring of points: down the west, along the south, up the east, back along the north. */
function outline([left, bottom, right, top]: Bounds, perSide: number): readonly [Float64Array, Float64Array] {
  const stepX = (right - left) / perSide
  const stepY = (top - bottom) / perSide
  const xs = new Float64Array(4 * perSide)
  const ys = new Float64Array(4 * perSide)
  for (let i = 0; i < perSide; i++) {
    xs[i] = left
    ys[i] = top - i * stepY
    xs[i + perSide] = left + i * stepX
    ys[i + perSide] = bottom
    xs[i + 2 * perSide] = right
    ys[i + 2 * perSide] = bottom + i * stepY
    xs[i + 3 * perSide] = right - i * stepX
    ys[i + 3 * perSide] = top
  }
  return [xs, ys]
}

function extremes(values: Float64Array): readonly [min: number, max: number] | null {
  let min = Infinity
  let max = -Infinity
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return min <= max ? [min, max] : null
}

function contains([left, bottom, right, top]: Bounds, [x, y]: readonly [number, number]): boolean {
  return left < x && x < right && top > y && y > bottom
}

/** Places on earth in the system a box is given in: the same few are asked for again and again. */
const places = new LRUCache<string, readonly [x: number, y: number]>({ max: 1024 })

function placeOf({ from, to }: BoxProjection, lon: number, lat: number): readonly [x: number, y: number] {
  const key = `${lon} ${lat} ${from} ${to}`
  const known = places.get(key)
  if (known) return known
  const base = projectionBetween(geographicBase(to), from)
  const place = base === null ? ([Number.NaN, Number.NaN] as const) : transformPoint(base.toSource, lon, lat)
  places.set(key, place)
  return place
}

/** A pole, or the meridian opposite the central one, may be the outermost point of a box without being on its edge. */
function withPoles(projection: BoxProjection, to: CrsFacts, box: Bounds, bounds: Bounds): Bounds {
  if (!to.projected) return bounds
  const [left, bottom, right, top] = box
  let [minX, minY, maxX, maxY] = bounds
  const visit = (lon: number, lat: number): boolean => {
    const [x, y] = placeOf(projection, lon, lat)
    if (!(x >= left && y >= bottom && x <= right && y <= top)) return false
    const [px, py] = transformPoint(projection.forward, x, y)
    if (Number.isNaN(px)) return false
    minX = Math.min(minX, px)
    minY = Math.min(minY, py)
    maxX = Math.max(maxX, px)
    maxY = Math.max(maxY, py)
    return true
  }
  const opposite = (lat: number) => {
    for (const sign of [-1, 1]) visit(((to.centralMeridian + sign * (180 - BESIDE) + 180) % 360) - 180, lat)
  }
  const pole = to.method === 'Mercator_1SP' && to.centralMeridian === 0 ? MERCATOR_LATITUDE : 90
  let included: number | null = null
  for (const sign of [-1, 1]) if (visit(to.centralMeridian, sign * (pole - BESIDE))) included = sign * pole
  if (to.centralMeridian !== 0) opposite(to.latitudeOfOrigin)
  if (included !== null && to.latitudeOfOrigin !== included) opposite(included)
  return [minX, minY, maxX, maxY]
}

/** The previous point of a ring that has an answer, and its distance in longitude. */
function stepTo(xs: Float64Array, at: number): number {
  for (let back = 1; back < xs.length; back++) {
    const previous = xs[(at - back + xs.length) % xs.length]!
    if (!Number.isNaN(previous)) return previous - xs[at]!
  }
  return 0
}

/** Smallest longitude, counted from the antimeridian where the ring crosses it twice. */
function westOf(xs: Float64Array): number {
  let beyond = Infinity
  let west = Infinity
  let crossings = 0
  let positive = false
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]!
    if (Number.isNaN(x)) continue
    const step = stepTo(xs, i)
    if (step >= ANTIMERIDIAN_STEP) {
      if (crossings++ === 0) beyond = west
      positive = false
    } else if (step <= -ANTIMERIDIAN_STEP) {
      if (crossings++ === 0) beyond = x
      positive = true
    }
    if (positive && x < beyond) beyond = x
    if (x < west) west = x
  }
  return crossings === 2 ? beyond : crossings === 4 ? -180 : west
}

/** As `westOf`, the largest. */
function eastOf(xs: Float64Array): number {
  let beyond = -Infinity
  let east = -Infinity
  let crossings = 0
  let negative = false
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]!
    if (Number.isNaN(x)) continue
    const step = stepTo(xs, i)
    if (step >= ANTIMERIDIAN_STEP) {
      if (crossings++ === 0) beyond = x
      negative = true
    } else if (step <= -ANTIMERIDIAN_STEP) {
      if (crossings++ === 0) beyond = east
      negative = false
    }
    if (negative && x > beyond) beyond = x
    if (x > east) east = x
  }
  return crossings === 2 ? beyond : crossings === 4 ? 180 : east
}
