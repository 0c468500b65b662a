import { TilepressError } from '../errors.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { TileMatrixSet } from '../tile/tile-matrix-set.ts'
import { type TileMatrixLimits, tileMatrixSetLimits } from '../tile/tile-range.ts'
import { itemFilterNames } from './item-filters.ts'
import { toBounds } from './json.ts'
import { mosaicBounds, mosaicZooms } from './mosaic-info.ts'
import type { MosaicDescription } from './registered-search.ts'
import { renderDefaults, renderQuery } from './render-defaults.ts'

/** The layers of a WMTS: each way to draw the mosaic in each tile matrix set that has a tile of it. */
export interface WmtsLayer {
  /** `<search>_<tile matrix set>_<render>`, as titiler names them; of an item its id, of a file its asset's name in the search's place. */
  readonly identifier: string
  readonly tms: TileMatrixSet
  /** Longitude and latitude; west ≤ east. */
  readonly bounds: Bounds
  readonly limits: readonly TileMatrixLimits[]
  /** Of the tile URLs. */
  readonly query: string
}

type Zooms = readonly [first: number, last: number]

/** Zooms by tile matrix set; `*` stands for those that are not named. */
export type ZoomsBySet = ReadonlyMap<string, Zooms>

interface Render {
  readonly name: string
  readonly query: URLSearchParams
  readonly zooms: ZoomsBySet
  /** Null: the mosaic's. */
  readonly bounds: Bounds | null
}

/** More ways to draw one mosaic would make a document of megabytes. */
const MOST_RENDERS = 32

/** Parameters of the document, and of WMTS itself, which clients add in any case. */
const aboutTheDocument = new Set([
  ...['tile_format', 'use_epsg', 'zooms', 'tilesize'],
  ...['service', 'request', 'version', 'acceptversions', 'sections', 'updatesequence', 'acceptformats'],
])

/** Members of a render that are no parameters of a tile. The size of tiles is the tile matrix set's. */
const aboutTheRender = ['tilesize', 'tilematrixsets', 'spatial_extent', 'minzoom', 'maxzoom', 'title', 'minmax_zoom']

export interface WmtsLayerParts {
  /** Of what is drawn; identifiers begin with it. */
  readonly name: string
  readonly search: MosaicDescription
  readonly sets: readonly TileMatrixSet[]
  /** The request's. */
  readonly query: URLSearchParams
  readonly isRenderable: (query: URLSearchParams) => boolean
}

/**
 * The mosaic's defaults that a tile can be drawn with, in their order, then `default`, drawn as the request says, where it does. Throws
 * PARAMETER_INVALID when that leaves none, and for `zooms` that is none.
 */
export function wmtsLayers({ name, search, sets, query, isRenderable }: WmtsLayerParts): WmtsLayer[] {
  const zooms = parseZooms(query.getAll('zooms'), sets)
  const filters = pick(query, (name) => (itemFilterNames as readonly string[]).includes(name))
  const own = pick(query, (name) => !aboutTheDocument.has(name.toLowerCase()))
  const renders = [
    ...namedRenders(search, filters).slice(0, MOST_RENDERS),
    { name: 'default', query: own, zooms, bounds: null },
  ].filter((render) => isRenderable(render.query))
  if (renders.length === 0) {
    const detail = 'parameter assets is required, as the mosaic has no default that a tile can be drawn with'
    throw new TilepressError('PARAMETER_INVALID', detail)
  }
  const limitsOf = rememberedLimits()
  return renders.flatMap((render) => sets.flatMap((tms) => layerOf(name, search, render, tms, limitsOf) ?? []))
}

function namedRenders({ metadata }: MosaicDescription, filters: URLSearchParams): Render[] {
  return Object.entries(renderDefaults(metadata.defaults)).map(([name, render]) => {
    const query = renderQuery(render)
    for (const each of aboutTheRender) query.delete(each)
    for (const [filter, value] of filters) query.append(filter, value)
    return { name, query, zooms: renderZooms(render.tilematrixsets), bounds: toBounds(render.spatial_extent) }
  })
}

function layerOf(
  name: string,
  search: MosaicDescription,
  render: Render,
  tms: TileMatrixSet,
  limitsOf: typeof tileMatrixSetLimits,
): WmtsLayer | null {
  const bounds = render.bounds ?? mosaicBounds(search, tms)
  const own = mosaicZooms(search, tms)
  const [first, last] = render.zooms.get(tms.id) ?? render.zooms.get('*') ?? [own.minzoom, own.maxzoom]
  // The document lists the matrices of the set's own definition.
  const zooms = { minzoom: Math.max(first, tms.minZoom), maxzoom: Math.min(last, tms.maxZoom) }
  const limits = limitsOf(tms, bounds, zooms)
  if (limits.length === 0) return null
  const [west, south, east, north] = bounds
  return {
    identifier: `${name}_${tms.id}_${render.name}`,
    tms,
    bounds: west <= east ? bounds : [-180, south, 180, north],
    limits,
    query: render.query.toString(),
  }
}

/** Most renders have the bounds and zooms of their mosaic, and a projected set takes a thousand points for its limits. */
function rememberedLimits(): typeof tileMatrixSetLimits {
  const known = new Map<string, TileMatrixLimits[]>()
  return (tms, bounds, zooms) => {
    const key = `${tms.id} ${bounds} ${zooms.minzoom} ${zooms.maxzoom}`
    const limits = known.get(key) ?? tileMatrixSetLimits(tms, bounds, zooms)
    known.set(key, limits)
    return limits
  }
}

/** `WebMercatorQuad::0,5` or `*::0,5`, repeatable. */
function parseZooms(values: readonly string[], sets: readonly TileMatrixSet[]): ZoomsBySet {
  return new Map(
    values.map((value) => {
      const [, id = '', first, last] = /^([\w-]+|\*)::(-?\d{1,2}),(-?\d{1,2})$/.exec(value) ?? []
      const known = id === '*' || sets.some((tms) => tms.id === id)
      if (!known || Number(first) > Number(last)) {
        const rule = 'takes zooms of a tile matrix set, as WebMercatorQuad::0,12 or *::0,12'
        throw new TilepressError('PARAMETER_INVALID', `parameter zooms ${rule}`)
      }
      return [id, [Number(first), Number(last)]] as const
    }),
  )
}

/** A render's `tilematrixsets`: `{"WebMercatorQuad": [0, 12]}` (STAC render extension). What is no range is left out. */
function renderZooms(sets: unknown): ZoomsBySet {
  const entries = typeof sets === 'object' && sets !== null ? Object.entries(sets) : []
  return new Map(
    entries.flatMap(([id, range]) => {
      const [first, last] = Array.isArray(range) ? range : []
      return Number.isInteger(first) && Number.isInteger(last) ? [[id, [first, last]]] : []
    }),
  )
}

function pick(query: URLSearchParams, isWanted: (name: string) => boolean): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => isWanted(name)))
}
