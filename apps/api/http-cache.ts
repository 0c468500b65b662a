import type { Context } from 'koa'
import type { StoredTile } from '../../src/cache/tile-cache.ts'
import type { CacheResult } from '../../src/pipeline/serve-tile.ts'
import { crsUri } from '../../src/tile/crs.ts'
import { cacheControl, type HttpCacheRules } from './cache-control.ts'

/**
 * Answers with a tile: 200, 204 for an empty one (as titiler does), or 304 when the client has these very bytes. `spread`: of its life, see
 * cacheControl.
 */
export function respondWithTile(
  ctx: Context,
  tile: StoredTile,
  cache: CacheResult,
  rules: HttpCacheRules,
  spread = 1,
): void {
  const { res } = ctx
  res.setHeader(
    'Cache-Control',
    // No cache keeps what follows from a body.
    ctx.method === 'POST' ? 'no-store' : cacheControl(tile, cache, rules, spread, Date.now()),
  )
  res.setHeader('ETag', tile.etag)
  res.setHeader('X-Cache', cache)
  if (tile.truncated !== null) res.setHeader('X-Tile-Truncated', tile.truncated)
  if (tile.place) {
    res.setHeader('Content-Bbox', tile.place.bounds.join(','))
    const uri = crsUri(tile.place.crs)
    if (uri !== null) res.setHeader('Content-Crs', `<${uri}>`)
  }
  const known = ctx.req.headers['if-none-match']
  if (known !== undefined && ctx.method !== 'POST' && matches(known, tile.etag)) {
    ctx.status = 304
  } else if (tile.outcome === 'empty') {
    ctx.status = 204
  } else {
    ctx.status = 200
    res.setHeader('Content-Type', tile.contentType)
    ctx.body = tile.body
  }
}

/** If-None-Match compares weakly (RFC 9110 §13.1.2): `*`, or one of the list, with or without `W/`. */
export function matches(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}

/** Server-Timing (W3C) of the stages, milliseconds. */
export function serverTiming(timings: Readonly<Record<string, number>>): string {
  return Object.entries(timings)
    .map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`)
    .join(', ')
}
