import gdal from 'gdal-async'
import type { Place } from './file-spec.ts'

type Point = readonly [x: number, y: number]
type Ring = readonly Point[]

export interface Footprint {
  /** West, south, east, north in degrees; west above east across the antimeridian (RFC 7946 §5.2). */
  readonly bbox: readonly [number, number, number, number]
  readonly geometry: { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly Ring[])[] }
}

const STEPS = 10

/** The place's outline in longitude and latitude: cut at the antimeridian, a whole band of latitude around a pole. */
export function footprintOf(place: Place): Footprint {
  const toLonLat = lonLatOf(place.crs)
  const outline = unwrapped(edges(place).map(toLonLat))
  const [lons, lats] = [outline.map(([lon]) => lon), outline.map(([, lat]) => lat)]
  const [west, east] = [Math.min(...lons), Math.max(...lons)]
  const [south, north] = [Math.min(...lats), Math.max(...lats)]
  // Around a pole the outline does not come back to where it began.
  if (Math.abs(outline.at(-1)![0] - outline[0]![0]) > 180) {
    return north > 0 ? box([-180, south, 180, 90]) : box([-180, -90, 180, north])
  }
  if (east <= 180 && west >= -180) return { bbox: [west, south, east, north], geometry: multi([outline]) }
  const turn = east > 180 ? 0 : 360
  const shifted = outline.map(([lon, lat]): Point => [lon + turn, lat])
  const beyond = clipped(shifted, (lon) => lon - 180).map(([lon, lat]): Point => [lon - 360, lat])
  return {
    bbox: [west + turn, south, east + turn - 360, north],
    geometry: multi([clipped(shifted, (lon) => 180 - lon), beyond]),
  }
}

/** A transformation to longitude and latitude, in this order. */
export function lonLatOf(crs: string): (point: Point) => Point {
  return transformation(crs, 'OGC:CRS84')
}

/**
 * A transformation with x (east) before y on both sides: PROJ strings have no other order, and what they leave out of a datum
 * (100 m in Britain) does not matter to an outline.
 */
export function transformation(from: string, to: string): (point: Point) => Point {
  const key = `${from} > ${to}`
  const transform = transformations.get(key) ?? new gdal.CoordinateTransformation(eastFirst(from), eastFirst(to))
  transformations.set(key, transform)
  return ([x, y]) => {
    const moved = transform.transformPoint(x, y)
    return [moved.x, moved.y]
  }
}

/** Making one takes longer than a thousand points. */
const transformations = new Map<string, gdal.CoordinateTransformation>()

function eastFirst(crs: string): gdal.SpatialReference {
  return gdal.SpatialReference.fromProj4(gdal.SpatialReference.fromUserInput(crs).toProj4())
}

/** The outline in the place's own coordinates, closed. */
function edges({ origin: [x, y], pixel, size: [width, height], skew = 0 }: Place): Point[] {
  const corners: Point[] = [
    [0, 0],
    [0, height],
    [width, height],
    [width, 0],
    [0, 0],
  ]
  const points = corners.slice(1).flatMap(([column, row], index) => {
    const [fromColumn, fromRow] = corners[index]!
    return Array.from({ length: STEPS }, (_, step): Point => {
      const share = step / STEPS
      return [fromColumn + (column - fromColumn) * share, fromRow + (row - fromRow) * share]
    })
  })
  return [...points, corners[0]!].map(([column, row]) => [
    x + column * pixel + row * skew,
    y - row * pixel + column * skew,
  ])
}

/** Longitudes without a jump from one point to the next. */
function unwrapped(ring: Ring): Point[] {
  let last = ring[0]![0]
  return ring.map(([lon, lat]) => {
    last = lon + 360 * Math.round((last - lon) / 360)
    return [last, lat]
  })
}

/** The part of the ring where `inside` of the longitude is 0 or more (Sutherland and Hodgman). */
function clipped(ring: Ring, inside: (lon: number) => number): Point[] {
  const kept: Point[] = []
  for (const [index, [lon, lat]] of ring.slice(0, -1).entries()) {
    const [nextLon, nextLat] = ring[index + 1]!
    const [here, there] = [inside(lon), inside(nextLon)]
    if (here >= 0) kept.push([lon, lat])
    if (here * there < 0) kept.push([180, lat + ((nextLat - lat) * here) / (here - there)])
  }
  return [...kept, kept[0]!]
}

function box([west, south, east, north]: readonly [number, number, number, number]): Footprint {
  const ring: Ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
  return { bbox: [west, south, east, north], geometry: multi([ring]) }
}

function multi(rings: readonly Ring[]): Footprint['geometry'] {
  return { type: 'MultiPolygon', coordinates: rings.map((ring) => [ring]) }
}
