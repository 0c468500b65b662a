import type { Context } from 'koa'
import type { StoredTile } from '../../../src/cache/tile-cache.ts'
import type { CacheResult, TileService } from '../../../src/pipeline/serve-tile.ts'
import { isAll, QueryParser } from '../../../src/request/parse-query-request.ts'
import type { TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import type { Query, QueryRequest } from '../../../src/request/query-request.ts'
import type { Layer } from '../../../src/request/tile-request.ts'
import { rasterAssets } from '../../../src/search/item-assets.ts'
import type { ItemSource } from '../../../src/search/stored-items.ts'
import type { HttpCacheRules } from '../cache-control.ts'
import { departureOf } from '../departure.ts'
import { withStatistics } from '../feature-statistics.ts'
import { respondWithTile, serverTiming } from '../http-cache.ts'
import { layerOf } from '../layer.ts'
import type { MosaicAccess } from '../mosaic-access.ts'
import { readJson } from '../request-body.ts'

export interface QueryHandlerParts {
  readonly parser: TileRequestParser
  readonly tiles: TileService
  readonly items: ItemSource
  /** Of answers to queries. */
  readonly queryRules: HttpCacheRules
  readonly onQuery: (kind: QueryRequest['query']['kind'], cache: CacheResult, seconds: number) => void
}

type Finish = (tile: StoredTile) => StoredTile

type Path = Readonly<Record<string, string>>

/** Handlers of what is asked of a layer besides its tiles. */
export function createQueryHandlers(parts: QueryHandlerParts, mosaics: MosaicAccess) {
  const { tiles, items, queryRules, onQuery } = parts
  const parser = new QueryParser(parts.parser)

  /** `finish` turns the worker's answer into the client's. */
  const answer = async (ctx: Context, request: QueryRequest, finish: Finish = (tile) => tile): Promise<void> => {
    const started = performance.now()
    const served = await tiles.serveQuery(request, departureOf(ctx))
    const timing = serverTiming({ ...served.timings, total: performance.now() - started })
    respondWithTile(ctx, finish(served.tile), served.cache, queryRules, ['Server-Timing', timing])
    onQuery(request.query.kind, served.cache, (performance.now() - started) / 1_000)
  }

  /** A handler that asks a layer what the path, the query string and the body say. */
  const ask =
    (parse: (layer: Layer, path: Path, ctx: Context) => Query | Promise<Query>) =>
    (kind: Layer['kind']) =>
    async (ctx: Context, path: Path): Promise<void> => {
      const layer = layerOf(kind, path)
      const query = await parse(layer, path, ctx)
      await answer(ctx, { layer: await mosaics.filtered(layer, ctx.querystring), query })
    }

  /** What `:all:` means; the catalogue is asked only then. */
  const allOf = async (layer: Layer, { querystring }: Context): Promise<string[]> =>
    layer.kind === 'item' && isAll(new URLSearchParams(querystring))
      ? rasterAssets(await items.get(layer.collection, layer.id))
      : []

  return {
    /** GET …/info */
    info: ask(async (layer, _, ctx) => parser.info(layer, await allOf(layer, ctx), false, ctx.querystring)),
    /** GET …/info.geojson */
    infoGeoJson: ask(async (layer, _, ctx) => parser.info(layer, await allOf(layer, ctx), true, ctx.querystring)),
    /** GET …/asset_statistics */
    assetStatistics: ask(async (layer, _, ctx) =>
      parser.assetStatistics(layer, await allOf(layer, ctx), ctx.querystring),
    ),
    /** GET …/statistics */
    statistics: ask((layer, _, ctx) => parser.statistics(layer, ctx.querystring)),
    /** POST …/statistics */
    featureStatistics: (kind: Layer['kind']) => async (ctx: Context, path: Path) => {
      const layer = layerOf(kind, path)
      const body = await readJson(ctx)
      const query = parser.featureStatistics(layer, body, ctx.querystring)
      const asked = { layer: await mosaics.filtered(layer, ctx.querystring), query }
      await answer(ctx, asked, (tile) => withStatistics(body, tile))
    },
    /** GET …/point/{lon},{lat} */
    point: ask((layer, path, ctx) => parser.point(layer, path.position ?? '', ctx.querystring)),
    /** GET …/preview, …/preview.{format} and …/preview/{width}x{height}.{format} */
    preview: ask((layer, path, ctx) => parser.preview(layer, path.size ?? null, path.format ?? null, ctx.querystring)),
    /** GET …/bbox/{minx},{miny},{maxx},{maxy}.{format} and …/{width}x{height}.{format} */
    box: ask((layer, path, ctx) => parser.box(layer, path.box ?? '', path.size ?? null, ctx.querystring)),
    /** POST …/feature, …/feature.{format} and …/feature/{width}x{height}.{format} */
    feature: ask(async (layer, path, ctx) =>
      parser.feature(layer, await readJson(ctx), path.size ?? null, path.format ?? null, ctx.querystring),
    ),
  }
}
