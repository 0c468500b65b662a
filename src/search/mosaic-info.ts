import type { Bounds } from '../tile/bounds.ts'
import type { TileMatrixSet } from '../tile/tile-matrix-set.ts'
import { toBounds } from './json.ts'
import type { MosaicDescription, RegisteredSearch } from './registered-search.ts'
import { type RenderDefaults, renderDefaults, renderQuery } from './render-defaults.ts'

/** The answers about a mosaic, in titiler-pgstac's shapes and order, so that its clients find what they look for. */

export interface Link {
  readonly rel: string
  readonly title?: string
  readonly href: string
  readonly templated?: true
}

/** Which links there are: those of a default are left out when its parameters are none that a tile takes, as titiler does. */
export interface LinkOptions {
  readonly wmts?: boolean
  readonly isRenderable?: (query: URLSearchParams) => boolean
}

/**
 * POST /searches/register.
 * @param base address of the API, without a slash at its end
 */
export function registerResponse(base: string, search: RegisteredSearch, options: LinkOptions = {}) {
  const mosaic = `${base}/searches/${search.hash}`
  const layers = renderableLayers(search, options)
  const links: Link[] = [
    { rel: 'metadata', title: 'Mosaic metadata', href: `${mosaic}/info` },
    { rel: 'tilejson', title: 'Link for TileJSON (Template URL)', href: tileJsonHref(mosaic), templated: true },
    { rel: 'map', title: 'Link for Map viewer (Template URL)', href: mapHref(mosaic), templated: true },
    ...wmtsLink(mosaic, options),
    ...layers.map((layer) => layerLink('tilejson', 'TileJSON link', tileJsonHref(mosaic), layer)),
  ]
  return { id: search.hash, links }
}

/**
 * GET /searches/{id}/info and /collections/{id}/info.
 * @param mosaic address of the mosaic: `<base>/searches/<id>` or `<base>/collections/<id>`
 */
export function infoResponse(mosaic: string, search: RegisteredSearch, options: LinkOptions = {}) {
  const layers = renderableLayers(search, options)
  const links: Link[] = [
    { rel: 'self', title: 'Mosaic metadata', href: `${mosaic}/info` },
    { rel: 'tilejson', title: 'TileJSON link (Template URL).', href: tileJsonHref(mosaic), templated: true },
    ...layers.map((layer) => layerLink('tilejson', 'TileJSON link', tileJsonHref(mosaic), layer)),
    { rel: 'map', title: 'Map viewer link (Template URL).', href: mapHref(mosaic), templated: true },
    ...layers.map((layer) => layerLink('map', 'Map viewer link', mapHref(mosaic), layer)),
    ...wmtsLink(mosaic, options),
  ]
  return { search, links }
}

export interface TileJsonParts {
  /** Address of the mosaic, see infoResponse. */
  readonly mosaic: string
  readonly search: MosaicDescription
  readonly tms: TileMatrixSet
  /** The request's own parameters: they go on to the tiles, but for those about the document itself. */
  readonly query: URLSearchParams
  /** File ending of the tiles; none = the format is chosen by content. */
  readonly format?: string
  /** Instead of the search's own. */
  readonly minzoom?: number
  readonly maxzoom?: number
  readonly attribution?: string
}

const aboutTheDocument = new Set(['tilematrixsetid', 'tile_format', 'minzoom', 'maxzoom'])

/** Side of the tiles in pixels when the request does not say: titiler's TileJSON asks for 512 where its tile endpoint gives 256. */
const TILE_JSON_TILE_SIZE = '512'

/**
 * TileJSON 3.0.0. Zooms come from the request, else the search's metadata, else the tile matrix set, whose range they never leave; bounds from
 * the search's bbox, else its metadata, else the tile matrix set.
 */
