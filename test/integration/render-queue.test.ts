import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import type { RenderJob } from '../../src/queue/render-job.ts'
import { TileAnnouncer } from '../../src/queue/tile-announcer.ts'
import { capacityKey } from '../../src/queue/worker-pulse.ts'
import { columnOf, endQueues, keyOf, type QueueSystem, startQueues, tileJob } from '../support/render-queues.ts'

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

/** The queue once it knows how fast the workers are and how many jobs wait: it looks when a job is added, five times a second at most. */
async function informed({ redis, prefix, queue, live }: QueueSystem, jobsPerMs: number): Promise<void> {
  await redis.set(capacityKey(prefix), String(jobsPerMs))
  await sleep(210)
  await queue.enqueueLive(tileJob(0), true)
  const waiting = await live.getWaitingCount()
  await expect.poll(() => queue.liveWaitMs).toBeCloseTo(waiting / jobsPerMs, 1)
}

describe('a waiting client’s job', () => {
  test('waits behind the others while they are a second of work, and goes before them when they are more', async () => {
    const system = await startQueues()
    const { queue, startWorker } = system
    for (const x of [0, 1, 2]) await queue.enqueueLive(tileJob(x))
    await informed(system, 0.01)
    await queue.enqueueLive(tileJob(3))
    await informed(system, 0.001)
    await queue.enqueueLive(tileJob(4))
    await queue.enqueueLive(tileJob(5))
    const taken: number[] = []
    startWorker(async (job) => void taken.push(columnOf(job)))
    await expect.poll(() => taken).toEqual([5, 4, 0, 1, 2, 3])
  })

  test('is refused at once when it would wait longer than the deadline lets it, is counted, and is told when to come back', async () => {
    const refused: string[] = []
    const system = await startQueues({ deadlineMs: 1_000, onRefused: (reason) => refused.push(reason) })
    const { queue, live } = system
    for (const x of [0, 1, 2]) await queue.enqueueLive(tileJob(x))
    await informed(system, 0.001)
    const error = await queue.enqueueLive(tileJob(3)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TilepressError)
    expect(error).toMatchObject({ code: 'QUEUE_FULL', retryAfterSeconds: 3 })
    expect(refused).toEqual(['deadline'])
    expect(await live.getWaitingCount()).toBe(3)
  })

  test('that is in the queue already is not refused, and one that was lost is put back', async () => {
    const system = await startQueues({ deadlineMs: 1_000 })
    const { queue, live } = system
    for (const x of [0, 1, 2]) await queue.enqueueLive(tileJob(x))
    await informed(system, 0.001)
    expect(await queue.enqueueLive(tileJob(1), true)).toBe(false)
    expect(await queue.enqueueLive(tileJob(3), true)).toBe(true)
    expect(await live.getWaitingCount()).toBe(4)
  })

  test('is not refused for a crowd that was there before a pause', async () => {
    const system = await startQueues({ deadlineMs: 1_000 })
    const { queue, live } = system
    for (const x of [0, 1, 2]) await queue.enqueueLive(tileJob(x))
    await informed(system, 0.001)
    await expect(queue.enqueueLive(tileJob(3))).rejects.toMatchObject({ code: 'QUEUE_FULL' })
    await live.drain()
    await sleep(1_100)
    expect(await queue.enqueueLive(tileJob(3))).toBe(true)
  })

  test('of a burst counts before the next look at the queue', async () => {
    const { queue } = await startQueues({ liveBacklogLimit: 10 })
    const answers = await Promise.allSettled(Array.from({ length: 50 }, (_, x) => queue.enqueueLive(tileJob(x))))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  })
})

describe('workers', () => {
  test('tell together how many jobs they end, and one that leaves or dies is not counted', async () => {
    const { queue, redis, prefix, startWorker } = await startQueues()
    const render = () => sleep(10)
    const [first, second] = [startWorker(render, { concurrency: 2 }), startWorker(render, { concurrency: 3 })]
    // Dead for a minute.
    await redis.hset(`${prefix}:workers`, 'dead', `100 1 ${Date.now() - 60_000}`)
    for (let x = 0; x < 200; x++) await queue.enqueueLive(tileJob(x))
    const capacity = async () => Number((await redis.get(capacityKey(prefix))) ?? 0)
    // At most 5 slots, each with a job of at least 10 ms.
    await expect.poll(capacity, { timeout: 10_000 }).toBeGreaterThan(0)
    expect(await redis.hlen(`${prefix}:workers`)).toBe(2)
    expect(await capacity()).toBeLessThanOrEqual(5 / 9)
    await second.close(0)
    expect(await redis.hlen(`${prefix}:workers`)).toBe(1)
    await first.close(0)
    expect(await redis.hlen(`${prefix}:workers`)).toBe(0)
    expect(await redis.pttl(capacityKey(prefix))).toBeLessThanOrEqual(5_000)
  })
})

describe('background jobs', () => {
  test('are not begun while more than a second of live work waits, and go on when it does not', {
    timeout: 30_000,
  }, async () => {
    const { queue, background, startWorker } = await startQueues()
    const done: number[] = []
    let liveMs = 5
    const render = async (job: RenderJob) => {
      await sleep(job.runId === null ? liveMs : 1)
      if (job.runId !== null) done.push(columnOf(job))
    }
    startWorker(render)
    // The first 20 renders are not counted.
    for (let x = 0; x < 40; x++) await queue.enqueueLive(tileJob(x))
    await expect.poll(async () => (await queue.counts()).live.wait, { timeout: 10_000 }).toBe(0)
    liveMs = 50
    for (let x = 0; x < 160; x++) await queue.enqueueLive(tileJob(x), true)
    // Told once a second, and as slow as the last 20 renders were.
    await sleep(2_500)
    await queue.enqueueBackground(Array.from({ length: 30 }, (_, x) => jobOfRun(x)))
    await sleep(500)
    // One may have been under way already.
    expect(done.length).toBeLessThanOrEqual(1)
    expect((await queue.counts()).live.wait).toBeGreaterThan(20)
    await expect.poll(() => done.length, { timeout: 20_000 }).toBe(30)
    expect(await background.getWaitingCount()).toBe(0)
  })
})

describe('a tile that a background job claims', () => {
  test('needs no job of its own until it is announced, and one that somebody waits for is not claimed', async () => {
    const { redis, prefix, startWaiter } = await startQueues()
    const announcer = new TileAnnouncer(redis, prefix, 1)
    const waiter = await startWaiter()
    const first = waiter.open(keyOf(1), tileJob(1))
    expect(await first.register()).toBe(false)
    expect(await announcer.claim([1, 2, 3].map(keyOf))).toEqual(new Set([keyOf(1)]))
    const second = waiter.open(keyOf(2), tileJob(2))
    expect(await second.register()).toBe(true)
    await announcer.announce(keyOf(2), { kind: 'cached' })
    expect(await second.next(10_000, new AbortController().signal)).toEqual({ kind: 'cached' })
    const third = waiter.open(keyOf(2), tileJob(2))
    expect(await third.register()).toBe(false)
    await announcer.announceFailure([keyOf(3)], new TilepressError('ASSET_UNREADABLE', 'broken'))
    for (const wait of [first, second, third]) wait.close()
    await expect.poll(() => redis.keys(`${prefix}:claim:*`)).toEqual([])
  })
})
