import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis } from '../../apps/stack/services/redis.ts'
import { RedisCache } from '../../src/cache/redis-cache.ts'
import { createStoredTile } from '../../src/cache/stored-tile.ts'
import { connectRedis, type Redis, whenReady } from '../../src/queue/connection.ts'
import { Releasers } from '../../src/release.ts'
import { uniqueName } from '../support/services.ts'

let redis: Redis
let cache: RedisCache
const releasers = new Releasers()

/** A server of its own, as it is paused. */
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-redis-'))
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  const server = await startRedis({ folder, policy: 'allkeys-lru', aof: false })
  releasers.add('server', () => server.stop())
  redis = connectRedis(server.url, 'fail-fast', { timeoutMs: 5_000, onError: () => undefined })
  releasers.add('connection', () => redis.disconnect())
  await whenReady(redis, 5_000)
  cache = new RedisCache(redis, { ttlSeconds: () => 100, timeoutMs: 5_000 })
})

afterAll(() => releasers.release())

const photo = (renderedAt = Date.now(), place?: { bounds: [number, number, number, number]; crs: string }) =>
  createStoredTile(
    { outcome: 'image', contentType: 'image/jpeg', body: Buffer.alloc(11_000, 7), ...(place ? { place } : {}) },
    'items_limit',
    renderedAt,
  )

describe('a tile in Redis', () => {
  test('comes back as it was, and its head without its body', async () => {
    const [key, tile] = [uniqueName(), photo()]
    await cache.put(key, tile)
    expect(await cache.get(key)).toEqual(tile)
    const { body: _, ...head } = tile
    expect(await cache.head(key)).toEqual(head)
  })

  test('that is not there has neither', async () => {
    expect([await cache.get('missing'), await cache.head('missing')]).toEqual([null, null])
  })

  test('whose head is too long for one look is asked for with its body', async () => {
    const [key, tile] = [uniqueName(), photo(Date.now(), { bounds: [0, 0, 1, 1], crs: `PROJCS["${'x'.repeat(200)}"]` })]
    await cache.put(key, tile)
    expect(await cache.head(key)).toBeNull()
    expect(await cache.get(key)).toEqual(tile)
  })

  test('lives for what is left of its life, also when a hit in Blob brings it back', async () => {
    const [key, old, dead, ahead] = [uniqueName(), uniqueName(), uniqueName(), uniqueName()]
    await cache.put(key, photo())
    await cache.put(old, photo(Date.now() - 60_000))
    await cache.put(dead, photo(Date.now() - 100_001))
    await cache.put(ahead, photo(Date.now() + 300_000))
    const lives = await Promise.all([key, old, dead, ahead].map((each) => redis.pttl(`tile:${each}`)))
    expect(lives[0]).toBeGreaterThan(90_000)
    expect(lives[1]).toBeLessThanOrEqual(40_000)
    expect(lives[1]).toBeGreaterThan(30_000)
    expect(lives[2]).toBe(-2)
    expect(lives[3]).toBeLessThanOrEqual(100_000)
  })

  test('is asked for in one write with all others of the same turn', async () => {
    const keys = Array.from({ length: 8 }, () => uniqueName())
    await Promise.all(keys.map((key) => cache.put(key, photo())))
    let writes = 0
    const { stream } = redis
    const writev = stream._writev?.bind(stream)
    const write = stream._write.bind(stream)
    stream._writev = (...given) => {
      writes++
      writev?.(...given)
    }
    stream._write = (...given) => {
      writes++
      write(...given)
    }
    try {
      const tiles = await Promise.all(keys.map((key) => cache.get(key)))
      expect(tiles.map((tile) => tile?.body.length)).toEqual(keys.map(() => 11_000))
      expect(writes).toBe(1)
    } finally {
      Reflect.deleteProperty(stream, '_writev')
      Reflect.deleteProperty(stream, '_write')
    }
  })
})

describe('an answer that is late', () => {
  test('fails the look; one that only the own process kept waiting does not', async () => {
    const impatient = new RedisCache(redis, { ttlSeconds: () => 100, timeoutMs: 50 })
    const [key, tile] = [uniqueName(), photo()]
    await cache.put(key, tile)
    const answer = impatient.get(key)
    // The question leaves with the end of this turn; then the process is busy for longer than it is patient.
    await new Promise((resolve) => setImmediate(resolve))
    const busyUntil = performance.now() + 200
    while (performance.now() < busyUntil);
    expect(await answer).toEqual(tile)
    await redis.client('PAUSE', 300, 'ALL')
    await expect(impatient.get(key)).rejects.toThrow('in time')
    expect(await cache.get(key)).toEqual(tile)
  })
})
