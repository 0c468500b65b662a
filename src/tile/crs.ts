/** A coordinate reference system by authority and code (`EPSG:3857`, `OGC:CRS84`); one without a code by its WKT or PROJJSON. */
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

/** OGC 09-048r5: `http://www.opengis.net/def/crs/EPSG/0/3857`, `urn:ogc:def:crs:EPSG::3857`; and what people write. */
const notations = [
  /^https?:\/\/www\.opengis\.net\/def\/crs\/(EPSG|OGC)\/[^/]*\/([A-Za-z0-9]+)$/i,
  /^urn:(?:ogc|x-ogc):def:crs:(EPSG|OGC):[^:]*:([A-Za-z0-9]+)$/i,
  /^(EPSG|OGC):([A-Za-z0-9]+)$/i,
]

/** A reference by authority and code, in any of OGC's notations; null for anything else. Whether such a code exists is not asked. */
export function parseCrs(text: string): Crs | null {
  for (const notation of notations) {
    const [, authority, code] = notation.exec(text) ?? []
    if (authority === undefined || code === undefined) continue
    if (authority.toUpperCase() === 'EPSG') return /^\d{1,9}$/.test(code) ? `EPSG:${Number(code)}` : null
    return code.toUpperCase() === 'CRS84' ? 'OGC:CRS84' : null
  }
  return null
}
