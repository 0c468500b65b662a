import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { TilepressError, toTilepressError } from '../../src/errors.ts'
import type { Logger } from '../../src/log.ts'
import type { ApiMetrics } from '../../src/metrics.ts'
import { respondWithError } from './error-response.ts'
import { compilePath } from './hot-path.ts'
import type { Route } from './route.ts'

export interface ApiParts {
  readonly routes: readonly Route[]
  readonly metrics: ApiMetrics
  readonly log: Logger
  readonly authorizeWrite: (ctx: Context) => void
  /** Believe X-Forwarded-* headers. */
  readonly trustProxy: boolean
}

const EXPOSED = 'ETag, X-Cache, X-Tile-Truncated, Server-Timing, Retry-After, Location, Content-Bbox, Content-Crs'

/** The API as a Koa application: no socket, no environment. */
export function createApi({ routes, metrics, log, authorizeWrite, trustProxy }: ApiParts): Koa {
  const run = (route: Route, ctx: Context, parameters: Readonly<Record<string, string>>) => {
    ctx.state.route = route.path
    if (route.write) authorizeWrite(ctx)
    return route.handler(ctx, parameters)
  }
  const router = new Router()
  for (const route of routes) router[route.method](route.path, (ctx) => run(route, ctx, ctx.params))
  const hot = routes.filter((route) => route.hot).map((route) => ({ route, match: compilePath(route.path) }))
  const app = new Koa()
  app.proxy = trustProxy
  app.silent = true
  app.use(async (ctx, next) => {
    ctx.res.setHeader('Access-Control-Allow-Origin', '*')
    ctx.res.setHeader('Access-Control-Expose-Headers', EXPOSED)
    ctx.res.setHeader('X-Content-Type-Options', 'nosniff')
    try {
      if (ctx.method === 'OPTIONS') preflight(ctx)
      else {
        await next()
        if (ctx.status === 404 && ctx.body == null) throw unknownRoute(ctx)
      }
    } catch (thrown) {
      if (!ctx.res.destroyed) answerError(ctx, thrown)
      // The client went away: nobody reads an answer, and nothing is wrong. 499 is nginx's number for it.
      else return metrics.requests.inc({ route: (ctx.state.route as string | undefined) ?? 'none', status: 499 })
    }
    const route = (ctx.state.route as string | undefined) ?? 'none'
    metrics.requests.inc({ route, status: ctx.status })
  })
  app.use((ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    for (const { route, match } of hot) {
      const parameters = match(ctx.path)
      if (parameters) return run(route, ctx, parameters)
    }
    return next()
  })
  app.use(router.routes())
  app.on('error', (error: Error) => log.warn({ err: error.message }, 'an answer could not be sent'))
  return app

  function answerError(ctx: Context, thrown: unknown): void {
    const error = isBadRequest(thrown)
      ? new TilepressError('ROUTE_NOT_FOUND', 'the path is not percent-encoded')
      : toTilepressError(thrown)
    metrics.errors.inc({ code: error.code })
    const cause = error.code === 'INTERNAL' ? { err: error.cause } : {}
    log[error.caller ? 'debug' : 'error'](
      { code: error.code, detail: error.detail, method: ctx.method, path: ctx.path, ...error.context, ...cause },
      'request failed',
    )
    respondWithError(ctx, error)
  }

  function unknownRoute(ctx: Context): TilepressError {
    const methods = (['get', 'post'] as const).filter((method) => router.match(ctx.path, method.toUpperCase()).route)
    if (methods.length === 0) {
      return new TilepressError('ROUTE_NOT_FOUND', 'there is nothing here; GET /docs lists what there is')
    }
    // RFC 9110 §15.5.6: a 405 names the methods that there are.
    ctx.set('Allow', [...methods.flatMap((method) => allowed[method]), 'OPTIONS'].join(', '))
    return new TilepressError('METHOD_NOT_ALLOWED', `${ctx.method} is not offered here`)
  }
}

const allowed: Readonly<Record<Route['method'], readonly string[]>> = { get: ['GET', 'HEAD'], post: ['POST'] }

/** The router's own error, for a path whose percent-encoding is broken. */
function isBadRequest(thrown: unknown): boolean {
  return thrown instanceof Error && 'status' in thrown && thrown.status === 400
}

function preflight(ctx: Context): void {
  ctx.set('Access-Control-Allow-Methods', 'GET, HEAD, POST, OPTIONS')
  ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type, X-API-Key, If-None-Match, traceparent')
  ctx.set('Access-Control-Max-Age', '86400')
  ctx.status = 204
}
