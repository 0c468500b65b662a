import { afterEach, describe, expect, test } from 'vitest'
import { PrerenderRuns } from '../../src/prerender/prerender-runs.ts'
import { connectRedis } from '../../src/queue/connection.ts'
import { LayerGenerations } from '../../src/queue/layer-generations.ts'
import { RenderQueue } from '../../src/queue/render-queue.ts'
import { endRuns, refusal, runRequest, startRuns, world } from '../support/prerender-runs.ts'
import { uniqueName } from '../support/services.ts'

afterEach(endRuns)

describe('pre-render runs', () => {
  test('that would be too large, or have no tile, are refused before anything is stored', async () => {
    const { runs } = await startRuns({ tileLimit: 84 })
    const tooLarge = await refusal(runs.create(runRequest(), world))
    expect(tooLarge.code).toBe('RUN_TOO_LARGE')
    expect(tooLarge.detail).toContain('85')
    expect(tooLarge.detail).toContain('84')
    const empty = await refusal(runs.create(runRequest({ bbox: [0, 86, 1, 87] }), world))
    expect(empty).toMatchObject({ code: 'PARAMETER_INVALID', detail: expect.stringContaining('bbox') })
    expect(await runs.list(10)).toEqual([])
  })

  test('that are unknown are not found', async () => {
    const { runs } = await startRuns()
    for (const id of ['mjuzs000-0a1b2c3d', 'x', '../runs', '']) {
      expect((await refusal(runs.get(id))).code).toBe('RUN_NOT_FOUND')
      expect((await refusal(runs.cancel(id))).code).toBe('RUN_NOT_FOUND')
    }
  })

  test('are listed newest first', async () => {
    const { runs } = await startRuns()
    const ids: string[] = []
    for (let i = 0; i < 3; i++) {
      ids.unshift((await runs.create(runRequest(), world)).id)
      // The order within one millisecond is left to chance.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect((await runs.list(10)).map(({ id }) => id)).toEqual(ids)
    expect((await runs.list(2)).map(({ id }) => id)).toEqual(ids.slice(0, 2))
    expect(ids.toSorted().reverse()).toEqual(ids)
  })

  test('work a hundred at a time, and one more is refused', async () => {
    const { runs, store } = await startRuns({ window: 1 })
    const ids: string[] = []
    for (let i = 0; i < 100; i++) ids.push((await runs.create(runRequest(), world)).id)
    expect((await refusal(runs.create(runRequest(), world))).code).toBe('QUEUE_FULL')
    expect(await store.runningIds()).toHaveLength(100)
    await runs.cancel(ids[50]!)
    await runs.create(runRequest(), world)
  })

  test('are forgotten a thousand later, but not while they work', async () => {
    const { runs, store } = await startRuns({ window: 1 })
    const first = await runs.create(runRequest(), world)
    const { spec } = (await store.get(first.id, 0))!
    const over: string[] = []
    for (let i = 0; i < 1_002; i++) {
      const id = await store.create(spec, 85, 7)
      await store.cancel(id)
      over.push(id)
    }
    expect(await store.list(2_000)).toHaveLength(1_000)
    expect(await store.get(first.id, 0)).not.toBeNull()
    expect((await refusal(runs.get(over[0]!))).code).toBe('RUN_NOT_FOUND')
    expect((await runs.get(over.at(-1)!)).state).toBe('cancelled')
  })

  test('cannot be made or seen while Redis is away, and the caller is told at once', async () => {
    const redis = connectRedis('redis://127.0.0.1:1', 'fail-fast', { timeoutMs: 500, onError: () => undefined })
    const prefix = `{${uniqueName()}}`
    const queue = new RenderQueue({ redis, prefix, attempts: 1, liveBacklogLimit: 1, deadlineMs: 10_000 })
    const generations = new LayerGenerations(redis, prefix)
    const onError = () => undefined
    const limits = { side: 4, window: 8, tileLimit: 1_000, attempts: 1 }
    const runs = new PrerenderRuns({ redis, queue, generations, prefix, ...limits, onError })
    for (const asked of [runs.create(runRequest(), world), runs.get('mjuzs000-0a1b2c3d'), runs.list(5)]) {
      expect((await refusal(asked)).code).toBe('QUEUE_UNAVAILABLE')
    }
    redis.disconnect()
  })
})
