import { LRUCache } from 'lru-cache'
import { type Crs, epsgCode } from '../tile/crs.ts'
import { gdalTransform } from './gdal-transform.ts'
import { chain, eachPoint, identity, type PointFormula, type PointTransform } from './point-transform.ts'
import { isSameCrs } from './spatial-reference.ts'
import { UtmZone } from './transverse-mercator.ts'

/** The two directions between the grid's coordinate reference system and a file's. */
export interface Projection {
  readonly target: Crs
  readonly source: Crs
  readonly toSource: PointTransform
  readonly toTarget: PointTransform
  /** True when source x depends on target x alone and source y on target y alone, so that one row and one column say all. */
  readonly separable: boolean
}

const RADIUS = 6378137
const DEGREES = 180 / Math.PI
const MAX_KNOWN = 128

interface Formulas {
  readonly separable: boolean
  readonly toLonLat: PointTransform
  readonly fromLonLat: PointTransform
}

const known = new LRUCache<string, Projection>({ max: MAX_KNOWN })

/**
 * GDAL has its own inverse of spherical Mercator (ogrct.cpp, bWebMercatorToWGS84LongLat); the order of operations and the
 * wrap at ±180° decide pixels that lie on an edge, so they are kept.
 */
const mercatorToLonLat: PointTransform = (xs, ys, count) => {
  let y = Number.NaN
  let lat = Number.NaN
  for (let i = 0; i < count; i++) {
    let lon = xs[i]! * (1 / RADIUS)
    if (lon > Math.PI) lon = lon < Math.PI + 1e-14 ? Math.PI : wrapped(lon)
    else if (lon < -Math.PI) lon = lon > -Math.PI - 1e-14 ? -Math.PI : wrapped(lon)
    xs[i] = lon * DEGREES
    // Most points come in rows.
    if (ys[i] !== y) {
      y = ys[i]!
      lat = (Math.PI / 2 - 2 * Math.atan(Math.exp(-y * (1 / RADIUS)))) * DEGREES
    }
    ys[i] = lat
  }
}

function wrapped(lon: number): number {
  // Subtracted one by one, as GDAL does; far outside the world a division comes first.
  let value = Math.abs(lon) > 100 ? lon % (2 * Math.PI) : lon
  while (value > Math.PI) value -= 2 * Math.PI
  while (value < -Math.PI) value += 2 * Math.PI
  return value
}

const lonLatToMercator: PointFormula = (lon, lat, out) => {
  out[0] = adjusted(lon / DEGREES) * RADIUS
  out[1] = Math.abs(lat) >= 90 ? Number.NaN : Math.asinh(Math.tan(lat / DEGREES)) * RADIUS
}

/** PROJ's adjlon: longitudes beyond the antimeridian, but not those that rounding put there, come back on the other side. */
function adjusted(lon: number): number {
  if (Math.abs(lon) < Math.PI + 1e-12) return lon
  return lon + Math.PI - 2 * Math.PI * Math.floor((lon + Math.PI) / (2 * Math.PI)) - Math.PI
}

const geographic: Formulas = { separable: true, toLonLat: identity, fromLonLat: identity }
const mercator: Formulas = {
  separable: true,
  toLonLat: mercatorToLonLat,
  fromLonLat: eachPoint(lonLatToMercator),
}

/** The systems with a formula here: GDAL's answers to the last bit or two, at a tenth of the time. */
function formulasOf(crs: Crs): Formulas | null {
  if (crs === 'OGC:CRS84') return geographic
  const epsg = epsgCode(crs)
  if (epsg === null) return null
  if (epsg === 4326) return geographic
  if (epsg === 3857) return mercator
  const utm = utmZoneOf(epsg)
  return utm === null
    ? null
    : {
        separable: false,
        toLonLat: eachPoint((x, y, out) => utm.toLonLat(x, y, out)),
        fromLonLat: eachPoint((lon, lat, out) => utm.fromLonLat(lon, lat, out)),
      }
}

/** WGS 84 / UTM north 326zz and south 327zz, ETRS89 / UTM 258zz (no shift between ETRS89 and WGS 84 in EPSG's null transform). */
function utmZoneOf(epsg: number): UtmZone | null {
  const zone = epsg % 100
  const series = Math.floor(epsg / 100)
  if (zone < 1 || zone > 60) return null
  if (series === 326) return new UtmZone(zone, true, 'wgs84')
  if (series === 327) return new UtmZone(zone, false, 'wgs84')
  if (series === 258 && zone >= 28 && zone <= 38) return new UtmZone(zone, true, 'grs80')
  return null
}

/** The projection between two coordinate reference systems, or null when GDAL has none. */
export function projectionBetween(target: Crs, source: Crs): Projection | null {
  const key = `${target}\n${source}`
  const before = known.get(key)
  if (before) return before
  const projection = ownProjection(target, source) ?? gdalProjection(target, source)
  if (projection !== null) known.set(key, projection)
  return projection
}

function ownProjection(target: Crs, source: Crs): Projection | null {
  if (isSameCrs(target, source)) return { target, source, toSource: identity, toTarget: identity, separable: true }
  const to = formulasOf(target)
  const from = formulasOf(source)
  if (to === null || from === null) return null
  return {
    target,
    source,
    toSource: chain(to.toLonLat, from.fromLonLat),
    toTarget: chain(from.toLonLat, to.fromLonLat),
    separable: to.separable && from.separable,
  }
}

function gdalProjection(target: Crs, source: Crs): Projection | null {
  try {
    return {
      target,
      source,
      toSource: gdalTransform(target, source),
      toTarget: gdalTransform(source, target),
      separable: false,
    }
  } catch {
    return null
  }
}
