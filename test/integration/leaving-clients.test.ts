import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { QueuedJob } from '../../src/queue/render-job.ts'
import type { RenderQueue } from '../../src/queue/render-queue.ts'
import { TileAnnouncer } from '../../src/queue/tile-announcer.ts'
import type { TileWaiter } from '../../src/queue/tile-waiter.ts'
import { randomNumbers } from '../prerender/random-numbers.ts'
import { columnOf, endQueues, keyOf, startQueues, tileJob } from '../support/render-queues.ts'

afterEach(endQueues)

interface Process {
  readonly queue: RenderQueue
  readonly waiter: TileWaiter
}

/** One request as the tile service makes it: registers, enqueues, waits; resolves to what it heard, or `left`. */
async function ask({ queue, waiter }: Process, x: number, signal: AbortSignal, job: QueuedJob = tileJob(x)) {
  const wait = waiter.open(keyOf(x), job)
  try {
    await wait.register()
    await queue.enqueueLive(job)
    return (await wait.next(20_000, signal))?.kind ?? 'nothing'
  } catch (error) {
    if (signal.aborted) return 'left'
    throw error
  } finally {
    wait.close(signal.aborted)
  }
}

async function start() {
  const system = await startQueues()
  let dropped = 0
  const process = async (): Promise<Process> => ({
    queue: system.another(),
    waiter: await system.startWaiter(() => dropped++),
  })
  const keys = async () => (await system.redis.keys(`${system.prefix}:*`)).map((key) => key.slice(system.prefix.length))
  /** What is left of jobs and waiters. */
  const leftovers = async () => (await keys()).filter((key) => /:live:(wait|active|de:|[0-9a-f]{8}-)|:wait:/.test(key))
  return { ...system, process, leftovers, dropped: () => dropped }
}

describe('a job whose clients leave before it begins', () => {
  test('goes out of the queue with the last of them, over all processes, and leaves nothing behind', async () => {
    const { process, live, leftovers, dropped } = await start()
    const [first, second] = [await process(), await process()]
    const clients = [new AbortController(), new AbortController()] as const
    const answers = [ask(first, 1, clients[0].signal), ask(second, 1, clients[1].signal)]
    await expect.poll(() => live.getWaitingCount()).toBe(1)
    // Both have registered: the second one's list entry is there before its job is asked for.
    await sleep(50)
    clients[0].abort()
    expect(await answers[0]).toBe('left')
    await sleep(50)
    expect(await live.getWaitingCount()).toBe(1)
    clients[1].abort()
    expect(await answers[1]).toBe('left')
    await expect.poll(leftovers).toEqual([])
    expect(dropped()).toBe(1)
  })

  test('stays while somebody waits for another tile of its block', async () => {
    const { process, live, leftovers } = await start()
    const api = await process()
    const clients = [new AbortController(), new AbortController()] as const
    const answers = [0, 1].map((x) => ask(api, x, clients[x]!.signal, tileJob(x, 2)))
    await expect.poll(() => live.getWaitingCount()).toBe(1)
    await sleep(50)
    clients[0].abort()
    expect(await answers[0]).toBe('left')
    await sleep(50)
    expect(await live.getWaitingCount()).toBe(1)
    clients[1].abort()
    await expect.poll(leftovers).toEqual([])
  })

  test('is a new one for whoever asks then', async () => {
    const { process, live } = await start()
    const api = await process()
    const client = new AbortController()
    const answer = ask(api, 1, client.signal)
    await expect.poll(() => live.getWaitingCount()).toBe(1)
    client.abort()
    await answer
    expect(await api.queue.enqueueLive(tileJob(1))).toBe(true)
    expect(await live.getWaitingCount()).toBe(1)
  })
})

test('a job that has begun goes on when its last client leaves', async () => {
  const { process, startWorker, dropped } = await start()
  const api = await process()
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let done = false
  startWorker(async () => {
    begun.resolve()
    await gate.promise
    done = true
  })
  const client = new AbortController()
  const answer = ask(api, 1, client.signal)
  await begun.promise
  client.abort()
  await answer
  gate.resolve()
  await expect.poll(() => done).toBe(true)
  expect(dropped()).toBe(0)
})

test('a deadline is no leaving: the job stays', async () => {
  const { process, live } = await start()
  const { queue, waiter } = await process()
  const wait = waiter.open(keyOf(1), tileJob(1))
  await wait.register()
  await queue.enqueueLive(tileJob(1))
  expect(await wait.next(1, new AbortController().signal)).toBeNull()
  wait.close()
  await sleep(50)
  expect(await live.getWaitingCount()).toBe(1)
})

test('clients that come and go at any moment, over two processes, never take a tile from one who stays', async () => {
  const { process, redis, prefix, startWorker, leftovers, dropped } = await start()
  const apis = [await process(), await process()] as const
  const random = randomNumbers(5)
  const announcer = new TileAnnouncer(redis, prefix, 1)
  const heard: Promise<string>[] = []
  const left: Promise<string>[] = []
  const renders: number[] = []
  startWorker(async (job) => {
    await sleep(random() * 6)
    renders.push(columnOf(job))
    await announcer.announce(keyOf(columnOf(job)), { kind: 'cached' })
  })
  for (let x = 0; x < 150; x++) {
    // Three leave within 6 ms, before or after the one who stays comes.
    const stays = Math.floor(random() * 4)
    for (let i = 0; i < 4; i++) {
      const client = new AbortController()
      const answer = sleep(random() * (i === stays ? 12 : 4)).then(() =>
        ask(apis[random() < 0.5 ? 0 : 1], x, client.signal),
      )
      if (i === stays) heard.push(answer)
      else {
        left.push(answer)
        setTimeout(() => client.abort(), random() * 6)
      }
    }
    await sleep(1)
  }
  // A lost job would be waited for 20 s.
  const answers = await Promise.race([Promise.all(heard), sleep(15_000, null, { ref: false })])
  expect(new Set(answers)).toEqual(new Set(['cached']))
  await Promise.all(left)
  expect(new Set(renders).size).toBe(150)
  expect(dropped()).toBeGreaterThan(0)
  await expect.poll(leftovers).toEqual([])
})
