import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { userCacheFolder } from '../../apps/stack/services/cache-folder.ts'
import { type PostgresService, startPostgres } from '../../apps/stack/services/postgres.ts'
import { type RedisService, startRedis } from '../../apps/stack/services/redis.ts'
import { createApiMetrics, createWorkerMetrics } from '../../src/metrics.ts'
import { ask, expectError } from '../support/http.ts'
import { type Program, type System, startSystem, until } from '../support/programs.ts'
import { uniqueName } from '../support/services.ts'
import { createTwoAccounts } from '../support/two-accounts.ts'

const collection = uniqueName('health-')

let folder: string
let postgres: PostgresService
let queueRedis: RedisService
let cacheRedis: RedisService
let system: System
let api: Program
let worker: Program
let mosaic: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilepress-health-'))
  await chmod(folder, 0o755)
  ;[postgres, system] = await Promise.all([startOwnPostgres(), startSystem({ CACHE_TIMEOUT_MS: '250' })])
  queueRedis = system.queueRedis
  cacheRedis = system.cacheRedis
  await postgres.createDatabase('catalogue')
  await createTwoAccounts({ query: (text, values) => queryOwn(text, values) }, collection)
  const environment = { DATABASE_URL: postgres.url('catalogue') }
  ;[api, worker] = await Promise.all([system.startApi(environment), system.startWorker(environment)])
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  mosaic = `/searches/${registered.json<{ id: string }>().id}`
})
afterAll(async () => {
  await system?.release()
  await Promise.all([queueRedis?.stop(), cacheRedis?.stop(), postgres?.stop()])
  await rm(folder, { recursive: true, force: true })
})

function startOwnPostgres(port?: number): Promise<PostgresService> {
  const cacheFolder = userCacheFolder(process.env)
  return startPostgres({ folder: join(folder, 'postgres'), durable: false, cacheFolder, ...(port ? { port } : {}) })
}

async function queryOwn<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.adminUrl('catalogue') })
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

type Health = Record<string, unknown>

/**
 * The health page shows this within 100 ms. Asked until it does, for 5 s, as the machine may have other things to do; an answer that took
 * longer does not count.
 */
async function expectHealth(state: Health): Promise<void> {
  const page = async () => {
    const started = performance.now()
    const answer = await ask(api, '/healthz')
    const ms = performance.now() - started
    return ms < 100 && answer.status === 200 ? answer.json<Health>() : { late: ms }
  }
  await expect.poll(page, { timeout: 5_000, interval: 50 }).toMatchObject(state)
}

const tile = (query: string) => ask(api, `${mosaic}/tiles/WebMercatorQuad/5/16/15?${query}`)
const restart = (redis: RedisService, name: string, policy: 'noeviction' | 'allkeys-lru') =>
  startRedis({ folder: join(folder, name), port: redis.port, policy, aof: false })
const isHealthy = async () => (await ask(api, '/healthz')).json<Health>().status === 'healthy'

describe('the health page', () => {
  test('has the state of every part, and no credentials', async () => {
    // A part has 60 ms to answer, which a busy machine may take now and then.
    await until('every part answers', isHealthy)
    const page = (await ask(api, '/healthz')).json<Health>()
    expect(page).toEqual({
      status: 'healthy',
      azure_auth_enabled: true,
      local_mode: true,
      auth_type: 'default_azure_credential',
      storage_account: 'tilepressa',
      token_status: 'valid',
      token_expires_in_seconds: expect.any(Number),
      token_scope: 'https://storage.azure.com/.default',
      database_status: 'connected',
      database_url: `postgres://127.0.0.1:${postgres.port}/catalogue`,
      queue_status: 'connected',
      queue_jobs: {
        live: { wait: 0, active: 0, delayed: 0, failed: 0 },
        background: { wait: 0, active: 0, delayed: 0, failed: 0 },
      },
      cache_status: 'connected',
      cache_tiers: { redis: 'closed', blob: 'closed' },
    })
    await expectHealth({ status: 'healthy' })
  })

  test('of a worker has its parts, too', async () => {
    const askWorker = async () => (await ask(worker, '/healthz')).json<Health>()
    await until('the database answers in time', async () => (await askWorker()).database === 'connected')
    const page = await askWorker()
    expect(page).toMatchObject({ queue: 'ready', token: { status: 'valid' } })
    expect(JSON.stringify(page)).not.toMatch(/eyJ|password/)
  })
})

test('the liveness pages say that the process answers', async () => {
  for (const program of [api, worker]) {
    const answer = await ask(program, '/livez')
    expect([answer.status, answer.json()]).toEqual([200, { status: 'alive' }])
    expect(answer.headers['cache-control']).toBe('no-store')
  }
})

