import { crsUri, epsgCode, parseCrs } from '../tile/crs.ts'
import type { TileMatrix, TileMatrixSet } from '../tile/tile-matrix-set.ts'
import { pointOfOrigin } from '../tile/tile-matrix-set-document.ts'
import type { WmtsLayer } from './wmts-layers.ts'

/** A WMTS 1.0.0 capabilities document (OGC 07-057r7 §7.1.1, RESTful only), in the order its schema demands. */

export interface CapabilitiesParts {
  readonly title: string
  /** Address of this document. */
  readonly url: string
  /** Address of the mosaic: `<base>/searches/<id>` or `<base>/collections/<id>`. */
  readonly mosaic: string
  readonly layers: readonly WmtsLayer[]
  readonly sets: readonly TileMatrixSet[]
  /** Ending of the tiles, and what it is. */
  readonly format: string
  readonly mediaType: string
  /** SupportedCRS as EPSG:code, for ArcMap. */
  readonly useEpsg: boolean
}

/**
 * Whether WMTS 1.0 can say where the set's tiles are: it knows neither coalesced rows nor an origin at the bottom, and names a coordinate
 * reference system by a URI. A client would put the tiles of another set in wrong places.
 */
export function isForWmts(tms: TileMatrixSet): boolean {
  return supportedCrs(tms, false) !== null && !tms.levels.some((each) => each.coalescedRows !== null || each.bottomLeft)
}

export function wmtsCapabilities(parts: CapabilitiesParts): string {
  const url = escapeXml(parts.url)
  return `<?xml version="1.0" encoding="UTF-8"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.opengis.net/wmts/1.0 http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd" version="1.0.0">
<ows:ServiceIdentification>
<ows:Title>${escapeXml(parts.title)}</ows:Title>
<ows:ServiceType>OGC WMTS</ows:ServiceType>
<ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion>
</ows:ServiceIdentification>
<ows:ServiceProvider>
<ows:ProviderName>Tilepress</ows:ProviderName>
<ows:ServiceContact/>
</ows:ServiceProvider>
<ows:OperationsMetadata>
${operation('GetCapabilities', url)}
${operation('GetTile', url)}
</ows:OperationsMetadata>
<Contents>
${parts.layers.map((layer) => layerXml(parts, layer)).join('\n')}
${parts.sets.map((tms) => tileMatrixSetXml(tms, parts.useEpsg)).join('\n')}
</Contents>
<ServiceMetadataURL xlink:href="${url}"/>
</Capabilities>
`
}

function operation(name: string, url: string): string {
  const constraint = '<ows:AllowedValues><ows:Value>RESTful</ows:Value></ows:AllowedValues>'
  return `<ows:Operation name="${name}"><ows:DCP><ows:HTTP><ows:Get xlink:href="${url}"><ows:Constraint name="GetEncoding">${constraint}</ows:Constraint></ows:Get></ows:HTTP></ows:DCP></ows:Operation>`
}

function layerXml({ mosaic, format, mediaType }: CapabilitiesParts, layer: WmtsLayer): string {
  const { tms, query } = layer
  const [west, south, east, north] = layer.bounds
  const name = escapeXml(layer.identifier)
  const path = `${mosaic}/tiles/${tms.id}/{TileMatrix}/{TileCol}/{TileRow}.${format}`
  const limits = layer.limits.map(
    (limit) =>
      `<TileMatrixLimits><TileMatrix>${limit.tileMatrix}</TileMatrix>` +
      `<MinTileRow>${limit.minTileRow}</MinTileRow><MaxTileRow>${limit.maxTileRow}</MaxTileRow>` +
      `<MinTileCol>${limit.minTileCol}</MinTileCol><MaxTileCol>${limit.maxTileCol}</MaxTileCol></TileMatrixLimits>`,
  )
  return `<Layer>
<ows:Title>${name}</ows:Title>
<ows:WGS84BoundingBox crs="urn:ogc:def:crs:OGC:2:84"><ows:LowerCorner>${west} ${south}</ows:LowerCorner><ows:UpperCorner>${east} ${north}</ows:UpperCorner></ows:WGS84BoundingBox>
<ows:Identifier>${name}</ows:Identifier>
<Style isDefault="true"><ows:Title>${name}</ows:Title><ows:Identifier>${name}</ows:Identifier></Style>
<Format>${mediaType}</Format>
<TileMatrixSetLink><TileMatrixSet>${tms.id}</TileMatrixSet><TileMatrixSetLimits>
${limits.join('\n')}
</TileMatrixSetLimits></TileMatrixSetLink>
<ResourceURL format="${mediaType}" resourceType="tile" template="${escapeXml(`${path}?${query}`)}"/>
</Layer>`
}

function tileMatrixSetXml(tms: TileMatrixSet, useEpsg: boolean): string {
  const own = tms.levels.slice(0, tms.maxZoom - tms.minZoom + 1)
  const matrices = own.map((matrix) => {
    const [first, second] = pointOfOrigin(tms, matrix)
    return (
      `<TileMatrix><ows:Identifier>${matrix.zoom}</ows:Identifier>` +
      `<ScaleDenominator>${scaleDenominator(matrix)}</ScaleDenominator>` +
      `<TopLeftCorner>${first} ${second}</TopLeftCorner>` +
      `<TileWidth>${matrix.tileSize}</TileWidth><TileHeight>${matrix.tileSize}</TileHeight>` +
      `<MatrixWidth>${matrix.matrixWidth}</MatrixWidth><MatrixHeight>${matrix.matrixHeight}</MatrixHeight></TileMatrix>`
    )
  })
  return `<TileMatrixSet>
<ows:Identifier>${tms.id}</ows:Identifier>
<ows:SupportedCRS>${escapeXml(supportedCrs(tms, useEpsg) ?? '')}</ows:SupportedCRS>
${matrices.join('\n')}
</TileMatrixSet>`
}

/** As the set's document names it; a system without an EPSG code keeps that name. */
function supportedCrs({ crs, crsReference }: TileMatrixSet, useEpsg: boolean): string | null {
  const epsg = epsgCode(crs)
  if (useEpsg && epsg !== null) return `EPSG:${epsg}`
  const named = typeof crsReference === 'string' && parseCrs(crsReference) !== null
  return named ? crsReference : crsUri(crs)
}

/** The standard's pixel of 0.28 mm (07-057r7 §6.1). */
const PIXEL = 0.00028

/** A degree, a metre, an international and a US survey foot, in metres (17-083r4 §6.1.1 note g, WGS 84's equator for the degree). */
const UNITS = [(2 * Math.PI * 6378137) / 360, 1, 0.3048, 1200 / 3937]

/**
 * WMTS clients know cells by their scale alone, so one that disagrees with the cells (CanadianNAD83_LCC's, by up to 5.5 %) would put
 * tiles in wrong places: it is made anew from them.
 */
function scaleDenominator({ scaleDenominator: given, cellSize }: TileMatrix): number {
  const perUnit = (given * PIXEL) / cellSize
  const unit = UNITS.toSorted((a, b) => Math.abs(Math.log(perUnit / a)) - Math.abs(Math.log(perUnit / b)))[0]!
  return Math.abs(perUnit / unit - 1) < 1e-9 ? given : (cellSize * unit) / PIXEL
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Without the characters that XML 1.0 cannot hold at all. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"']/g, (c) => entities[c]!)
}
