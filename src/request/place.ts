import { TilepressError } from '../errors.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'

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

/** `x,y`. Throws PARAMETER_INVALID. */
export function parsePosition(text: string): readonly [x: number, y: number] {
  const [x, y, ...more] = text.split(',').map(decimal)
  if (x == null || y == null || more.length > 0)
    throw new TilepressError('PARAMETER_INVALID', 'a point is two numbers, as 71.68,40.98')
  return [x, y]
}

/** `minx,miny,maxx,maxy`. Throws PARAMETER_INVALID, also for a box without area. */
export function parseBox(text: string): Bounds {
  const [left, bottom, right, top, ...more] = text.split(',').map(decimal)
  if (left == null || bottom == null || right == null || top == null || more.length > 0)
    throw new TilepressError('PARAMETER_INVALID', 'a bbox is four numbers: minx,miny,maxx,maxy')
  if (left >= right || bottom >= top)
    throw new TilepressError('PARAMETER_INVALID', 'a bbox has minx below maxx and miny below maxy')
  return [left, bottom, right, top]
}

/** A finite decimal number, or null. */
function decimal(text: string): number | null {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : null
}
