import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { BLOB_PATIENCE_MS, type FaultedSystem, startFaultedSystem } from '../support/faulted-system.ts'
import { metric, until } from '../support/programs.ts'
import { isMiss, median } from '../support/traffic.ts'
import { expectEnds } from './expected-ends.ts'

let faulted: FaultedSystem

beforeAll(async () => {
  faulted = await startFaultedSystem({ editions: 12 })
  faulted.system.announce({ msg: 'Redis connection', server: 'cache' })
  faulted.system.announce({ msg: 'a cache tier was skipped' })
})
afterEach(() => {
  if (faulted) faulted.blob.trouble = null
})
afterAll(() => faulted?.release())

/** No fault of a cache is seen by a client, and every program counts it. */
async function expectUnseen(started: number, tier: 'redis' | 'blob'): Promise<void> {
  await faulted.expectAllWell()
  expectEnds(faulted.traffic.since(started))
  const failures = await Promise.all(
    [...faulted.apis, ...faulted.workers].map((program) =>
      metric(program, 'tilepress_cache_tier_failures_total', { tier }),
    ),
  )
  expect(Math.max(...failures)).toBeGreaterThan(0)
}

test('the cache’s Redis away for a while', async () => {
  const started = performance.now()
  const { cacheRedis } = faulted
  await cacheRedis.stop()
  faulted.missAnew()
  await faulted.answered(15, isMiss)
  await cacheRedis.start()
  const edition = faulted.missAnew()
  await faulted.answered(15, isMiss)
  await until('it holds tiles again', async () => {
    const redis = await faulted.redis('cache')
    const size = await redis.dbsize().finally(() => redis.disconnect())
    return size > 0 && edition > 0
  })
  await expectUnseen(started, 'redis')
})

test('the cache’s Redis full, and refusing what is written', async () => {
  const started = performance.now()
  const redis = await faulted.redis('cache')
  try {
    await redis.config('SET', 'maxmemory-policy', 'noeviction')
    await redis.config('SET', 'maxmemory', '2mb')
    await expect(redis.set('a key', 'too many')).rejects.toThrow('OOM')
    faulted.missAnew()
    await faulted.answered(15, isMiss)
  } finally {
    await redis.config('SET', 'maxmemory', '128mb')
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    redis.disconnect()
  }
  await expectUnseen(started, 'redis')
})

test('the cache’s Redis too small, and evicting', async () => {
  const started = performance.now()
  const redis = await faulted.redis('cache')
  try {
    await redis.config('SET', 'maxmemory', '2mb')
    faulted.missAnew()
    await faulted.answered(15, isMiss)
    const evicted = async () => Number(/evicted_keys:(\d+)/.exec(await redis.info('stats'))?.[1])
    await until('it has evicted tiles', async () => (await evicted()) > 0)
    await faulted.expectAllWell()
  } finally {
    await redis.config('SET', 'maxmemory', '128mb')
    redis.disconnect()
  }
  expectEnds(faulted.traffic.since(started))
})

test('the cache’s Redis flushed', async () => {
  const started = performance.now()
  const { apis, imagery, traffic } = faulted
  const edition = faulted.missAnew()
  await faulted.answered(15, isMiss)
  const redis = await faulted.redis('cache')
  await redis.flushall().finally(() => redis.disconnect())
  await faulted.answered(10)
  const [tile] = imagery.tiles
  // Whoever asks first has it from Blob, and it is in Redis again then.
  const froms = await Promise.all(apis.map(async (api) => (await traffic.ask(api, edition, tile!)).cache))
  expect(froms.filter((from) => from.startsWith('HIT') || from === 'MISS')).toHaveLength(apis.length)
  await faulted.expectAllWell()
  expectEnds(traffic.since(started))
})

test.for(['down', 'slow', 'throttling'] as const)('Blob %s', async (trouble) => {
  const started = performance.now()
  const { blob, traffic } = faulted
  blob.trouble = trouble
  const before = blob.troubled
  // Who has given Blob up for the last trouble asks it again after a rest.
  do {
    faulted.missAnew()
    await faulted.answered(15, isMiss)
  } while (blob.troubled === before)
  // It costs a few requests its time-out, and not each of them.
  expect(
    median(
      traffic
        .since(started)
        .filter(isMiss)
        .map(({ ms }) => ms),
    ),
  ).toBeLessThan(BLOB_PATIENCE_MS)
  blob.trouble = null
  faulted.missAnew()
  await faulted.answered(5, isMiss)
  await expectUnseen(started, 'blob')
})

test('the cache’s Redis and Blob away at once', async () => {
  const started = performance.now()
  const { blob, cacheRedis } = faulted
  blob.trouble = 'down'
  await cacheRedis.stop()
  faulted.missAnew()
  await faulted.answered(15, isMiss)
  await cacheRedis.start()
  blob.trouble = null
  await expectUnseen(started, 'blob')
})

test('all this left nothing in the logs but what it should', async () => {
  await faulted.traffic.stop()
  await faulted.system.stopPrograms()
  expect(faulted.system.unexpectedLogs().slice(0, 20)).toEqual([])
})
