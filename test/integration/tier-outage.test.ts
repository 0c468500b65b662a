import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RedisService, startRedis } from '../../apps/stack/services/redis.ts'
import { RedisCache } from '../../src/cache/redis-cache.ts'
import { createStoredTile } from '../../src/cache/stored-tile.ts'
import { connectRedis, whenReady } from '../../src/queue/connection.ts'
import { Releasers } from '../../src/release.ts'
import { ask } from '../support/http.ts'
import { CountingTier, searchId, startTileApi } from '../support/tile-api.ts'

/** How long the tier is waited for. The machine may be busy, hence more than in production. */
const TIMEOUT_MS = 400

let releasers: Releasers
let folder: string
let server: RedisService
let blob: CountingTier
let api: Awaited<ReturnType<typeof startTileApi>>

const path = (x: number) => `/searches/${searchId}/tiles/WebMercatorQuad/10/${x}/5.png?assets=a`
const tile = createStoredTile(
  { outcome: 'image', contentType: 'image/png', body: Buffer.alloc(9_000, 1) },
  null,
  Date.now(),
)

/** An API process without memory before a real Redis and a Blob that has every tile asked for. */
beforeEach(async () => {
  releasers = new Releasers()
  folder = await mkdtemp(join(tmpdir(), 'tilepress-redis-'))
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  server = await startRedis({ folder, policy: 'allkeys-lru', aof: false })
  releasers.add('server', () => server.stop())
  const redis = connectRedis(server.url, 'fail-fast', { timeoutMs: TIMEOUT_MS * 4, onError: () => undefined })
  releasers.add('connection', () => redis.disconnect())
  await whenReady(redis, 5_000)
  blob = new CountingTier('blob')
  const near = new RedisCache(redis, { ttlSeconds: () => 86_400, timeoutMs: TIMEOUT_MS })
  api = await startTileApi({ tiers: [near, blob], withMemory: false }, releasers)
  const keys = await Promise.all(Array.from({ length: 100 }, (_, x) => api.keyOf(path(x))))
  for (const key of keys) blob.tiles.set(key, tile)
})

afterEach(() => releasers.release())

/** Answers to all hundred tiles at a time: their status and where they came from, counted. */
async function askAll(): Promise<Record<string, number>> {
  const answers = await Promise.all(Array.from({ length: 100 }, (_, x) => ask(api, path(x))))
  for (const { body } of answers) expect(body.equals(tile.body)).toBe(true)
  const groups = Map.groupBy(answers, ({ status, headers }) => `${status} ${headers['x-cache']}`)
  return Object.fromEntries([...groups].map(([name, group]) => [name, group.length]))
}

const inRedis = async () => (await askAll())['200 HIT-REDIS'] === 100

describe('a cache Redis', () => {
  test('that hangs costs its time-out once, then nothing; and serves again by itself when it is back', async () => {
    await expect.poll(inRedis, { timeout: 20_000 }).toBe(true)
    process.kill(server.pid, 'SIGSTOP')
    expect(await askAll()).toEqual({ '200 HIT-BLOB': 100 })
    expect(api.cache.states().redis).toBe('open')
    const failures = api.failures.length
    const started = performance.now()
    expect(await askAll()).toEqual({ '200 HIT-BLOB': 100 })
    // One or two of them may have been let through to try, and before the fifth failure four tiles of Blob were on their way to Redis.
    expect(api.failures.length - failures).toBeLessThanOrEqual(6)
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS * 5)
    process.kill(server.pid, 'SIGCONT')
    await expect.poll(inRedis, { timeout: 20_000 }).toBe(true)
    expect(api.cache.states().redis).toBe('closed')
  })

  test('that hangs is tried by one call at a time', async () => {
    process.kill(server.pid, 'SIGSTOP')
    await askAll()
    api.failures.length = 0
    const end = performance.now() + 4_000
    while (performance.now() < end) await askAll()
    process.kill(server.pid, 'SIGCONT')
    // A try each second, and what was on its way before; without a breaker it would be hundreds.
    expect(api.failures.length).toBeGreaterThan(0)
    expect(api.failures.length).toBeLessThanOrEqual(10)
  })

  test('that is gone fails nobody, and serves again when another is in its place', async () => {
    await expect.poll(inRedis, { timeout: 20_000 }).toBe(true)
    await server.stop()
    expect(await askAll()).toEqual({ '200 HIT-BLOB': 100 })
    server = await startRedis({ folder, port: server.port, policy: 'allkeys-lru', aof: false })
    await expect.poll(inRedis, { timeout: 20_000 }).toBe(true)
  })

  test('that is full and may not evict takes no tile, and gives those it has', async () => {
    await expect.poll(inRedis, { timeout: 20_000 }).toBe(true)
    const admin = connectRedis(server.url, 'worker', { onError: () => undefined })
    releasers.add('admin', () => admin.disconnect())
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    await admin.config('SET', 'maxmemory', '1mb')
    blob.asked.length = 0
    expect(await askAll()).toEqual({ '200 HIT-REDIS': 100 })
    const key = await api.keyOf(path(500))
    blob.tiles.set(key, tile)
    expect((await ask(api, path(500))).headers['x-cache']).toBe('HIT-BLOB')
    await expect.poll(() => api.failures).toContain('redis put')
    expect(await askAll()).toEqual({ '200 HIT-REDIS': 100 })
  })
})
