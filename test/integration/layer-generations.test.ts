import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { ALL_ZOOMS } from '../../src/freshness/layer-state.ts'
import { connectRedis, type Redis, whenReady } from '../../src/queue/connection.ts'
import { LayerGenerations } from '../../src/queue/layer-generations.ts'
import { services, uniqueName } from '../support/services.ts'

const open: Redis[] = []

afterEach(() => {
  for (const redis of open.splice(0)) redis.disconnect()
})

const layer = { kind: 'search', id: 'a' } as const
const area = (west: number) => ({ ...ALL_ZOOMS, boxes: [[west, 0, west + 1, 1]] as const })

/** So many processes that know the same layers. */
async function processes(count: number) {
  const prefix = `{${uniqueName()}}`
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const redis = connectRedis(services().queueRedisUrl, 'fail-fast', { timeoutMs: 5_000, onError: () => undefined })
      open.push(redis)
      await whenReady(redis, 5_000)
      return { redis, prefix, generations: new LayerGenerations(redis, prefix) }
    }),
  )
}

describe('the state of a layer', () => {
  test('has every invalidation, whoever made them at the same time', async () => {
    const all = await processes(3)
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, i) => all[i % 3]!.generations.invalidate(layer, area(i * 2))),
    )
    const [fresh] = [new LayerGenerations(all[0]!.redis, all[0]!.prefix)]
    const state = await fresh!.state(layer)
    expect(state.regions.map(({ boxes }) => boxes[0]?.[0]).sort((a, b) => a! - b!)).toEqual(made.map((_, i) => i * 2))
    const editions = state.regions.map(({ edition }) => edition)
    expect(editions).toEqual([...new Set(editions)].sort((a, b) => a - b))
    expect(state.edition).toBe(Math.max(...made.map(({ edition }) => edition)))
  })

  test('that another process changed is known to one that was idle at its next question, and to one at work soon', async () => {
    const [one, idle, busy] = await processes(3)
    expect((await idle!.generations.state(layer)).generation).toBe(0)
    await busy!.generations.state(layer)
    await one!.generations.raise(layer)
    const seen = async () => (await busy!.generations.state(layer)).generation
    await expect.poll(seen, { timeout: 8_000, interval: 100 }).toBe(1)
    await sleep(2_000)
    expect((await idle!.generations.state(layer)).generation).toBe(1)
  })

  test('is asked for at once by whoever knows that there is a later edition', async () => {
    const [one, other] = await processes(2)
    await other!.generations.state(layer)
    const { edition } = await one!.generations.invalidate(layer, area(0))
    expect((await other!.generations.state(layer)).regions).toEqual([])
    expect((await other!.generations.state(layer, edition)).regions).toHaveLength(1)
  })

  test('begins above all editions that tiles have when Redis lost its data', async () => {
    const [one] = await processes(1)
    const before = await one!.generations.invalidate(layer, area(0))
    await one!.redis.del(`${one!.prefix}:layers`, `${one!.prefix}:regions:search/a`)
    await sleep(5)
    const after = await one!.generations.invalidate(layer, area(0))
    expect(after.edition).toBeGreaterThan(before.edition)
    expect(after.regions).toHaveLength(1)
  })

  test('is the last known one while Redis is away', async () => {
    const [one] = await processes(1)
    await one!.generations.raise(layer)
    one!.redis.disconnect()
    expect((await one!.generations.state(layer)).generation).toBe(1)
    expect((await one!.generations.state({ kind: 'search', id: 'b' })).generation).toBe(0)
    await expect(one!.generations.raise(layer)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  })
})
