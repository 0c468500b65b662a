import { afterEach, describe, expect, test } from 'vitest'
import { columnOf, endQueues, startQueues, tileJob } from '../support/render-queues.ts'

afterEach(endQueues)

const refreshOf = (x: number) => ({ ...tileJob(x), force: true })
const jobOfRun = (x: number) => ({ ...tileJob(x), first: null, runId: 'run', runIndex: x })

describe('a refresh', () => {
  test('goes before the jobs of runs, the newest first, and is there once', async () => {
    const { queue, background, startWorker } = await startQueues()
    await queue.enqueueBackground([jobOfRun(1), jobOfRun(2)])
    for (const x of [3, 4, 3]) expect(await queue.enqueueRefresh(refreshOf(x))).toBe(true)
    expect(await background.getWaitingCount()).toBe(4)
    const taken: number[] = []
    startWorker(async (job) => void taken.push(columnOf(job)))
    await expect.poll(() => taken).toEqual([4, 3, 1, 2])
  })

  test('that has run can be asked for again', async () => {
    const { queue, startWorker } = await startQueues()
    const taken: number[] = []
    startWorker(async (job) => void taken.push(columnOf(job)))
    for (const times of [1, 2]) {
      await expect.poll(async () => (await queue.counts()).background.active).toBe(0)
      expect(await queue.enqueueRefresh(refreshOf(1))).toBe(true)
      await expect.poll(() => taken.length).toBe(times)
    }
  })

  test('that the queue does not take is no error', async () => {
    const { queue, redis } = await startQueues()
    redis.disconnect()
    expect(await queue.enqueueRefresh(refreshOf(1))).toBe(false)
  })
})
