import type { Context } from 'koa'
import { TilepressError } from '../../../src/errors.ts'
import { findTileMatrixSet, parseFormat, type TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import type { MosaicLayer } from '../../../src/request/tile-request.ts'
import {
  drawnByDefault,
  infoResponse,
  mosaicBounds,
  registerResponse,
  tileJson,
} from '../../../src/search/mosaic-info.ts'
import { parseSearchBody } from '../../../src/search/search-body.ts'
import { parseSearchPage, searchListResponse } from '../../../src/search/search-list.ts'
import { isDrawnOnMap } from '../../../src/search/tile-set-info.ts'
import type { Bounds } from '../../../src/tile/bounds.ts'
import type { TileMatrixSet } from '../../../src/tile/tile-matrix-set.ts'
import { mosaicOf } from '../layer.ts'
import { INFO_MAX_AGE, type MosaicAccess, type MosaicAccessParts } from '../mosaic-access.ts'
import { respondWithPage } from '../pages/html.ts'
import { mapPage } from '../pages/map.ts'
import { readJson } from '../request-body.ts'
import { zoomsOf } from '../zooms.ts'

export interface MosaicHandlerParts extends MosaicAccessParts {
  readonly parser: TileRequestParser
}

type Path = Readonly<Record<string, string>>

/** Handlers of everything about a mosaic but its tiles. */
export function createMosaicHandlers({ catalog, parser }: MosaicHandlerParts, mosaics: MosaicAccess) {
  const { searchOf, urlOf, baseOf } = mosaics
  const isRenderable = (query: URLSearchParams) => parser.takesRender(query.toString())

  return {
    /** Bounds of a layer that exists, those of the tile matrix set where it has none of its own. */
    async boundsOf(layer: MosaicLayer, tileMatrixSetId: string): Promise<Bounds> {
      return mosaicBounds(await searchOf(layer), findTileMatrixSet(tileMatrixSetId))
    },

    async register(ctx: Context): Promise<void> {
      const search = await catalog.registerSearch(parseSearchBody(await readJson(ctx)))
      ctx.set('Cache-Control', 'no-store')
      ctx.body = registerResponse(baseOf(ctx), search, { wmts: true, isRenderable })
    },

    /** GET /searches */
    async list(ctx: Context): Promise<void> {
      const query = new URLSearchParams(ctx.querystring)
      const page = parseSearchPage(query)
      const found = await catalog.listSearches(page)
      ctx.set('Cache-Control', 'no-store')
      ctx.body = searchListResponse(baseOf(ctx), found, page, query)
    },

    info: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = mosaicOf(kind, path)
      const search = await searchOf(layer, ctx.querystring)
      ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
      ctx.body = infoResponse(urlOf(ctx, layer), search, { wmts: true, isRenderable })
    },

    tileJson: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = mosaicOf(kind, path)
      const tms = findTileMatrixSet(path.tms ?? '')
      const query = new URLSearchParams(ctx.querystring)
      const format = query.get('tile_format')
      if (format !== null) parseFormat(format)
      const zooms = zoomsOf(query, tms)
      // A document whose tiles would all be refused is refused itself.
      parser.parseRender(ctx.querystring)
      const search = await searchOf(layer, ctx.querystring)
      ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
      ctx.body = tileJson({
        mosaic: urlOf(ctx, layer),
        search,
        tms,
        query,
        ...(format === null ? {} : { format }),
        ...zooms,
      })
    },

    map: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = mosaicOf(kind, path)
      const tms = findTileMatrixSet(path.tms ?? '')
      if (!isDrawnOnMap(tms)) throw notOnMap(tms)
      const search = await searchOf(layer, ctx.querystring)
      const query = new URLSearchParams(ctx.querystring)
      const drawn = query.has('assets') ? query : overridden(drawnByDefault(search, isRenderable), query)
      if (!drawn.has('tilesize')) drawn.set('tilesize', '256')
      parser.parseRender(drawn.toString())
      const title = typeof search.metadata.name === 'string' ? search.metadata.name : layer.id
      const base = baseOf(ctx)
      const tileJsonUrl = `${urlOf(ctx, layer)}/${tms.id}/tilejson.json?${drawn}`
      respondWithPage(ctx, (nonce) => mapPage({ title, base, tileJsonUrl, nonce }))
    },
  }
}

/** The parameters of a mosaic's default, with those of the query in the place of its own. */
export function overridden(defaults: URLSearchParams | null, query: URLSearchParams): URLSearchParams {
  const merged = new URLSearchParams(defaults ?? undefined)
  for (const name of new Set(query.keys())) merged.delete(name)
  for (const [name, value] of query) merged.append(name, value)
  return merged
}

export function notOnMap({ id }: TileMatrixSet): TilepressError {
  const detail = `the map page draws WebMercatorQuad alone; the tiles of ${id} are for a GIS, by TileJSON or WMTS`
  return new TilepressError('PARAMETER_INVALID', detail)
}
