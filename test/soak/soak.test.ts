import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Run } from '../../src/prerender/run-resource.ts'
import { type FaultedSystem, startFaultedSystem } from '../support/faulted-system.ts'
import { ask } from '../support/http.ts'
import { until } from '../support/programs.ts'
import { troubles } from '../support/traffic.ts'
import { soakFaults } from './faults.ts'
import { residentMegabytes, socketsOf } from './process-facts.ts'

/** `npm run soak -- --minutes 15` sets it; a short form is among the tests. */
const seconds = Number(process.env.TILEPRESS_SOAK_SECONDS ?? 25)
const isLong = seconds > 120

/** From the beginning of a fault to that of the next, and how long one lasts. */
const [FAULT_EVERY_MS, FAULT_MS] = isLong ? [20_000, 4_000] : [3_000, 1_000]
/** A new edition of missing tiles, an invalidation, a run. */
const [MISS_EVERY_MS, INVALIDATE_EVERY_MS, SEED_EVERY_MS] = isLong ? [3_000, 13_000, 17_000] : [2_000, 5_000, 8_000]
/** Editions that are looked at once more at the end. */
const LOOKED_AT = 4

/** What clients may see of the faults. Another picture is never among it. */
const expected = [
  ...['QUEUE_UNAVAILABLE', 'QUEUE_FULL', 'DATABASE_UNAVAILABLE', 'ASSET_UNREADABLE', 'STORAGE_UNAVAILABLE'],
  ...['CONNECTION', 'LEFT'],
]

let faulted: FaultedSystem

beforeAll(async () => {
  faulted = await startFaultedSystem({
    editions: isLong ? 200 : 40,
    leavingOneIn: 15,
    environment: { ITEM_INDEX_TTL_SECONDS: '5', MEMORY_CACHE_MB: '32' },
  })
  const { system } = faulted
  for (const code of expected) system.announce({ code })
  for (const msg of ['Redis connection', 'the queue', 'a pre-render run', 'a cache tier was skipped']) {
    system.announce({ msg })
  }
  system.announce({ msg: 'an idle database connection broke' })
  system.announce({ msg: 'items of a layer could not be refreshed' })
})
afterAll(() => faulted?.release())

test('mixed traffic with one fault after the other', { timeout: (seconds + 180) * 1_000 }, async () => {
  const { apis, traffic, workers, search, system } = faulted
  const watched = [apis[0]!, workers[0]!]
  const before = watched.map(({ pid }) => socketsOf(pid))
  const samples: { name: string; megabytes: number }[] = []
  const runs: (() => Promise<Run>)[] = []
  const over = new AbortController()
  const every = async (ms: number, act: () => Promise<unknown> | unknown) => {
    while (!over.signal.aborted) {
      await act()
      await sleep(ms, undefined, { signal: over.signal }).catch(() => undefined)
    }
  }
  let faults = 0
  const invalidate = (body: object) => ask(apis[0]!, `/searches/${search}/invalidate`, { method: 'POST', body })
  let invalidations = 0
  const activities = [
    every(MISS_EVERY_MS, () => traffic.forgetBefore(faulted.missAnew() - LOOKED_AT)),
    // All of the mosaic, then a part of it.
    every(INVALIDATE_EVERY_MS, () => invalidate(invalidations++ % 2 === 0 ? {} : { bbox: [0, 0, 30, 20] })),
    every(SEED_EVERY_MS, async () => {
      // Refused while the queue is away.
      const run = await faulted.seed().catch(() => null)
      if (run) runs.push(run)
    }),
    every(isLong ? 5_000 : 1_000, () => {
      for (const { name, pid } of watched) samples.push({ name, megabytes: residentMegabytes(pid) })
    }),
  ]
  const end = performance.now() + seconds * 1_000
  // Warm before the first fault, and every fault has time to end.
  await sleep(FAULT_EVERY_MS)
  while (performance.now() < end) {
    const began = performance.now()
    const fault = soakFaults[faults++ % soakFaults.length]!
    if (isLong) console.log(`${new Date().toISOString()} ${fault.name}`)
    await fault.happen(faulted, FAULT_MS)
    await sleep(Math.max(0, FAULT_EVERY_MS - (performance.now() - began)))
  }
  over.abort()
  await Promise.all(activities)

  await faulted.expectAllWell(true)
  const seen = troubles(traffic.seen)
  console.log(`${traffic.seen.length} requests, ${faults} faults, ${runs.length} runs; ${JSON.stringify(seen)}`)
  expect(Object.keys(seen).filter((code) => !expected.includes(code))).toEqual([])
  for (const run of runs) {
    await until('a run ends', async () => (await run()).state !== 'running', 60_000)
    expect(await run()).toMatchObject({ state: 'done', tiles: { failed: 0 } })
  }
  expect(watched.every((program) => program.isAlive())).toBe(true)
  for (const [index, { name, pid }] of watched.entries()) {
    // Clients keep up to as many connections to an API process as they ever used at once.
    expect(socketsOf(pid), `sockets of ${name}`).toBeLessThanOrEqual((before[index] ?? 0) + 30)
  }
  for (const { name } of watched)
    expectNoGrowth(
      name,
      samples.filter((sample) => sample.name === name),
    )
  await expectNoLeftSubscriptions()
  await traffic.stop()
  await system.stopPrograms()
  expect(system.unexpectedLogs().slice(0, 20)).toEqual([])
})

/** One inbox a living API process, and a handful of connections a program. */
async function expectNoLeftSubscriptions(): Promise<void> {
  const redis = await faulted.redis('queue')
  try {
    const inboxes = async () => (await redis.pubsub('CHANNELS', '*:inbox:*')).length
    await until('only living processes have an inbox', async () => (await inboxes()) === faulted.apis.length, 30_000)
    const clients = String(await redis.client('LIST'))
      .trim()
      .split('\n').length
    expect(clients).toBeLessThanOrEqual(6 * (faulted.apis.length + faulted.workers.length))
  } finally {
    redis.disconnect()
  }
}

/** Memory of the last third against that of the middle one; a short soak has no trend, and only a bound. */
function expectNoGrowth(name: string, samples: readonly { readonly megabytes: number }[]): void {
  const third = Math.floor(samples.length / 3)
  const mean = (part: typeof samples) => part.reduce((sum, { megabytes }) => sum + megabytes, 0) / part.length
  const [first, middle, last] = [0, 1, 2].map((index) => mean(samples.slice(index * third, (index + 1) * third)))
  console.log(`${name}: ${[first, middle, last].map((mb) => mb?.toFixed(0)).join(', ')} MB by thirds`)
  expect(last, `memory of ${name}`).toBeLessThan(1_500)
  if (isLong) expect(last, `memory of ${name}`).toBeLessThan(1.25 * middle! + 30)
}
