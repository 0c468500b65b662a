import type { Bounds } from '../tile/bounds.ts'
import { orientation } from './orientation.ts'

/** x, y, x, y … A ring is closed without repeating its first point. */
export type Coordinates = Float64Array

export interface Polygon {
  /** The outer ring, then holes. */
  readonly rings: readonly Coordinates[]
  /** One ring that turns nowhere to the right, listed counter-clockwise. */
  readonly convex: boolean
}

/** An item's geometry, in longitude and latitude as the catalogue has it. Most are rectangles, which are kept as their box alone. */
export type Footprint =
  | { readonly kind: 'rectangle'; readonly bounds: Bounds }
  | {
      readonly kind: 'shape'
      readonly bounds: Bounds
      readonly polygons: readonly Polygon[]
      readonly lines: readonly Coordinates[]
      readonly points: readonly Coordinates[]
    }

/** A GeoJSON geometry (RFC 7946 §3.1), as far as it matters here. */
interface GeoJsonGeometry {
  readonly type: string
  readonly coordinates?: unknown
  readonly geometries?: readonly GeoJsonGeometry[]
}

type Position = readonly number[]

/** Reads a geometry of PostGIS, whose rings are closed. Null when it has no point at all: such an item intersects nothing. */
export function parseFootprint(geometry: GeoJsonGeometry): Footprint | null {
  const parts: Parts = { polygons: [], lines: [], points: [] }
  collect(geometry, parts)
  const { polygons, lines, points } = parts
  const bounds = boundsOf([...polygons.flatMap(({ rings }) => rings), ...lines, ...points])
  if (!bounds) return null
  const [only] = polygons
  const alone = polygons.length === 1 && lines.length === 0 && points.length === 0
  if (alone && only && isRectangle(only, bounds)) return { kind: 'rectangle', bounds }
  return { kind: 'shape', bounds, polygons, lines, points }
}

/** Corners kept: none for a rectangle, which is its box. */
export function cornerCount(footprint: Footprint | null): number {
  if (footprint?.kind !== 'shape') return 0
  const { polygons, lines, points } = footprint
  const lists = [...polygons.flatMap(({ rings }) => rings), ...lines, ...points]
  return lists.reduce((sum, list) => sum + list.length / 2, 0)
}

interface Parts {
  readonly polygons: Polygon[]
  readonly lines: Coordinates[]
  readonly points: Coordinates[]
}

function collect(geometry: GeoJsonGeometry, parts: Parts): void {
  const { type, coordinates } = geometry
  switch (type) {
    case 'Point':
      parts.points.push(...toCoordinates([coordinates as Position]))
      break
    case 'MultiPoint':
      parts.points.push(...toCoordinates(coordinates as Position[]))
      break
    case 'LineString':
      parts.lines.push(...toCoordinates(coordinates as Position[]))
      break
    case 'MultiLineString':
      for (const line of coordinates as Position[][]) parts.lines.push(...toCoordinates(line))
      break
    case 'Polygon':
      parts.polygons.push(...toPolygons(coordinates as Position[][]))
      break
    case 'MultiPolygon':
      for (const polygon of coordinates as Position[][][]) parts.polygons.push(...toPolygons(polygon))
      break
    case 'GeometryCollection':
      for (const member of geometry.geometries ?? []) collect(member, parts)
  }
}

/** None or one list; heights are dropped, as ST_Intersects ignores them. */
function toCoordinates(positions: readonly Position[]): Coordinates[] {
  const numbers = positions.flatMap(([x, y]) => (x === undefined || y === undefined ? [] : [x, y]))
  return numbers.length === 0 ? [] : [Float64Array.from(numbers)]
}

function toPolygons(rings: readonly (readonly Position[])[]): Polygon[] {
  const open = rings.flatMap((ring) => toCoordinates(ring).map(withoutRepeats))
  const [outer] = open
  if (!outer) return []
  if (open.length > 1 || outer.length < 6) return [{ rings: open, convex: false }]
  if (turnsLeftOnly(outer)) return [{ rings: [outer], convex: true }]
  const reversed = reverse(outer)
  return turnsLeftOnly(reversed) ? [{ rings: [reversed], convex: true }] : [{ rings: [outer], convex: false }]
}

function withoutRepeats(ring: Coordinates): Coordinates {
  const kept: number[] = []
  for (let i = 0; i < ring.length; i += 2) {
    if (ring[i] !== kept.at(-2) || ring[i + 1] !== kept.at(-1)) kept.push(ring[i]!, ring[i + 1]!)
  }
  if (kept.length > 2 && kept[0] === kept.at(-2) && kept[1] === kept.at(-1)) kept.length -= 2
  return Float64Array.from(kept)
}

function reverse(ring: Coordinates): Coordinates {
  const reversed = new Float64Array(ring.length)
  for (let i = 0; i < ring.length; i += 2) {
    reversed[i] = ring[ring.length - 2 - i]!
    reversed[i + 1] = ring[ring.length - 1 - i]!
  }
  return reversed
}

/** Left turns (or none) all along, and one round only: its x goes up once and down once. */
function turnsLeftOnly(ring: Coordinates): boolean {
  const n = ring.length
  let changes = 0
  let heading = 0
  for (let i = 0; i < n + 2; i += 2) {
    const [a, b, c] = [i % n, (i + 2) % n, (i + 4) % n]
    if (orientation(ring[a]!, ring[a + 1]!, ring[b]!, ring[b + 1]!, ring[c]!, ring[c + 1]!) < 0) return false
    const direction = Math.sign(ring[b]! - ring[a]!)
    if (direction !== 0 && direction !== heading) {
      if (heading !== 0) changes++
      heading = direction
    }
  }
  return changes <= 2
}

function boundsOf(lists: readonly Coordinates[]): Bounds | null {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const list of lists) {
    for (let i = 0; i < list.length; i += 2) {
      left = Math.min(left, list[i]!)
      right = Math.max(right, list[i]!)
      bottom = Math.min(bottom, list[i + 1]!)
      top = Math.max(top, list[i + 1]!)
    }
  }
  return left <= right && bottom <= top ? [left, bottom, right, top] : null
}

/** Four corners of the box, one after the other. */
function isRectangle({ rings, convex }: Polygon, [left, bottom, right, top]: Bounds): boolean {
  const ring = rings[0]!
  if (!convex || ring.length !== 8 || left === right || bottom === top) return false
  return [0, 2, 4, 6].every(
    (i) => (ring[i] === left || ring[i] === right) && (ring[i + 1] === bottom || ring[i + 1] === top),
  )
}
