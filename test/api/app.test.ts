import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { createApi } from '../../apps/api/app.ts'
import { httpStatus } from '../../apps/api/error-response.ts'
import type { Route } from '../../apps/api/route.ts'
import { type ErrorCode, TilepressError } from '../../src/errors.ts'
import { createApiMetrics } from '../../src/metrics.ts'
import { ask } from '../support/http.ts'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const get = (path: string, handler: Route['handler'], more: Partial<Route> = {}): Route => {
  return { method: 'get', path, summary: path, tag: 'service', handler, ...more }
}

async function serve(routes: readonly Route[], options: { mayWrite?: boolean; trustProxy?: boolean } = {}) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const metrics = createApiMetrics()
  const authorizeWrite = () => {
    if (!options.mayWrite) throw new TilepressError('WRITE_CLOSED', 'closed')
  }
  const { trustProxy = false } = options
  const server = createServer(createApi({ routes, metrics, log, authorizeWrite, trustProxy }).callback())
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lines, metrics }
}

describe('an error', () => {
  test.each(Object.entries(httpStatus))(
    '%s is answered %i with its detail and code, and is not to be kept',
    async (code, status) => {
      const api = await serve([
        get('/fails', (ctx) => {
          for (const name of ['ETag', 'Content-Bbox', 'Cache-Control']) ctx.set(name, 'of a tile')
          throw new TilepressError(code as ErrorCode, 'what went wrong', { context: { href: 'for the log' } })
        }),
      ])
      const answer = await ask(api, '/fails')
      expect([answer.status, answer.json()]).toEqual([status, { detail: 'what went wrong', code }])
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
      expect(answer.headers).not.toHaveProperty('etag')
      expect(answer.headers).not.toHaveProperty('content-bbox')
      expect('retry-after' in answer.headers).toBe(status === 503)
      expect('www-authenticate' in answer.headers).toBe(status === 401)
    },
  )

  test('that nobody foresaw is a 500 without a word of it, and its cause is in the log', async () => {
    const api = await serve([
      get('/fails', () => {
        throw new Error('the password is 1234')
      }),
    ])
    const answer = await ask(api, '/fails')
    expect([answer.status, answer.json()]).toEqual([500, { detail: 'internal error', code: 'INTERNAL' }])
    expect(api.lines).toHaveLength(1)
    expect(api.lines[0]).toMatchObject({ level: 50, code: 'INTERNAL', path: '/fails', msg: 'request failed' })
    expect(JSON.stringify(api.lines[0])).toContain('the password is 1234')
    expect(JSON.stringify(api.lines[0])).toContain('app.test.ts')
  })

  test('of ours is logged with its code and context, louder when it is not the client’s fault, and what may pass once', async () => {
    const failWith = (code: ErrorCode) => () => {
      throw new TilepressError(code, 'detail', { context: { href: 'where' } })
    }
    const api = await serve([
      get('/theirs', failWith('PARAMETER_INVALID')),
      get('/ours', failWith('ASSET_NOT_FOUND')),
      get('/stopped', failWith('RENDER_ABANDONED')),
    ])
    for (const path of ['/theirs', '/ours', '/stopped', '/stopped']) await ask(api, path)
    expect(api.lines.map(({ level, code, href, method, path }) => ({ level, code, href, method, path }))).toEqual([
      { level: 20, code: 'PARAMETER_INVALID', href: 'where', method: 'GET', path: '/theirs' },
      { level: 50, code: 'ASSET_NOT_FOUND', href: 'where', method: 'GET', path: '/ours' },
      { level: 40, code: 'RENDER_ABANDONED', href: 'where', method: 'GET', path: '/stopped' },
    ])
  })
})

describe('a request', () => {
  test('that no route takes is a 404, and one of another method a 405 with those there are', async () => {
    const body = (ctx: { body: unknown }) => {
      ctx.body = 'x'
    }
    const api = await serve([get('/a/:b', body), get('/both', body), { ...get('/both', body), method: 'post' }])
    expect((await ask(api, '/a')).json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' })
    const answer = await ask(api, '/a/1', { method: 'DELETE' })
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect((await ask(api, '/both', { method: 'PUT' })).headers.allow).toBe('GET, HEAD, POST, OPTIONS')
  })

  test('to write is asked for its right before its handler runs', async () => {
    let ran = 0
    const write: Route = { ...get('/write', () => void ran++), method: 'post', write: true }
    const closed = await serve([write])
    expect((await ask(closed, '/write', { method: 'POST' })).json()).toMatchObject({ code: 'WRITE_CLOSED' })
    expect(ran).toBe(0)
    const open = await serve([write], { mayWrite: true })
    await ask(open, '/write', { method: 'POST' })
    expect(ran).toBe(1)
  })

  test('is counted by its route’s pattern, never by its address', async () => {
    const api = await serve([
      get('/a/:b', (ctx) => {
        ctx.body = 'x'
      }),
      get(
        '/hot/:b/:c',
        (ctx) => {
          ctx.status = 204
        },
        { hot: true },
      ),
    ])
    for (const path of ['/a/1', '/a/2', '/hot/1/2', '/hot/3/4', '/c', '/d/e']) await ask(api, path)
    const { values } = await api.metrics.requests.get()
    expect(values.map(({ labels, value }) => [labels.route, labels.status, value])).toEqual([
      ['/a/:b', 200, 2],
      ['/hot/:b/:c', 204, 2],
      ['none', 404, 2],
    ])
  })

  test('is understood the same by the short way of tiles and by the router', async () => {
    const handler: Route['handler'] = (ctx, parameters) => {
      ctx.body = { ...parameters }
    }
    const path = '/c/:layer/tiles/:tms/:z/:x/:y'
    const [short, long] = await Promise.all([serve([get(path, handler, { hot: true })]), serve([get(path, handler)])])
    for (const asked of [
      '/c/a/tiles/W/1/2/3.png',
      '/c/%E2%98%83%20%2F/tiles/W/1/2/3.png?assets=%2F',
      '/c/a/tiles/W/1/2/',
      '/c/a/tiles/W/1/2',
      '/c//tiles/W/1/2/3',
      '/c/a/tiles/W/1/2/3/4',
      '/c/a/tiles/W/1/2/%00',
      '/c/a/tiles/..%2fW/1/2/3',
    ]) {
      const [one, other] = [await ask(short, asked), await ask(long, asked)]
      expect([one.status, one.json()], asked).toEqual([other.status, other.json()])
    }
    expect((await ask(short, '/c/a/tiles/W/1/2/%zz')).json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' })
  })

  test('of a preflight is answered without a route', async () => {
    const api = await serve([])
    const { status, headers } = await ask(api, '/anything', { method: 'OPTIONS' })
    expect([status, headers['access-control-allow-origin'], headers['access-control-max-age']]).toEqual([
      204,
      '*',
      '86400',
    ])
  })

  test('is believed about its scheme and host only behind a proxy that is trusted', async () => {
    const route = get('/where', (ctx) => {
      ctx.body = { from: `${ctx.protocol}://${ctx.host}` }
    })
    const headers = { host: 'inner:80', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'tiles.example' }
    const [plain, proxied] = await Promise.all([serve([route]), serve([route], { trustProxy: true })])
    expect((await ask(plain, '/where', { headers })).json()).toEqual({ from: 'http://inner:80' })
    expect((await ask(proxied, '/where', { headers })).json()).toEqual({ from: 'https://tiles.example' })
  })
})
