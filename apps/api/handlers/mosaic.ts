import type { Context } from 'koa'
import { TilepressError } from '../../../src/errors.ts'
import {
  findTileMatrixSet,
  parseFormat,
  refuseFilters,
  type TileRequestParser,
} from '../../../src/request/parse-tile-request.ts'
import type { MosaicLayer } from '../../../src/request/tile-request.ts'
import {
  drawnByDefault,
  infoResponse,
  mosaicBounds,
  registerResponse,
  tileJson,
} from '../../../src/search/mosaic-info.ts'
import type { Catalog } from '../../../src/search/pgstac-catalog.ts'
import { parseSearchBody } from '../../../src/search/search-body.ts'
import type { Bounds } from '../../../src/tile/bounds.ts'
import { lastZoom, type TileMatrixSet } from '../../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import { mosaicOf } from '../layer.ts'
import { respondWithPage } from '../pages/html.ts'
import { mapPage } from '../pages/map.ts'
import { publicUrl } from '../public-url.ts'
import { readJson } from '../request-body.ts'

export interface MosaicHandlerParts {
  readonly catalog: Catalog
  readonly parser: TileRequestParser
  readonly publicUrl: string | undefined
}

type Path = Readonly<Record<string, string>>

/** Seconds a client may keep what is said about a mosaic; its search can be registered anew with other metadata at any time. */
const INFO_MAX_AGE = 60

/** Handlers of everything about a mosaic but its tiles. */
export function createMosaicHandlers(parts: MosaicHandlerParts) {
  const { catalog, parser } = parts
  const isRenderable = (query: URLSearchParams) => parser.takesRender(query.toString())
  const searchOf = (layer: MosaicLayer) =>
    layer.kind === 'search' ? catalog.getSearch(layer.id) : catalog.registerCollection(layer.id)
  const mosaicUrl = (ctx: Context, layer: MosaicLayer) =>
    `${publicUrl(ctx, parts.publicUrl)}/${layer.kind === 'search' ? 'searches' : 'collections'}/${encodeURIComponent(layer.id)}`

  return {
    /** Bounds of a layer that exists. */
    async boundsOf(layer: MosaicLayer): Promise<Bounds> {
      return mosaicBounds(await searchOf(layer), findTileMatrixSet('WebMercatorQuad'))
    },

    async register(ctx: Context): Promise<void> {
      const search = await catalog.registerSearch(parseSearchBody(await readJson(ctx)))
      ctx.set('Cache-Control', 'no-store')
      ctx.body = registerResponse(publicUrl(ctx, parts.publicUrl), search, { isRenderable })
    },

    info: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = mosaicOf(kind, path)
      const search = await searchOf(layer)
      ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
      ctx.body = infoResponse(mosaicUrl(ctx, layer), search, { isRenderable })
    },

    tileJson: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = mosaicOf(kind, path)
      if (kind === 'collection') refuseFilters(ctx.querystring)
      const tms = findTileMatrixSet(path.tms ?? '')
      const query = new URLSearchParams(ctx.querystring)
      const format = query.get('tile_format')
      if (format !== null) parseFormat(format)
      const zooms = { minzoom: zoomOf(query, 'minzoom', tms), maxzoom: zoomOf(query, 'maxzoom', tms) }
      // A document whose tiles would all be refused is refused itself.
      parser.parseRender(ctx.querystring)
      const search = await searchOf(layer)
      ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
      ctx.body = tileJson({
        mosaic: mosaicUrl(ctx, layer),
        search,
        tms,
        query,
        ...(format === null ? {} : { format }),
        ...(zooms.minzoom === null ? {} : { minzoom: zooms.minzoom }),
        ...(zooms.maxzoom === null ? {} : { maxzoom: zooms.maxzoom }),
      })
    },

    map: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = mosaicOf(kind, path)
      if (kind === 'collection') refuseFilters(ctx.querystring)
      const tms = findTileMatrixSet(path.tms ?? '')
      const search = await searchOf(layer)
      const query = new URLSearchParams(ctx.querystring)
      const drawn = query.has('assets') ? query : overridden(drawnByDefault(search, isRenderable), query)
      if (!drawn.has('tilesize')) drawn.set('tilesize', '256')
      parser.parseRender(drawn.toString())
      const title = typeof search.metadata.name === 'string' ? search.metadata.name : layer.id
      const base = publicUrl(ctx, parts.publicUrl)
      const tileJsonUrl = `${mosaicUrl(ctx, layer)}/${tms.id}/tilejson.json?${drawn}`
      respondWithPage(ctx, (nonce) => mapPage({ title, base, tileJsonUrl, nonce }))
    },
  }
}

/** The parameters of a mosaic's default, with those of the query in the place of its own. */
function overridden(defaults: URLSearchParams | null, query: URLSearchParams): URLSearchParams {
  const merged = new URLSearchParams(defaults ?? undefined)
  for (const name of new Set(query.keys())) merged.delete(name)
  for (const [name, value] of query) merged.append(name, value)
  return merged
}

function zoomOf(query: URLSearchParams, name: string, tms: TileMatrixSet): number | null {
  const text = query.get(name)
  if (text === null) return null
  const [first, last] = [tms.minZoom, lastZoom(tms)]
  if (/^-?\d{1,2}$/.test(text) && Number(text) >= first && Number(text) <= last) return Number(text)
  throw new TilepressError('PARAMETER_INVALID', `parameter ${name} takes a whole number from ${first} to ${last}`)
}

/** GET /tileMatrixSets */
export function tileMatrixSetsHandler(ctx: Context): void {
  ctx.body = { tileMatrixSets: [...tileMatrixSets.values()].map(({ id, title, uri }) => ({ id, title, uri })) }
}
