import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Bounds } from '../../src/tile/bounds.ts'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { type HeldStorage, startHeldStorage } from '../support/held-storage.ts'
import { ask, decode } from '../support/http.ts'
import { metric, type Program, type System, startSystem, until } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

const bounds: Bounds = [-1, -1, 90, 12]
const collection = uniqueName('coalescing-')

let system: System
let storage: HeldStorage
let api: Program
let other: Program
let workers: Program[]
let tiles: string
/** Every test asks for a tile of its own, as the caches are shared. */
let column = 32
const nextTile = () => `6/${column++}/31.png`

beforeAll(async () => {
  storage = await startHeldStorage(makeCog({ bounds, bands: [7, 8, 9] }))
  system = await startSystem({ ASSET_PREFIXES: storage.prefix, RENDER_DEADLINE_MS: '30000' })
  const container = await createContainer()
  await container.upload('a.tif', makeCog({ bounds, bands: [1, 2, 3] }))
  const held = [1, 2, 3, 4, 5].map((number) => [`held${number}`, storage.href(`held${number}`)])
  const assets = { quick: container.href('a.tif'), ...Object.fromEntries(held) }
  await createCollection(system.database, collection, [{ id: 'item', bbox: bounds, assets }])
  const [first, second, ...started] = await Promise.all([
    system.startApi(),
    system.startApi(),
    system.startWorker(),
    system.startWorker(),
  ])
  api = first
  other = second
  workers = started
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  tiles = `/searches/${registered.json<{ id: string }>().id}/tiles/WebMercatorQuad`
})
afterEach(() => storage?.release())
afterAll(async () => {
  await system?.release()
  await storage?.close()
})

const get = (tile: string, asset: string, from = api) => ask(from, `${tiles}/${tile}?assets=${asset}`)

async function renders(): Promise<number> {
  const counts = await Promise.all(
    workers.map((worker) => metric(worker, 'tilepress_rendered_tiles_total', { outcome: 'image' })),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

describe('two hundred requests for one missing tile', () => {
  test('over two API processes and two workers cost one render, and all get its bytes', async () => {
    const before = await renders()
    const tile = nextTile()
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => get(tile, 'quick', i % 2 === 0 ? api : other)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(1)
    for (const { body } of answers) expect(body.equals(answers[0]!.body)).toBe(true)
    expect((await decode(answers[0]!.body)).at(9, 9)).toEqual([1, 2, 3, 255])
    const misses = answers.filter(({ headers }) => headers['x-cache'] === 'MISS')
    expect(misses.length).toBeGreaterThanOrEqual(1)
    // Each process asks for it once; the others of that process wait with the first.
    expect(misses.length).toBeLessThanOrEqual(2)
    // A tile is announced before its worker is done with it.
    await until('no job is left', async () => (await metric(api, 'tilepress_queue_jobs', { queue: 'live' })) === 0)
    expect(await renders()).toBe(before + 1)
  })

  test('of which all but one leave again still get that one its tile', async () => {
    storage.hold()
    const tile = nextTile()
    const leaving = Array.from({ length: 199 }, () => {
      const client = new AbortController()
      const answer = ask(api, `${tiles}/${tile}?assets=held1`, { signal: client.signal }).catch(() => 'left')
      return { client, answer }
    })
    const staying = get(tile, 'held1')
    await until('a worker reads the asset', () => storage.held > 0)
    for (const { client } of leaving) client.abort()
    expect(new Set(await Promise.all(leaving.map(({ answer }) => answer)))).toEqual(new Set(['left']))
    storage.release()
    expect((await staying).status).toBe(200)
  })

  test('that all leave wait for nothing any more, and the tile is there for the next', async () => {
    storage.hold()
    const tile = nextTile()
    const client = new AbortController()
    const answers = Array.from({ length: 200 }, () =>
      ask(api, `${tiles}/${tile}?assets=held2`, { signal: client.signal }).catch(() => 'left'),
    )
    await until('the requests wait', async () => (await metric(api, 'tilepress_tiles_waited_for')) === 1)
    client.abort()
    await Promise.all(answers)
    await until('nobody waits', async () => (await metric(api, 'tilepress_tiles_waited_for')) === 0)
    storage.release()
    await until('the tile is cached', async () => (await get(tile, 'held2', other)).headers['x-cache'] !== 'MISS')
  })
})

describe('a worker', () => {
  test('that is told to end lets its render end first, and its client gets the tile', async () => {
    // The only one alive, so that it has the job.
    for (const worker of workers) expect(await worker.stop()).toEqual({ code: 0, signal: null })
    const worker = await system.startWorker()
    workers.push(worker)
    storage.hold()
    const answer = get(nextTile(), 'held3')
    await until('the worker reads the asset', () => storage.held > 0)
    const stopped = worker.stop()
    storage.release()
    expect((await answer).status).toBe(200)
    expect(await stopped).toEqual({ code: 0, signal: null })
    expect(worker.isAlive()).toBe(false)
  })

  test('that is killed in the middle of a render leaves its tile to another', { timeout: 60_000 }, async () => {
    const first = await system.startWorker()
    storage.hold()
    const tile = nextTile()
    const answer = get(tile, 'held4')
    await until('the worker reads the asset', () => storage.held > 0)
    const second = await system.startWorker()
    await first.kill()
    storage.release()
    const { status, body } = await answer
    expect(status).toBe(200)
    expect((await decode(body)).at(9, 9)).toEqual([7, 8, 9, 255])
    await until(
      'the second worker counts it',
      async () => (await metric(second, 'tilepress_rendered_tiles_total')) === 1,
    )
    expect(first.isAlive()).toBe(false)
  })
})

describe('an API process', () => {
  test('that is told to end answers whom it let wait, takes nobody new, and leaves nothing behind', async () => {
    storage.hold()
    const answer = get(nextTile(), 'held5', other)
    await until('a worker reads the asset', () => storage.held > 0)
    const stopped = other.stop()
    await until('it takes nobody new', () =>
      ask(other, '/livez', { headers: { connection: 'close' } }).then(
        () => false,
        () => true,
      ),
    )
    const released = performance.now()
    storage.release()
    expect((await answer).status).toBe(200)
    expect(await stopped).toEqual({ code: 0, signal: null })
    expect(performance.now() - released).toBeLessThan(5_000)
    expect(other.isAlive()).toBe(false)
  })

  test('that nobody asks ends at once, and so does a worker', async () => {
    const idle = system.programs.filter((program) => program.isAlive())
    expect(idle.length).toBeGreaterThanOrEqual(2)
    for (const program of idle) {
      const started = performance.now()
      expect(await program.stop(), program.name).toEqual({ code: 0, signal: null })
      expect(performance.now() - started, program.name).toBeLessThan(5_000)
      expect(program.isAlive()).toBe(false)
    }
  })
})

test('all this left nothing in the logs but what it should', () => {
  expect(system.unexpectedLogs()).toEqual([])
})
