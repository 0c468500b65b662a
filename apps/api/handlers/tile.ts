import type { Context } from 'koa'
import type { StoredTile } from '../../../src/cache/tile-cache.ts'
import type { EmptyAnswer } from '../../../src/config.ts'
import { TilepressError } from '../../../src/errors.ts'
import { lifeSpread } from '../../../src/freshness/tile-freshness.ts'
import type { TileSeries } from '../../../src/key/tile-key.ts'
import type { CacheResult, ServedTile, TileService } from '../../../src/pipeline/serve-tile.ts'
import { findTileMatrixSet, type TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import type { Layer, TileRequest } from '../../../src/request/tile-request.ts'
import { buffered, type PixelArea } from '../../../src/tile/buffered.ts'
import { type Crs, crsUri } from '../../../src/tile/crs.ts'
import { tileBounds } from '../../../src/tile/tile-matrix-set.ts'
import type { HttpCacheRules } from '../cache-control.ts'
import { departureOf } from '../departure.ts'
import { emptyAnswerOf, transparentTile } from '../empty-tile.ts'
import { querystringOf } from '../hot-path.ts'
import { isKnown, respondEmptyAsMissing, respondNotModified, respondWithTile, serverTiming } from '../http-cache.ts'
import { layerOf } from '../layer.ts'
import type { MosaicAccess } from '../mosaic-access.ts'

type Timings = ServedTile['timings']

export interface TileHandlerParts {
  readonly parser: TileRequestParser
  readonly tiles: TileService
  readonly rules: HttpCacheRules
  /** What an empty tile of a mosaic is answered with when the request does not say. */
  readonly emptyTile: EmptyAnswer
  readonly onTile: (cache: CacheResult, seconds: number) => void
}

/** A tile asked for, and what its answer needs to know. */
interface Asked {
  readonly request: TileRequest
  /** null: an empty tile is an error. */
  readonly empty: EmptyAnswer | null
  /** By performance.now(). */
  readonly started: number
}

/**
 * GET …/tiles/{tms}/{z}/{x}/{y}[.{format}]. A hit in memory is answered within the call, without a promise; what only a miss needs is made
 * for misses.
 */
export function createTileHandler(kind: Layer['kind'], parts: TileHandlerParts, mosaics: MosaicAccess) {
  const { parser, tiles, rules, emptyTile, onTile } = parts

  return (ctx: Context, path: Readonly<Record<string, string>>): Promise<void> | void => {
    const started = performance.now()
    const { tms = '', z = '', x = '', y = '' } = path
    const querystring = querystringOf(ctx.req)
    const request = parser.parse({ layer: layerOf(kind, path), tileMatrixSetId: tms, z, x, y }, querystring)
    const empty = emptyAnswerOf(querystring, kind, emptyTile)
    const layer = mosaics.filtered(request.layer, querystring)
    if (layer instanceof Promise) {
      return layer.then((found) => answer(ctx, { request: { ...request, layer: found }, empty, started }))
    }
    return answer(ctx, { request: layer === request.layer ? request : { ...request, layer }, empty, started })
  }

  function answer(ctx: Context, asked: Asked): Promise<void> | void {
    const series = tiles.series(asked.request)
    if (series instanceof Promise) return series.then((known) => answerOf(ctx, known, asked))
    return answerOf(ctx, series, asked)
  }

  function answerOf(ctx: Context, series: TileSeries, asked: Asked): Promise<void> | void {
    const present = tiles.fromMemory(series, asked.request)
    if (!present) return fromBelow(ctx, series, asked)
    respond(ctx, asked, present.tile, present.cache, null)
  }

  async function fromBelow(ctx: Context, series: TileSeries, asked: Asked): Promise<void> {
    if (ctx.req.headers['if-none-match'] !== undefined) {
      const known = await tiles.headFromNearest(series, asked.request)
      if (known?.tile.outcome === 'image' && isKnown(ctx, known.tile.etag)) {
        const { tile, cache, timings } = known
        respondNotModified(ctx, tile, cache, rules, headersOf(asked, timings), lifeSpread(asked.request.tile))
        return report(asked, cache)
      }
    }
    const { tile, cache, timings } = await tiles.serve(series, asked.request, departureOf(ctx))
    respond(ctx, asked, tile, cache, timings)
  }

  function respond(ctx: Context, asked: Asked, tile: StoredTile, cache: CacheResult, timings: Timings | null): void {
    const { request, empty } = asked
    const headers = headersOf(asked, timings)
    const spread = lifeSpread(request.tile)
    if (tile.outcome === 'image' || empty === '204') respondWithTile(ctx, tile, cache, rules, headers, spread)
    else if (empty === '404') respondEmptyAsMissing(ctx, tile, cache, rules, headers, spread)
    else if (empty === 'image') {
      const { width, height } = areaOf(request)
      const image = transparentTile(tile, width, height, request.format) ?? tile
      respondWithTile(ctx, image, cache, rules, headers, spread)
    } else throw new TilepressError('OUTSIDE_BOUNDS', `the ${request.layer.kind} has nothing on this tile`)
    report(asked, cache)
  }

  function report({ started }: Asked, cache: CacheResult): void {
    onTile(cache, (performance.now() - started) / 1_000)
  }
}

/** titiler's Content-Bbox (left, bottom, right, top) and Content-Crs of the tile, and how long its answer took where that is more than nothing. */
function headersOf({ request, started }: Asked, timings: Timings | null): string[] {
  const { bounds, crs } = areaOf(request)
  const headers = ['Content-Bbox', bounds.join(',')]
  const uri = crsUri(crs)
  if (uri !== null) headers.push('Content-Crs', `<${uri}>`)
  if (timings) headers.push('Server-Timing', serverTiming({ ...timings, total: performance.now() - started }))
  return headers
}

/** What the tile shows, without what its algorithm cuts off. */
function areaOf({ tileMatrixSetId, tile, render }: TileRequest): PixelArea & { readonly crs: Crs } {
  const tms = findTileMatrixSet(tileMatrixSetId)
  const { tileSize, buffer, algorithm } = render
  const margin = buffer - (algorithm?.parameters.buffer ?? 0)
  const area = buffered({ bounds: tileBounds(tms, tile), width: tileSize, height: tileSize }, margin)
  return { ...area, crs: tms.crs }
}
