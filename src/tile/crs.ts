/** A coordinate reference system by authority and code (`EPSG:3857`, `OGC:CRS84`); one without a code by its WKT. */
export type Crs = string

const authorityCode = /^([A-Za-z]+):([A-Za-z0-9]+)$/

/** The EPSG code, null for any other authority and for WKT. */
export function epsgCode(crs: Crs): number | null {
  const [, authority, code] = authorityCode.exec(crs) ?? []
  return authority === 'EPSG' ? Number(code) : null
}

/** OGC's URI of it (OGC 09-048r5, version 0 as titiler writes it), null for WKT. */
export function crsUri(crs: Crs): string | null {
  const [, authority, code] = authorityCode.exec(crs) ?? []
  return authority === undefined ? null : `http://www.opengis.net/def/crs/${authority}/0/${code}`
}
