import { TilepressError } from '../errors.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import { parseDecimal } from './decimal.ts'

export const WGS84: Crs = 'EPSG:4326'

/** Authorities whose codes PROJ knows. Nothing else names a coordinate reference system: GDAL would fetch a URL or read a file. */
const CODE = /^(EPSG|ESRI|OGC|IAU_2015|IGNF)[:/](\w{1,16})$/i

/** OGC's URN and URI of a code: `urn:ogc:def:crs:EPSG::3857`, `http://www.opengis.net/def/crs/EPSG/0/3857`. */
const NAME = /^(?:urn:ogc:def:crs:|https?:\/\/www\.opengis\.net\/def\/crs\/)(\w+)[:/][\w.]*[:/](\w+)$/i

/** A coordinate reference system by authority and code. Throws PARAMETER_INVALID; whether PROJ knows the code shows in the worker. */
export function parseCrs(parameter: string, text: string): Crs {
  const [, authority, code] = CODE.exec(text) ?? CODE.exec((NAME.exec(text) ?? []).slice(1).join(':')) ?? []
  if (authority === undefined || code === undefined) {
    throw new TilepressError('PARAMETER_INVALID', `parameter ${parameter} takes an authority and a code, as EPSG:3857`)
  }
  return `${authority.toUpperCase()}:${code.toUpperCase()}`
}

/**
 * Coordinates beyond it are on no earth, in no unit. GDAL brings longitudes of Web Mercator back into ±180° one turn at a time: with 1e308 it
 * never ends.
 */
const FARTHEST = 1e9

/** Whether it may be a coordinate of something. */
export function isCoordinate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= FARTHEST
}

/** `x,y`. Throws PARAMETER_INVALID. */
export function parsePosition(text: string): readonly [x: number, y: number] {
  const [x, y, ...more] = text.split(',').map(parseDecimal)
  if (!isCoordinate(x) || !isCoordinate(y) || more.length > 0)
    throw new TilepressError('PARAMETER_INVALID', 'a point is two numbers within ±1e9, as 71.68,40.98')
  return [x, y]
}

/** `minx,miny,maxx,maxy`. Throws PARAMETER_INVALID, also for a box without area. */
export function parseBox(text: string): Bounds {
  const [left, bottom, right, top, ...more] = text.split(',').map(parseDecimal)
  if (!isCoordinate(left) || !isCoordinate(bottom) || !isCoordinate(right) || !isCoordinate(top) || more.length > 0)
    throw new TilepressError('PARAMETER_INVALID', 'a bbox is four numbers within ±1e9: minx,miny,maxx,maxy')
  if (left >= right || bottom >= top)
    throw new TilepressError('PARAMETER_INVALID', 'a bbox has minx below maxx and miny below maxy')
  return [left, bottom, right, top]
}