test('the metrics pages have every metric there is, and labels that are no URLs', async () => {
  await tile('assets=rgb')
  await ask(api, '/nothing/at/all')
  for (const [program, { registry }] of [
    [api, createApiMetrics()],
    [worker, createWorkerMetrics()],
  ] as const) {
    const { headers, text } = await ask(program, '/metrics')
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    for (const { name } of await registry.getMetricsAsJSON()) expect(text).toContain(`# TYPE ${name} `)
  }
  const { text } = await ask(api, '/metrics')
  const routes = [...text.matchAll(/^tilepress_http_requests_total\{route="([^"]+)"/gm)].map(([, route]) => route)
  expect(routes).toContain('/searches/:layer/tiles/:tms/:z/:x/:y')
  expect(routes).toContain('none')
  expect(routes.some((route) => route?.includes('nothing'))).toBe(false)
})

describe('while the cache Redis', () => {
  test('hangs, the health page says so in time, and tiles come from elsewhere', async () => {
    system.announce({ msg: 'a cache tier was skipped' })
    await tile('assets=rgb')
    process.kill(cacheRedis.pid, 'SIGSTOP')
    try {
      await expectHealth({ status: 'degraded', cache_status: 'unavailable', queue_status: 'connected' })
      expect((await tile('assets=rgb')).headers['x-cache']).toBe('HIT-MEMORY')
      const rendered = await tile('assets=rgb&nodata=1')
      expect([rendered.status, rendered.headers['x-cache']]).toEqual([200, 'MISS'])
    } finally {
      process.kill(cacheRedis.pid, 'SIGCONT')
    }
    await until('it is healthy again', isHealthy)
  })

  test('is away, the health page says so in time, and missing tiles are rendered all the same', async () => {
    system.announce({ msg: 'Redis connection', server: 'cache' })
    await cacheRedis.stop()
    await expectHealth({ status: 'degraded', cache_status: 'unavailable', queue_status: 'connected' })
    const rendered = await tile('assets=rgb&nodata=2')
    expect([rendered.status, rendered.headers['x-cache']]).toEqual([200, 'MISS'])
    expect((await tile('assets=rgb&nodata=2')).headers['x-cache']).toBe('HIT-MEMORY')
    cacheRedis = await restart(cacheRedis, 'cache', 'allkeys-lru')
    await until('it is healthy again', isHealthy)
  })
})

describe('while the queue’s Redis', () => {
  test('hangs, the health page says so in time, hits go on, and misses are refused soon', async () => {
    system.announce({ code: 'QUEUE_UNAVAILABLE' })
    process.kill(queueRedis.pid, 'SIGSTOP')
    try {
      await expectHealth({
        status: 'degraded',
        queue_status: 'unavailable',
        queue_jobs: null,
        cache_status: 'connected',
      })
      expect((await tile('assets=rgb')).headers['x-cache']).toBe('HIT-MEMORY')
      const started = performance.now()
      expectError(await tile('assets=rgb&nodata=3'), 503, 'QUEUE_UNAVAILABLE')
      expect(performance.now() - started).toBeLessThan(5_000)
      expect((await ask(api, '/metrics')).status).toBe(200)
    } finally {
      process.kill(queueRedis.pid, 'SIGCONT')
    }
    await until('it is healthy again', isHealthy)
  })

  test('is away, hits go on and misses are refused at once with the time to come again', async () => {
    system.announce({ msg: 'Redis connection', server: 'queue' })
    system.announce({ msg: 'the queue' })
    system.announce({ msg: 'a pre-render run' })
    await queueRedis.stop()
    await expectHealth({ status: 'degraded', queue_status: 'unavailable' })
    expect((await tile('assets=rgb')).headers['x-cache']).toBe('HIT-MEMORY')
    const refused = await tile('assets=rgb&nodata=4')
    expectError(refused, 503, 'QUEUE_UNAVAILABLE')
    expect(refused.headers['retry-after']).toMatch(/^\d+$/)
    expectError(await ask(api, '/prerender-runs'), 503, 'QUEUE_UNAVAILABLE')
    queueRedis = await restart(queueRedis, 'queue', 'noeviction')
    await until('it is healthy again', isHealthy)
    await until('a missing tile comes', async () => (await tile('assets=rgb&nodata=4')).status === 200)
  })
})

describe('while the database', () => {
  test('hangs, the health page says so in time, and tiles of known searches go on', async () => {
    const processes = [postgres.pid, ...childrenOf(postgres.pid)]
    for (const pid of processes) process.kill(pid, 'SIGSTOP')
    try {
      await expectHealth({ status: 'degraded', database_status: 'unavailable', queue_status: 'connected' })
      expect((await tile('assets=rgb')).headers['x-cache']).toBe('HIT-MEMORY')
    } finally {
      for (const pid of processes) process.kill(pid, 'SIGCONT')
    }
    await until('it is healthy again', isHealthy)
  })

  test('is away, cached tiles and tiles of known searches go on, and the rest is refused with a code', async () => {
    system.announce({ msg: 'an idle database connection broke' })
    system.announce({ code: 'DATABASE_UNAVAILABLE' })
    // The worker has the search's items by now, and they live for a minute.
    expect((await tile('assets=rgb&nodata=5')).status).toBe(200)
    await postgres.stop()
    await expectHealth({ status: 'degraded', database_status: 'unavailable' })
    expect((await tile('assets=rgb')).headers['x-cache']).toBe('HIT-MEMORY')
    expect((await tile('assets=rgb&nodata=6')).status).toBe(200)
    expectError(await ask(api, `${mosaic}/info`), 503, 'DATABASE_UNAVAILABLE')
    const unknown = '/searches/0123456789abcdef0123456789abcdef/tiles/WebMercatorQuad/0/0/0?assets=rgb'
    expectError(await ask(api, unknown), 503, 'DATABASE_UNAVAILABLE')
    const landing = await ask(api, '/')
    expect(landing.status).toBe(200)
    expect(landing.text).toContain('The catalogue does not answer')
    postgres = await startOwnPostgres(postgres.port)
    await until('it is healthy again', isHealthy)
    expect((await ask(api, `${mosaic}/info`)).status).toBe(200)
  })
})

test('while everything is away, the tiles in memory are served', async () => {
  await Promise.all([postgres.stop(), queueRedis.stop(), cacheRedis.stop()])
  await expectHealth({
    status: 'degraded',
    database_status: 'unavailable',
    queue_status: 'unavailable',
    cache_status: 'unavailable',
  })
  expect((await ask(api, '/livez')).status).toBe(200)
  for (const query of ['assets=rgb', 'assets=rgb&nodata=2']) {
    const { status, headers, body } = await tile(query)
    expect([status, headers['x-cache']]).toEqual([200, 'HIT-MEMORY'])
    expect(body.length).toBeGreaterThan(100)
  }
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}
