import gdal from 'gdal-async'
import { LRUCache } from 'lru-cache'
import type { Crs } from '../tile/crs.ts'

/** What the rules of GDAL's warper ask about a coordinate reference system. */
export interface CrsFacts {
  /** Longitude and latitude in degrees. */
  readonly degrees: boolean
  readonly projected: boolean
  /** WKT 1 name of the projection method, null when there is none. */
  readonly method: string | null
  /** Degrees; 0 where the projection has no such parameter. */
  readonly centralMeridian: number
  readonly latitudeOfOrigin: number
}

/** Of a mosaic's files and the tile matrix sets, with room for odd ones. */
const MAX_KNOWN = 256
const RADIANS_PER_DEGREE = Math.PI / 180

const references = new LRUCache<Crs, gdal.SpatialReference>({ max: MAX_KNOWN })
const facts = new LRUCache<Crs, CrsFacts>({ max: MAX_KNOWN })
const equal = new LRUCache<string, boolean>({ max: MAX_KNOWN })

/**
 * GDAL's object of a CRS, with x before y whatever the authority says, as files have it. It goes through WKT as rasterio's does
 * on its way to the warper. Throws what GDAL throws.
 */
export function spatialReference(crs: Crs): gdal.SpatialReference {
  const known = references.get(crs)
  if (known) return known
  useXyOrder()
  // Codes and PROJJSON alone: GDAL's user input may be a URL or a file as well.
  const given = /^([A-Za-z]+:[A-Za-z0-9]+$|\{)/.test(crs)
    ? gdal.SpatialReference.fromUserInput(crs)
    : gdal.SpatialReference.fromWKT(crs)
  const reference = gdal.SpatialReference.fromWKT(given.toWKT())
  references.set(crs, reference)
  return reference
}

/** Whether both are the same to rasterio (OSRIsSame): that decides between a read as it is and a warp. */
export function isSameCrs(a: Crs, b: Crs): boolean {
  if (a === b) return true
  const key = a < b ? `${a}\n${b}` : `${b}\n${a}`
  let same = equal.get(key)
  if (same === undefined) {
    same = compare(a, b)
    equal.set(key, same)
  }
  return same
}

/** Throws what GDAL throws for text that is no CRS. */
export function crsFacts(crs: Crs): CrsFacts {
  const known = facts.get(crs)
  if (known) return known
  const reference = spatialReference(crs)
  const wkt = reference.toWKT()
  const found: CrsFacts = {
    degrees: reference.isGeographic() && Math.abs(reference.getAngularUnits().value - RADIANS_PER_DEGREE) < 1e-9,
    projected: reference.isProjected(),
    method: reference.getAttrValue('PROJECTION'),
    centralMeridian: parameterOf(wkt, 'central_meridian'),
    latitudeOfOrigin: parameterOf(wkt, 'latitude_of_origin'),
  }
  facts.set(crs, found)
  return found
}

/** The longitude and latitude a CRS is based on. */
export function geographicBase(crs: Crs): Crs {
  return spatialReference(crs).cloneGeogCS().toWKT()
}

function compare(a: Crs, b: Crs): boolean {
  try {
    return spatialReference(a).isSame(spatialReference(b))
  } catch {
    return false
  }
}

function parameterOf(wkt: string, name: string): number {
  const [, value] = new RegExp(`PARAMETER\\["${name}",([^\\]]+)\\]`).exec(wkt) ?? []
  return value === undefined ? 0 : Number(value)
}

let xyOrder = false

/** GDAL's own default is the authority's order: latitude first in EPSG:4326. For objects made from here on. */
function useXyOrder(): void {
  if (xyOrder) return
  gdal.config.set('OSR_DEFAULT_AXIS_MAPPING_STRATEGY', 'TRADITIONAL_GIS_ORDER')
  xyOrder = true
}
