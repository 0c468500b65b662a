import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { TilepressError, toTilepressError } from '../../src/errors.ts'
import { type Logger, OutageLog } from '../../src/log.ts'
import type { ApiMetrics } from '../../src/metrics.ts'
import { setCommonHeaders } from './common-headers.ts'
import { httpStatus, respondWithError } from './error-response.ts'
import { compilePath, pathnameOf } from './hot-path.ts'
import type { Route } from './route.ts'

export interface ApiParts {
  readonly routes: readonly Route[]
  readonly metrics: ApiMetrics
  readonly log: Logger
  readonly authorizeWrite: (ctx: Context) => void
  /** Believe X-Forwarded-* headers. */
  readonly trustProxy: boolean
}

/** The API as a Koa application: no socket, no environment. */
export function createApi({ routes, metrics, log, authorizeWrite, trustProxy }: ApiParts): Koa {
  const outages = new OutageLog(log)
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
  app.use((ctx, next) => {
    if (ctx.req.method !== 'GET' && ctx.req.method !== 'HEAD') return next()
    const pathname = pathnameOf(ctx.req)
    try {
      for (const { route, match } of hot) {
        const parameters = match(pathname)
        if (!parameters) continue
        const pending = run(route, ctx, parameters)
        if (pending) {
          return pending.then(
            () => count(ctx),
            (thrown) => fail(ctx, thrown),
          )
        }
        count(ctx)
        return
      }
    } catch (thrown) {
      fail(ctx, thrown)
      return
    }
    return next()
  })
  app.use(async (ctx, next) => {
    setCommonHeaders(ctx.res)
    try {
      if (ctx.method === 'OPTIONS') preflight(ctx)
      else {
        await next()
        if (ctx.status === 404 && ctx.body == null && ctx.respond !== false) throw unknownRoute(ctx)
      }
      count(ctx)
    } catch (thrown) {
      fail(ctx, thrown)
    }
  })
  app.use(router.routes())
  app.on('error', (error: Error) => log.warn({ err: error.message }, 'an answer could not be sent'))
  return app

  function count(ctx: Context): void {
    const route = (ctx.state.route as string | undefined) ?? 'none'
    metrics.requests.inc({ route, status: ctx.res.statusCode })
  }

  function fail(ctx: Context, thrown: unknown): void {
    if (ctx.res.destroyed) {
      // The client went away: nobody reads an answer, and nothing is wrong. 499 is nginx's number for it.
      metrics.requests.inc({ route: (ctx.state.route as string | undefined) ?? 'none', status: 499 })
      return
    }
    setCommonHeaders(ctx.res)
    answerError(ctx, thrown)
    count(ctx)
  }

  function answerError(ctx: Context, thrown: unknown): void {
    const error = isBadRequest(thrown)
      ? new TilepressError('ROUTE_NOT_FOUND', 'the path is not percent-encoded')
      : toTilepressError(thrown)
    metrics.errors.inc({ code: error.code })
    const cause = error.code === 'INTERNAL' ? { err: error.cause } : {}
    const { method, path } = ctx
    const details = { code: error.code, detail: error.detail, method, path, ...error.context, ...cause }
    // What may pass, a crowd or an outage, fails thousands of requests alike: a line for the first, and their number now and then.
    if (httpStatus[error.code] === 503) outages.warn(error.code, details, 'request failed')
    else log[error.caller ? 'debug' : 'error'](details, 'request failed')
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
