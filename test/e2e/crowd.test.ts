import { Agent } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../../src/prerender/run-resource.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { type HeldStorage, startHeldStorage } from '../support/held-storage.ts'
import { ask, decode, expectError } from '../support/http.ts'
import { metric, type Program, type System, startSystem, until } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

const bounds: Bounds = [-1, -1, 90, 12]
const collection = uniqueName('crowd-')
const deadlineMs = 4_000
/** A connection for every client. */
const agent = new Agent({ keepAlive: true })

let system: System
let storage: HeldStorage
let api: Program
let other: Program
let worker: Program
let search: string

beforeAll(async () => {
  storage = await startHeldStorage(makeCog({ bounds, bands: [7, 8, 9] }))
  system = await startSystem({
    ASSET_PREFIXES: storage.prefix,
    RENDER_DEADLINE_MS: String(deadlineMs),
    LOCAL_MODE: 'true',
  })
  const container = await createContainer()
  await container.upload('a.tif', makeCog({ bounds, bands: [1, 2, 3] }))
  const assets = { quick: container.href('a.tif'), held: storage.href('held') }
  await createCollection(system.database, collection, [{ id: 'item', bbox: bounds, assets }])
  ;[api, other, worker] = await Promise.all([system.startApi(), system.startApi(), system.startWorker()])
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  search = registered.json<{ id: string }>().id
})
afterEach(() => storage?.release())
afterAll(async () => {
  agent.destroy()
  await system?.release()
  await storage?.close()
})

const get = (
  tile: string,
  { from = api, asset = 'quick', signal }: { from?: Program; asset?: string; signal?: AbortSignal } = {},
) =>
  ask(from, `/searches/${search}/tiles/WebMercatorQuad/${tile}.png?assets=${asset}`, {
    agent,
    ...(signal ? { signal } : {}),
  })

const rendered = () => metric(worker, 'tilepress_rendered_tiles_total', { outcome: 'image' })
const liveJobs = (from = api) => metric(from, 'tilepress_queue_jobs', { queue: 'live' })

test('a thousand simultaneous requests for one missing tile over two API processes cost one render, and all get its bytes', async () => {
  const before = await rendered()
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) => get('6/40/31', { from: i % 2 === 0 ? api : other })),
  )
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  for (const { body } of answers) expect(body.equals(answers[0]!.body)).toBe(true)
  expect((await decode(answers[0]!.body)).at(9, 9)).toEqual([1, 2, 3, 255])
  await until('no job is left', async () => (await liveJobs()) === 0)
  expect(await rendered()).toBe(before + 1)
})

describe('two thousand clients, each with a missing tile of its own, before one worker', () => {
  test('get their tiles or a 503, while cached tiles go on and memory stays bounded', async () => {
    const cached = await get('6/41/31')
    const memory = () => metric(api, 'process_resident_memory_bytes')
    const before = await memory()
    let isOver = false
    const hits: { status: number; ok: boolean }[] = []
    const hitting = (async () => {
      while (!isOver) {
        const { status, body } = await get('6/41/31')
        hits.push({ status, ok: body.equals(cached.body) })
      }
    })()
    let most = before
    const watching = (async () => {
      while (!isOver) {
        most = Math.max(most, await memory())
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    })()
    const answers = await Promise.all(
      Array.from({ length: 2_000 }, (_, i) => get(`12/${2_100 + (i % 50)}/${2_000 + Math.floor(i / 50)}`)),
    )
    isOver = true
    await Promise.all([hitting, watching])

    const tiles = answers.filter(({ status }) => status === 200)
    expect(tiles.length).toBeGreaterThan(0)
    for (const { body } of tiles) expect(body.equals(tiles[0]!.body)).toBe(true)
    expect((await decode(tiles[0]!.body)).at(9, 9)).toEqual([1, 2, 3, 255])
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      const { code } = answer.json<{ code: string }>()
      // The last where the machine is so busy that the API is late for an answer of Redis.
      expect(['QUEUE_FULL', 'RENDER_TIMEOUT', 'QUEUE_UNAVAILABLE']).toContain(code)
      expectError(answer, 503, code)
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60)
    }
    expect(hits.length).toBeGreaterThan(10)
    expect(hits.filter(({ status, ok }) => status !== 200 || !ok)).toEqual([])
    expect((most - before) / 1_048_576).toBeLessThan(300)
    expect(await metric(api, 'tilepress_tiles_waited_for')).toBe(0)
    // What was refused is there for who comes back: the backlog is worked off.
    await until('no job is left', async () => (await liveJobs()) === 0, 60_000)
    expect((await get('12/2149/2039')).status).toBe(200)
  })
})

test('a client that asks for a tile which a run is rendering gets it from the run, rendered once', async () => {
  storage.hold()
  const body = {
    search,
    minzoom: 7,
    maxzoom: 7,
    bbox: [45.1, 0.1, 56, 10.9],
    format: 'png',
    parameters: { assets: 'held' },
  }
  const created = await ask(api, '/prerender-runs', { method: 'POST', body })
  expect(created.status, created.text).toBe(202)
  const run = created.json<Run>()
  await until('the worker reads for the run', () => storage.held > 0)
  const before = await rendered()
  // A corner of the run's only block.
  const waiting = get('7/80/63', { asset: 'held', from: other })
  await until('the client waits', async () => (await metric(other, 'tilepress_tiles_waited_for')) === 1)
  expect(await liveJobs()).toBe(0)
  storage.release()
  const answer = await waiting
  expect(answer.status).toBe(200)
  expect((await decode(answer.body)).at(9, 9)).toEqual([7, 8, 9, 255])
  const ended = async () => (await ask(api, `/prerender-runs/${run.id}`)).json<Run>()
  await until('the run ends', async () => (await ended()).state === 'done')
  const { rendered: image, present, total } = (await ended()).tiles
  expect(image + present).toBe(total)
  expect(await rendered()).toBe(before + total)
})

test('clients that leave before any worker is there leave no job behind', async () => {
  await worker.stop()
  const client = new AbortController()
  const answers = Array.from({ length: 60 }, (_, i) =>
    get(`13/${4_200 + (i % 30)}/4090`, { from: i < 30 ? api : other, signal: client.signal }).catch(() => 'left'),
  )
  await until('their jobs wait', async () => (await liveJobs()) === 30)
  client.abort()
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['left']))
  await until('no job waits', async () => (await liveJobs()) === 0)
  // A process whose client comes after the other's has left adds the job, and drops it, once more.
  const dropped = await Promise.all([api, other].map((program) => metric(program, 'tilepress_dropped_jobs_total')))
  expect(dropped.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(30)
})

test('all this left nothing in the logs but what it should', () => {
  // Once, not a line for each of thousands.
  for (const code of ['QUEUE_FULL', 'RENDER_TIMEOUT', 'QUEUE_UNAVAILABLE']) {
    expect(api.logs().filter((line) => line.code === code).length).toBeLessThan(5)
    system.announce({ msg: 'request failed', code })
  }
  // Blob's emulator before two thousand questions at once.
  system.announce({ msg: 'a cache tier was skipped', tier: 'blob' })
  expect(system.unexpectedLogs()).toEqual([])
})
