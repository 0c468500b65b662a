import type { Context } from 'koa'
import type { StoredTile, TileHead } from '../../src/cache/tile-cache.ts'
import type { CacheResult } from '../../src/pipeline/serve-tile.ts'
import { crsUri } from '../../src/tile/crs.ts'
import { cacheControl, type HttpCacheRules } from './cache-control.ts'
import { commonHeaders } from './common-headers.ts'

/** What goes with a tile besides itself: headers, name after name with its value. */
export type TileHeaders = readonly string[]

/**
 * Answers with a tile: 200, 204 for an empty one (as titiler does), or 304 when the client has these very bytes. One writeHead with all
 * headers: Koa's body and setHeader cost 10 of the 50 µs of a hit. `spread`: of its life, see cacheControl.
 */
export function respondWithTile(
  ctx: Context,
  tile: StoredTile,
  cache: CacheResult,
  rules: HttpCacheRules,
  more: TileHeaders = [],
  spread = 1,
): void {
  const headers = headersOf(ctx, tile, cache, rules, more, spread)
  if (isKnown(ctx, tile.etag)) send(ctx, 304, headers)
  else if (tile.body.length === 0) send(ctx, 204, headers)
  else {
    headers.push('Content-Type', tile.contentType)
    send(ctx, 200, headers, tile.body)
  }
}

/** 304 for a client whose copy is the tile: what is known of it is enough. */
export function respondNotModified(
  ctx: Context,
  tile: TileHead,
  cache: CacheResult,
  rules: HttpCacheRules,
  more: TileHeaders = [],
  spread = 1,
): void {
  send(ctx, 304, headersOf(ctx, tile, cache, rules, more, spread))
}

/** `{"detail", "code"}` instead of an empty tile, kept as long as a 204 would be: it says nothing of a failure. */
export function respondEmptyAsMissing(
  ctx: Context,
  tile: TileHead,
  cache: CacheResult,
  rules: HttpCacheRules,
  more: TileHeaders,
  spread = 1,
): void {
  const headers = headersOf(ctx, { ...tile, etag: '' }, cache, rules, more, spread)
  headers.push('Content-Type', 'application/json; charset=utf-8')
  send(ctx, 404, headers, Buffer.from(JSON.stringify({ detail: 'nothing is on this tile', code: 'OUTSIDE_BOUNDS' })))
}

/** True when If-None-Match names the tag. An answer to a POST has no copies. */
export function isKnown(ctx: Context, etag: string): boolean {
  const known = ctx.req.headers['if-none-match']
  return known !== undefined && ctx.req.method !== 'POST' && matches(known, etag)
}

function headersOf(
  { req }: Context,
  tile: TileHead,
  cache: CacheResult,
  rules: HttpCacheRules,
  more: TileHeaders,
  spread: number,
): string[] {
  const headers = [
    ...commonHeaders,
    ...more,
    'Cache-Control',
    // No cache keeps what follows from a body.
    req.method === 'POST' ? 'no-store' : cacheControl(tile, cache, rules, spread, Date.now()),
    'X-Cache',
    cache,
  ]
  if (tile.etag !== '') headers.push('ETag', tile.etag)
  if (tile.truncated !== null) headers.push('X-Tile-Truncated', tile.truncated)
  if (tile.place) {
    headers.push('Content-Bbox', tile.place.bounds.join(','))
    const uri = crsUri(tile.place.crs)
    if (uri !== null) headers.push('Content-Crs', `<${uri}>`)
  }
  return headers
}

function send(ctx: Context, status: number, headers: string[], body?: Buffer): void {
  const { req, res } = ctx
  ctx.respond = false
  // The client has left; Node would complain of a write.
  if (res.socket?.writable === false) {
    res.end()
    return
  }
  if (body) headers.push('Content-Length', String(body.length))
  res.writeHead(status, headers)
  if (body && req.method !== 'HEAD') res.end(body)
  else res.end()
}

/** If-None-Match compares weakly (RFC 9110 §13.1.2): `*`, or one of the list, with or without `W/`. */
export function matches(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}

/** Server-Timing (W3C) of the stages, milliseconds. */
export function serverTiming(timings: Readonly<Record<string, number>>): string {
  let text = ''
  for (const name in timings) text += `${text === '' ? '' : ', '}${name};dur=${timings[name]?.toFixed(1)}`
  return text
}
