import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type FaultedSystem, startFaultedSystem } from '../support/faulted-system.ts'
import { metric, type Program, until } from '../support/programs.ts'
import { isMiss, troubles } from '../support/traffic.ts'
import { expectEnds } from './expected-ends.ts'

let faulted: FaultedSystem

beforeAll(async () => {
  faulted = await startFaultedSystem({ editions: 10 })
  // A worker that comes back finds that others have its jobs.
  faulted.system.announce({ msg: 'the queue' })
})
afterEach(() => faulted?.imagery.storage.release())
afterAll(() => faulted?.release())

/** What is missing is asked for, and this worker is in the middle of it until the storage is released. */
async function inTheMiddleOf(worker: Program | undefined): Promise<Program> {
  if (!worker) throw new Error('there is no such worker')
  faulted.imagery.storage.hold()
  faulted.missAnew()
  await until('the worker renders', () => faulted.isRendering(worker), 30_000)
  return worker
}

test('a worker killed in the middle of its renders', async () => {
  const started = performance.now()
  const victim = await inTheMiddleOf(faulted.workers[0])
  await faulted.kill(victim)
  faulted.imagery.storage.release()
  await faulted.answered(15, isMiss)
  await faulted.expectAllWell()
  expectEnds(faulted.traffic.since(started))
  await faulted.startWorker()
})

test('an API process killed with requests under way', async () => {
  const started = performance.now()
  const { apis, imagery, traffic } = faulted
  const [victim, other] = apis
  imagery.storage.hold()
  faulted.missAnew()
  await until('both wait for tiles', async () => {
    const waiting = await Promise.all([victim!, other!].map((api) => metric(api, 'tilepress_tiles_waited_for')))
    return waiting.every((tiles) => tiles > 0)
  })
  await faulted.kill(victim!)
  imagery.storage.release()
  await faulted.answered(15, isMiss)
  await faulted.startApi()
  await faulted.expectAllWell()
  const seen = traffic.since(started)
  expect(troubles(seen.filter(({ api }) => api !== victim!.name))).toEqual({})
  expectEnds(seen)
  expect(troubles(seen).CONNECTION).toBeGreaterThan(0)
})

test('a worker and an API process killed at once', async () => {
  const started = performance.now()
  const { apis, imagery, traffic, workers } = faulted
  const worker = await inTheMiddleOf(workers[0])
  const [api] = apis
  await Promise.all([faulted.kill(worker), faulted.kill(api!)])
  imagery.storage.release()
  await faulted.answered(15, isMiss)
  await Promise.all([faulted.startApi(), faulted.startWorker()])
  await faulted.expectAllWell()
  const seen = traffic.since(started)
  expect(troubles(seen.filter((each) => each.api !== api!.name))).toEqual({})
  expectEnds(seen)
})

test('a network that parts a worker from the queue for longer than its locks last', async () => {
  const started = performance.now()
  const { apis, imagery, traffic, workers } = faulted
  const worker = await inTheMiddleOf(workers[0])
  const link = faulted.linkOf(worker)
  link.stall()
  imagery.storage.release()
  await faulted.nobodyWaits()
  // What the worker had begun is done by the other when its locks are over.
  const jobs = () => metric(apis[0]!, 'tilepress_queue_jobs', { queue: 'live', state: 'active' })
  await until('the other has done its jobs', async () => (await jobs()) === 0, 30_000)
  link.mend()
  await until(
    'the worker takes jobs again',
    async () => {
      const before = await metric(worker, 'tilepress_queue_wait_seconds_count', { queue: 'live' })
      faulted.missAnew()
      await faulted.answered(15, isMiss)
      return (await metric(worker, 'tilepress_queue_wait_seconds_count', { queue: 'live' })) > before
    },
    30_000,
  )
  await faulted.expectAllWell()
  expectEnds(traffic.since(started))
})

test('a worker frozen for longer than its locks last, whose job then runs twice', async () => {
  const started = performance.now()
  const { imagery, traffic, workers } = faulted
  const worker = await inTheMiddleOf(workers[0])
  const rendered = () => metric(worker, 'tilepress_rendered_tiles_total', { outcome: 'image' })
  const before = await rendered()
  process.kill(worker.pid, 'SIGSTOP')
  try {
    imagery.storage.release()
    await faulted.nobodyWaits()
  } finally {
    process.kill(worker.pid, 'SIGCONT')
  }
  await until('it ends what it had begun', async () => !(await faulted.isRendering(worker)))
  expect(await rendered()).toBeGreaterThan(before)
  await faulted.expectAllWell()
  expectEnds(traffic.since(started))
})

test('clocks that differ by ten minutes', async () => {
  const started = performance.now()
  const { apis, imagery, traffic, workers } = faulted
  const clock = (ms: number) => ({
    NODE_OPTIONS: `--import=${resolve(import.meta.dirname, '../support/skewed-clock.ts')}`,
    CLOCK_SKEW_MS: String(ms),
  })
  const others = [...workers, ...apis]
  // One of each is five minutes ahead, the other behind.
  const anew = [300_000, -300_000].flatMap((ms) => [faulted.startWorker(clock(ms)), faulted.startApi(clock(ms))])
  await Promise.all(anew)
  await Promise.all(others.map((program) => faulted.kill(program)))
  const edition = faulted.missAnew()
  // Renders that are put off and tried again are where the queue compares times.
  imagery.spoil(edition, 'throttling')
  faulted.system.announce({ code: 'STORAGE_UNAVAILABLE' })
  await until(
    'a render is tried again',
    async () => {
      const failures = await Promise.all(workers.map((worker) => metric(worker, 'tilepress_render_failures_total')))
      return failures.every((count) => count > 0)
    },
    30_000,
  )
  imagery.heal(edition)
  await faulted.answered(15, isMiss)
  await faulted.expectAllWell()
  expectEnds(traffic.since(started))
})

test('all this left nothing in the logs but what it should', async () => {
  await faulted.traffic.stop()
  await faulted.system.stopPrograms()
  expect(faulted.system.unexpectedLogs().slice(0, 20)).toEqual([])
})
