import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FaultedSystem, startFaultedSystem } from '../support/faulted-system.ts'
import { until } from '../support/programs.ts'
import { isMiss, median, type Seen } from '../support/traffic.ts'
import { expectEnds } from './expected-ends.ts'

let faulted: FaultedSystem

beforeAll(async () => {
  faulted = await startFaultedSystem({ editions: 14 })
  for (const msg of ['Redis connection', 'the queue', 'a pre-render run']) faulted.system.announce({ msg })
  faulted.system.announce({ code: 'QUEUE_UNAVAILABLE' })
})
afterAll(() => faulted?.release())

const isRefused = ({ end }: Seen) => end === 'QUEUE_UNAVAILABLE'

test('the queue’s Redis killed and started again, with a run and misses under way', async () => {
  const started = performance.now()
  const { queueRedis, traffic } = faulted
  const run = await faulted.seed()
  faulted.missAnew()
  await faulted.answered(5, isMiss)
  await queueRedis.kill()
  await queueRedis.start()
  faulted.missAnew()
  await faulted.answered(15, isMiss)
  await until('the run ends', async () => (await run()).state !== 'running', 30_000)
  expect(await run()).toMatchObject({ state: 'done', tiles: { total: 40, done: 40, failed: 0 } })
  await faulted.expectAllWell(true)
  expectEnds(traffic.since(started))
})

test('the queue’s Redis away for a while', async () => {
  const started = performance.now()
  const { queueRedis, traffic } = faulted
  faulted.missAnew()
  await queueRedis.stop()
  const away = performance.now()
  await faulted.answered(10, isRefused)
  await faulted.answered(20)
  const refused = traffic.since(away).filter(isRefused)
  expect(median(refused.map(({ ms }) => ms))).toBeLessThan(1_000)
  await queueRedis.start()
  faulted.missAnew()
  await faulted.answered(15, isMiss)
  await faulted.expectAllWell(true)
  expectEnds(traffic.since(started))
})

test('the queue’s Redis taking connections and answering nothing', async () => {
  const started = performance.now()
  const { queueRedis, traffic } = faulted
  process.kill(queueRedis.pid, 'SIGSTOP')
  try {
    faulted.missAnew()
    await faulted.answered(6, isRefused)
    await faulted.answered(20)
  } finally {
    process.kill(queueRedis.pid, 'SIGCONT')
  }
  faulted.missAnew()
  await faulted.answered(15, isMiss)
  await faulted.expectAllWell(true)
  expectEnds(traffic.since(started))
})

test('the queue’s Redis coming back without its data', async () => {
  const started = performance.now()
  const { queueRedis, traffic, imagery, system } = faulted
  imagery.storage.hold()
  faulted.missAnew()
  await until('tiles are being rendered', () => imagery.storage.held > 0)
  await queueRedis.kill()
  await rm(join(system.folder, 'queue', 'appendonlydir'), { recursive: true })
  await queueRedis.start()
  imagery.storage.release()
  await faulted.answered(15, isMiss)
  await faulted.expectAllWell(true)
  expectEnds(traffic.since(started))
})

test('a firewall that has forgotten the connections to the queue', async () => {
  const started = performance.now()
  const { apis, workers, traffic } = faulted
  const forgotten = [apis[0]!, workers[0]!].map((program) => {
    const link = faulted.linkOf(program)
    return { link, anew: link.taken + link.swallow() }
  })
  faulted.missAnew()
  await faulted.answered(5, isMiss)
  await until('every connection is made anew', () => forgotten.every(({ link, anew }) => link.taken >= anew), 40_000)
  faulted.missAnew()
  await faulted.answered(3, (seen) => isMiss(seen) && seen.api === apis[0]!.name)
  await faulted.expectAllWell(true)
  expectEnds(traffic.since(started))
})

test('all this left nothing in the logs but what it should', async () => {
  await faulted.traffic.stop()
  await faulted.system.stopPrograms()
  expect(faulted.system.unexpectedLogs().slice(0, 20)).toEqual([])
})
