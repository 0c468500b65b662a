import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Run } from '../../src/prerender/run-resource.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { type HeldStorage, startHeldStorage } from '../support/held-storage.ts'
import { ask, decode } from '../support/http.ts'
import { metric, type Program, type System, startSystem, until } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

const bounds: Bounds = [-1, -1, 90, 12]
const collection = uniqueName('shutdown-')
/** Too short for what the tests hold. */
const graceMs = 700

let system: System
let storage: HeldStorage
let api: Program
let search: string

beforeAll(async () => {
  storage = await startHeldStorage(makeCog({ bounds, bands: [7, 8, 9] }))
  system = await startSystem({
    ASSET_PREFIXES: storage.prefix,
    RENDER_DEADLINE_MS: '30000',
    RENDER_ATTEMPTS: '1',
    SHUTDOWN_GRACE_MS: String(graceMs),
    BACKGROUND_METATILE: '16',
    LOCAL_MODE: 'true',
  })
  const container = await createContainer()
  await container.upload('a.tif', makeCog({ bounds, bands: [1, 2, 3] }))
  const held = [1, 2].map((number) => [`held${number}`, storage.href(`held${number}`)])
  const assets = { quick: container.href('a.tif'), ...Object.fromEntries(held) }
  await createCollection(system.database, collection, [{ id: 'item', bbox: bounds, assets }])
  api = await system.startApi()
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  search = registered.json<{ id: string }>().id
})
afterEach(() => storage?.release())
afterAll(async () => {
  await system?.release()
  await storage?.close()
})

const tilePath = (tile: string, asset: string) =>
  `/searches/${search}/tiles/WebMercatorQuad/${tile}.png?assets=${asset}`
const jobs = (state: string, queue = 'live') => metric(api, 'tilepress_queue_jobs', { queue, state })

test('a worker whose grace ends gives its job back without the loss of a try, and another renders it', async () => {
  const first = await system.startWorker()
  storage.hold()
  const answer = ask(api, tilePath('6/40/31', 'held1'))
  await until('the worker reads the asset', () => storage.held > 0)
  const told = performance.now()
  // A thread in the middle of a read cannot end by itself.
  expect(await first.stop()).toEqual({ code: null, signal: 'SIGTERM' })
  expect(performance.now() - told).toBeGreaterThan(graceMs - 50)
  expect(performance.now() - told).toBeLessThan(graceMs + 10_000)
  // It waits at once: no pause after a failure, and with one try alone (RENDER_ATTEMPTS) it has not failed.
  expect(await Promise.all(['wait', 'active', 'delayed', 'failed'].map((state) => jobs(state)))).toEqual([1, 0, 0, 0])
  storage.release()
  const second = await system.startWorker()
  const { status, body } = await answer
  expect(status).toBe(200)
  expect((await decode(body)).at(9, 9)).toEqual([7, 8, 9, 255])
  expect(await second.stop()).toEqual({ code: 0, signal: null })
})

test('a worker in the middle of a run’s block ends with the tiles at hand, and the next one with the rest', async () => {
  const first = await system.startWorker()
  // 256 tiles in one job.
  const body = { search, minzoom: 10, maxzoom: 10, bbox: [45.1, 0.1, 50.5, 5.4], parameters: { assets: 'quick' } }
  const created = await ask(api, '/prerender-runs', { method: 'POST', body })
  expect(created.status, created.text).toBe(202)
  const { id } = created.json<Run>()
  const images = (worker: Program) => metric(worker, 'tilepress_rendered_tiles_total', { outcome: 'image' })
  await until('some tiles are done', async () => (await images(first)) > 0)
  const told = performance.now()
  expect(await first.stop()).toEqual({ code: 0, signal: null })
  expect(performance.now() - told).toBeLessThan(10_000)
  const second = await system.startWorker()
  const run = async () => (await ask(api, `/prerender-runs/${id}`)).json<Run>()
  await until('the run ends', async () => (await run()).state === 'done', 30_000)
  const { tiles } = await run()
  expect(tiles.failed).toBe(0)
  expect(tiles.rendered + tiles.present).toBe(tiles.total)
  // What the first had done is not done again.
  expect(await images(second)).toBe(tiles.rendered)
  expect(tiles.present).toBeGreaterThan(0)
  expect(await second.stop()).toEqual({ code: 0, signal: null })
})

test('an API process whose grace ends cuts its clients off, and leaves neither a waiter nor a job that nobody wants', async () => {
  const other = await system.startApi()
  // There is no worker: the job waits.
  const answer = ask(other, tilePath('6/41/31', 'held2')).then(
    () => 'answered',
    () => 'cut off',
  )
  await until('the job waits', async () => (await jobs('wait')) === 1)
  const told = performance.now()
  expect(await other.stop()).toEqual({ code: 0, signal: null })
  expect(performance.now() - told).toBeGreaterThan(graceMs - 50)
  expect(performance.now() - told).toBeLessThan(graceMs + 10_000)
  expect(await answer).toBe('cut off')
  expect(await jobs('wait')).toBe(0)
  const redis = new Redis(system.queueRedis.url)
  expect(await redis.keys('*:wait:*')).toEqual([])
  redis.disconnect()
})

test('all this left nothing in the logs but what it should', () => {
  expect(system.unexpectedLogs()).toEqual([])
})