export function tileJson({ mosaic, search, tms, query, format, minzoom, maxzoom, attribution }: TileJsonParts) {
  const forwarded = new URLSearchParams([...query].filter(([key]) => !aboutTheDocument.has(key.toLowerCase())))
  if (!forwarded.has('tilesize')) forwarded.append('tilesize', TILE_JSON_TILE_SIZE)
  const ending = format === undefined ? '' : `.${format}`
  const [west, south, east, north] = mosaicBounds(search, tms)
  const zooms = mosaicZooms(search, tms)
  const lowest = minzoom ?? zooms.minzoom
  const layers = renderDefaults(search.metadata.defaults)
  return {
    tilejson: '3.0.0',
    version: '1.0.0',
    scheme: 'xyz',
    ...(typeof search.metadata.name === 'string' && { name: search.metadata.name }),
    ...(attribution !== undefined && { attribution }),
    tiles: [`${mosaic}/tiles/${tms.id}/{z}/{x}/{y}${ending}?${forwarded}`],
    minzoom: lowest,
    maxzoom: maxzoom ?? zooms.maxzoom,
    // TileJSON 3.0.0 §3.4: bounds must not wrap around the antimeridian.
    bounds: west <= east ? [west, south, east, north] : [-180, south, 180, north],
    center: [middleOf(west, east), (south + north) / 2, lowest],
    /** Not in the specification; MapLibre takes it, and draws tiles of another size than 512 at the wrong scale without it. */
    tileSize: Number(forwarded.get('tilesize')),
    raster_layers: layers,
  }
}

/** Half way from west to east, over the antimeridian if need be. */
function middleOf(west: number, east: number): number {
  if (west <= east) return (west + east) / 2
  const middle = (west + east + 360) / 2
  return middle > 180 ? middle - 360 : middle
}

/** Longitude and latitude of what the mosaic covers, as far as its search tells; west > east crosses the antimeridian. */
export function mosaicBounds({ search, metadata }: MosaicDescription, tms: TileMatrixSet): Bounds {
  return toBounds(search.bbox) ?? toBounds(metadata.bounds) ?? tms.lonLatBounds
}

/** Zooms at which the mosaic is meant to be seen. Its own are taken as they are in every set, as titiler does, but within the set's. */
export function mosaicZooms({ metadata }: MosaicDescription, tms: TileMatrixSet): { minzoom: number; maxzoom: number } {
  const within = (zoom: unknown, fallback: number) =>
    typeof zoom === 'number' && Number.isInteger(zoom) ? Math.min(Math.max(zoom, tms.minZoom), tms.maxZoom) : fallback
  return { minzoom: within(metadata.minzoom, tms.minZoom), maxzoom: within(metadata.maxzoom, tms.maxZoom) }
}

/** Parameters of the first of a mosaic's defaults that a tile can be drawn with, null when there is none. */
export function drawnByDefault(
  search: MosaicDescription,
  isRenderable: (query: URLSearchParams) => boolean,
): URLSearchParams | null {
  return renderableLayers(search, { isRenderable })[0]?.[1] ?? null
}

const tileJsonHref = (mosaic: string) => `${mosaic}/{tileMatrixSetId}/tilejson.json`
const mapHref = (mosaic: string) => `${mosaic}/{tileMatrixSetId}/map.html`

type Layer = readonly [name: string, query: URLSearchParams]

function renderableLayers({ metadata }: MosaicDescription, { isRenderable = () => true }: LinkOptions): Layer[] {
  const defaults: RenderDefaults = renderDefaults(metadata.defaults)
  return Object.entries(defaults)
    .map(([name, render]): Layer => [name, renderQuery(render)])
    .filter(([, query]) => isRenderable(query))
}

function layerLink(rel: string, what: string, href: string, [name, query]: Layer): Link {
  return { rel, title: `${what} for \`${name}\` layer (Template URL).`, href: `${href}?${query}`, templated: true }
}

function wmtsLink(mosaic: string, { wmts = false }: LinkOptions): Link[] {
  return wmts ? [{ rel: 'wmts', title: 'WMTS Capabilities link.', href: `${mosaic}/WMTSCapabilities.xml` }] : []
}
