import type { Context } from 'koa'
import type { StoredTile } from '../../../src/cache/tile-cache.ts'
import { TilepressError } from '../../../src/errors.ts'
import { lifeSpread } from '../../../src/freshness/tile-freshness.ts'
import type { CacheResult, TileService } from '../../../src/pipeline/serve-tile.ts'
import type { TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import type { Layer, TileRequest } from '../../../src/request/tile-request.ts'
import { buffered } from '../../../src/tile/buffered.ts'
import { crsUri } from '../../../src/tile/crs.ts'
import { tileBounds } from '../../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import type { HttpCacheRules } from '../cache-control.ts'
import { respondWithTile, serverTiming } from '../http-cache.ts'
import { layerOf } from '../layer.ts'
import type { MosaicAccess } from '../mosaic-access.ts'

export interface TileHandlerParts {
  readonly parser: TileRequestParser
  readonly tiles: TileService
  readonly rules: HttpCacheRules
  readonly onTile: (cache: CacheResult, seconds: number) => void
}

/** GET …/tiles/{tms}/{z}/{x}/{y}[.{format}] */
export function createTileHandler(kind: Layer['kind'], parts: TileHandlerParts, mosaics: MosaicAccess) {
  const { parser, tiles, rules, onTile } = parts
  return async (ctx: Context, path: Readonly<Record<string, string>>): Promise<void> => {
    const started = performance.now()
    const { tms = '', z = '', x = '', y = '' } = path
    const asked = parser.parse({ layer: layerOf(kind, path), tileMatrixSetId: tms, z, x, y }, ctx.querystring)
    const filtered = mosaics.filtered(asked.layer, ctx.querystring)
    const layer = filtered instanceof Promise ? await filtered : filtered
    const request = layer === asked.layer ? asked : { ...asked, layer }
    const pending = tiles.series(request)
    const series = pending instanceof Promise ? await pending : pending
    setPlace(ctx, request)
    const present = tiles.fromMemory(series, request)
    if (present) {
      requireTile(request, present.tile)
      respondWithTile(ctx, present.tile, present.cache, rules, lifeSpread(request.tile))
      return onTile(present.cache, (performance.now() - started) / 1_000)
    }
    const left = new AbortController()
    const leave = () => {
      if (!ctx.res.writableEnded) left.abort(new TilepressError('RENDER_ABANDONED', 'the client has left'))
    }
    ctx.res.once('close', leave)
    try {
      const served = await tiles.serve(series, request, left.signal)
      ctx.res.setHeader('Server-Timing', serverTiming({ ...served.timings, total: performance.now() - started }))
      requireTile(request, served.tile)
      respondWithTile(ctx, served.tile, served.cache, rules, lifeSpread(request.tile))
      onTile(served.cache, (performance.now() - started) / 1_000)
    } finally {
      ctx.res.off('close', leave)
    }
  }
}

/** A mosaic without anything there is empty, an item or a file is asked in vain (titiler: 204 and 404). */
function requireTile({ layer }: TileRequest, tile: StoredTile): void {
  if (tile.outcome !== 'empty' || layer.kind === 'search' || layer.kind === 'collection') return
  throw new TilepressError('OUTSIDE_BOUNDS', `the ${layer.kind} has nothing on this tile`)
}

/** titiler's Content-Bbox (left, bottom, right, top) and Content-Crs of the tile, without what its algorithm cuts off. */
function setPlace(ctx: Context, request: TileRequest): void {
  const tms = tileMatrixSets.get(request.tileMatrixSetId)
  if (!tms) return
  const { tileSize, buffer, algorithm } = request.render
  const margin = buffer - (algorithm?.parameters.buffer ?? 0)
  const area = buffered({ bounds: tileBounds(tms, request.tile), width: tileSize, height: tileSize }, margin)
  ctx.res.setHeader('Content-Bbox', area.bounds.join(','))
  const uri = crsUri(tms.crs)
  if (uri !== null) ctx.res.setHeader('Content-Crs', `<${uri}>`)
}
