import type { Context } from 'koa'
import type { ErrorCode, TilepressError } from '../../src/errors.ts'

/** HTTP status of every code. An asset's failure is 502: we are a gateway to the storage, and the client did nothing wrong. */
export const httpStatus: Record<ErrorCode, number> = {
  PARAMETER_INVALID: 422,
  TILE_OUTSIDE_MATRIX: 404,
  TILE_MATRIX_SET_NOT_FOUND: 404,
  SEARCH_NOT_FOUND: 404,
  COLLECTION_NOT_FOUND: 404,
  ITEM_NOT_FOUND: 404,
  RENDER_NOT_FOUND: 404,
  OUTSIDE_BOUNDS: 404,
  SEARCH_INVALID: 422,
  ASSET_NAME_INVALID: 404,
  EXPRESSION_INVALID: 400,
  BAND_INVALID: 422,
  RASTER_SHAPE_INVALID: 422,
  FORMAT_INVALID: 422,
  ASSET_REFUSED: 502,
  ASSET_NOT_FOUND: 502,
  ASSET_FORBIDDEN: 502,
  ASSET_UNREADABLE: 502,
  STORAGE_ROLE_MISSING: 502,
  STORAGE_FIREWALL: 502,
  STORAGE_ACCOUNT_NOT_FOUND: 502,
  STORAGE_TOKEN_REJECTED: 503,
  STORAGE_UNAVAILABLE: 503,
  TOKEN_UNAVAILABLE: 503,
  DATABASE_UNAVAILABLE: 503,
  QUEUE_UNAVAILABLE: 503,
  QUEUE_FULL: 503,
  RENDER_TIMEOUT: 503,
  RENDER_ABANDONED: 503,
  RUN_NOT_FOUND: 404,
  RUN_TOO_LARGE: 422,
  WRITE_CLOSED: 403,
  KEY_REQUIRED: 401,
  BODY_TOO_LARGE: 413,
  ROUTE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  INTERNAL: 500,
}

/** Seconds after which a 503 is worth another try, where nobody knows better. */
const RETRY_AFTER_SECONDS = 2

/** `{"detail", "code"}`, never cached: a tile that failed must not stay failed in somebody's cache. */
export function respondWithError(ctx: Context, error: TilepressError): void {
  ctx.status = httpStatus[error.code]
  ctx.set('Cache-Control', 'no-store')
  for (const name of ['ETag', 'X-Cache', 'Content-Bbox', 'Content-Crs']) ctx.remove(name)
  if (ctx.status === 503) ctx.set('Retry-After', String(error.retryAfterSeconds ?? RETRY_AFTER_SECONDS))
  if (ctx.status === 401) ctx.set('WWW-Authenticate', 'ApiKey realm="tilepress"')
  ctx.body = { detail: error.detail, code: error.code }
}
