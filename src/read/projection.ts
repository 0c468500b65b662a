import { type Crs, epsgCode } from '../tile/crs.ts'
import { UtmZone } from './transverse-mercator.ts'

/** Changes coordinates; writes x, y to out[0], out[1], NaN where there is no answer. */
export type Project = (x: number, y: number, out: Float64Array) => void

/** The two directions between the grid's coordinate reference system and a file's. */
export interface Projection {
  readonly toSource: Project
  readonly toTarget: Project
  /** True when source x depends on target x alone and source y on target y alone, so that one row and one column say all. */
  readonly separable: boolean
}

const RADIUS = 6378137
const DEGREES = 180 / Math.PI

interface Formulas {
  readonly separable: boolean
  readonly toLonLat: Project
  readonly fromLonLat: Project
}

const same: Project = (x, y, out) => {
  out[0] = x
  out[1] = y
}

/**
 * GDAL has its own inverse of spherical Mercator (ogrct.cpp, bWebMercatorToWGS84LongLat); the order of operations and the
 * wrap at ±180° decide pixels that lie on an edge, so they are kept.
 */
function mercatorToLonLat(x: number, y: number, out: Float64Array): void {
  let lon = x * (1 / RADIUS)
  if (lon > Math.PI) lon = lon < Math.PI + 1e-14 ? Math.PI : lon - 2 * Math.PI
  else if (lon < -Math.PI) lon = lon > -Math.PI - 1e-14 ? -Math.PI : lon + 2 * Math.PI
  out[0] = lon * DEGREES
  out[1] = (Math.PI / 2 - 2 * Math.atan(Math.exp(-y * (1 / RADIUS)))) * DEGREES
}

function lonLatToMercator(lon: number, lat: number, out: Float64Array): void {
  out[0] = (lon / DEGREES) * RADIUS
  out[1] = Math.abs(lat) >= 90 ? Number.NaN : Math.asinh(Math.tan(lat / DEGREES)) * RADIUS
}

const geographic: Formulas = { separable: true, toLonLat: same, fromLonLat: same }
const mercator: Formulas = { separable: true, toLonLat: mercatorToLonLat, fromLonLat: lonLatToMercator }

function formulasOf(crs: Crs): Formulas | null {
  const epsg = epsgCode(crs)
  if (epsg === null) return null
  if (epsg === 4326) return geographic
  if (epsg === 3857) return mercator
  const utm = utmZoneOf(epsg)
  return utm === null
    ? null
    : {
        separable: false,
        toLonLat: (x, y, out) => utm.toLonLat(x, y, out),
        fromLonLat: (lon, lat, out) => utm.fromLonLat(lon, lat, out),
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

/** The projection between two coordinate reference systems, or null when one is not ours to compute. */
export function projectionBetween(targetCrs: Crs, sourceCrs: Crs): Projection | null {
  if (targetCrs === sourceCrs) return { toSource: same, toTarget: same, separable: true }
  const target = formulasOf(targetCrs)
  const source = formulasOf(sourceCrs)
  if (target === null || source === null) return null
  return {
    toSource: chain(target.toLonLat, source.fromLonLat),
    toTarget: chain(source.toLonLat, target.fromLonLat),
    separable: target.separable && source.separable,
  }
}

function chain(first: Project, second: Project): Project {
  if (first === same) return second
  if (second === same) return first
  return (x, y, out) => {
    first(x, y, out)
    second(out[0]!, out[1]!, out)
  }
}
