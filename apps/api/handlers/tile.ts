import type { Context } from 'koa'
import type { TileHead } from '../../../src/cache/tile-cache.ts'
import { TilepressError } from '../../../src/errors.ts'
import { lifeSpread } from '../../../src/freshness/tile-freshness.ts'
import type { TileSeries } from '../../../src/key/tile-key.ts'
import type { CacheResult, TileService } from '../../../src/pipeline/serve-tile.ts'
import type { TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import type { Layer, TileRequest } from '../../../src/request/tile-request.ts'
import { buffered } from '../../../src/tile/buffered.ts'
import { crsUri } from '../../../src/tile/crs.ts'
import { tileBounds } from '../../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import type { HttpCacheRules } from '../cache-control.ts'
import { departureOf } from '../departure.ts'
import { querystringOf } from '../hot-path.ts'
import { isKnown, respondNotModified, respondWithTile, serverTiming } from '../http-cache.ts'
import { layerOf } from '../layer.ts'
import type { MosaicAccess } from '../mosaic-access.ts'

export interface TileHandlerParts {
  readonly parser: TileRequestParser
  readonly tiles: TileService
  readonly rules: HttpCacheRules
  readonly onTile: (cache: CacheResult, seconds: number) => void
}

/**
 * GET …/tiles/{tms}/{z}/{x}/{y}[.{format}]. A hit in memory is answered within the call, without a promise; what only a miss needs is made
 * for misses.
 */
export function createTileHandler(kind: Layer['kind'], parts: TileHandlerParts, mosaics: MosaicAccess) {
  const { parser, tiles, rules, onTile } = parts
  const report = (cache: CacheResult, started: number) => onTile(cache, (performance.now() - started) / 1_000)

  return (ctx: Context, path: Readonly<Record<string, string>>): Promise<void> | void => {
    const started = performance.now()
    const { tms = '', z = '', x = '', y = '' } = path
    const querystring = querystringOf(ctx.req)
    const asked = parser.parse({ layer: layerOf(kind, path), tileMatrixSetId: tms, z, x, y }, querystring)
    const layer = mosaics.filtered(asked.layer, querystring)
    if (layer instanceof Promise) return layer.then((found) => answer(ctx, { ...asked, layer: found }, started))
    return answer(ctx, layer === asked.layer ? asked : { ...asked, layer }, started)
  }

  function answer(ctx: Context, request: TileRequest, started: number): Promise<void> | void {
    const series = tiles.series(request)
    if (series instanceof Promise) return series.then((known) => answerOf(ctx, known, request, started))
    return answerOf(ctx, series, request, started)
  }

  function answerOf(ctx: Context, series: TileSeries, request: TileRequest, started: number): Promise<void> | void {
    const present = tiles.fromMemory(series, request)
    if (!present) return fromBelow(ctx, series, request, started)
    requireTile(request, present.tile)
    respondWithTile(ctx, present.tile, present.cache, rules, placeOf(request), lifeSpread(request.tile))
    report(present.cache, started)
  }

  async function fromBelow(ctx: Context, series: TileSeries, request: TileRequest, started: number): Promise<void> {
    const headers = (timings: Readonly<Record<string, number>>) => [
      ...placeOf(request),
      'Server-Timing',
      serverTiming({ ...timings, total: performance.now() - started }),
    ]
    if (ctx.req.headers['if-none-match'] !== undefined) {
      const known = await tiles.headFromTiers(series, request)
      if (known && isKnown(ctx, known.tile.etag)) {
        requireTile(request, known.tile)
        respondNotModified(ctx, known.tile, known.cache, rules, headers(known.timings), lifeSpread(request.tile))
        return report(known.cache, started)
      }
    }
    const { tile, cache, timings } = await tiles.serve(series, request, departureOf(ctx))
    requireTile(request, tile)
    respondWithTile(ctx, tile, cache, rules, headers(timings), lifeSpread(request.tile))
    report(cache, started)
  }
}

/** A mosaic without anything there is empty, an item or a file is asked in vain (titiler: 204 and 404). */
function requireTile({ layer }: TileRequest, tile: TileHead): void {
  if (tile.outcome !== 'empty' || layer.kind === 'search' || layer.kind === 'collection') return
  throw new TilepressError('OUTSIDE_BOUNDS', `the ${layer.kind} has nothing on this tile`)
}

/** titiler's Content-Bbox (left, bottom, right, top) and Content-Crs of the tile, without what its algorithm cuts off. */
function placeOf(request: TileRequest): string[] {
  const tms = tileMatrixSets.get(request.tileMatrixSetId)
  if (!tms) return []
  const { tileSize, buffer, algorithm } = request.render
  const margin = buffer - (algorithm?.parameters.buffer ?? 0)
  const area = buffered({ bounds: tileBounds(tms, request.tile), width: tileSize, height: tileSize }, margin)
  const uri = crsUri(tms.crs)
  const bbox = ['Content-Bbox', area.bounds.join(',')]
  return uri === null ? bbox : [...bbox, 'Content-Crs', `<${uri}>`]
}
