import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../../src/prerender/run-resource.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { type HeldStorage, startHeldStorage } from '../support/held-storage.ts'
import { ask, expectError } from '../support/http.ts'
import { type Program, type System, startSystem, until } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

const collection = uniqueName('prerender-')
const covered: Bounds = [0.1, 0.1, 11, 11]
/** Half of it has no imagery. */
const bbox: Bounds = [0.1, 0.1, 22, 11]
const key = uniqueName('key')

let system: System
let storage: HeldStorage
let api: Program
let search: string

beforeAll(async () => {
  const file = makeCog({ bounds: covered, bands: [1, 2, 3] })
  storage = await startHeldStorage(file)
  system = await startSystem({
    ASSET_PREFIXES: storage.prefix,
    LOCAL_MODE: 'false',
    API_KEYS: key,
    RUN_WINDOW: '4',
    BACKGROUND_METATILE: '2',
  })
  const container = await createContainer()
  await container.upload('a.tif', file)
  const assets = { quick: container.href('a.tif'), held: storage.href('held'), missing: container.href('none.tif') }
  await createCollection(system.database, collection, [{ id: 'item', bbox: covered, assets }])
  const [started] = await Promise.all([system.startApi(), system.startWorker()])
  api = started
  search = (await post('/searches/register', { collections: [collection] })).json<{ id: string }>().id
})
afterEach(() => storage?.release())
afterAll(async () => {
  await system?.release()
  await storage?.close()
})

const post = (path: string, body: object = {}) =>
  ask(api, path, { method: 'POST', body, headers: { 'x-api-key': key } })
const get = async (id: string) => (await ask(api, `/prerender-runs/${id}`)).json<Run>()

async function start(body: object): Promise<Run> {
  const answer = await post('/prerender-runs', { search, bbox, ...body })
  expect(answer.status, answer.text).toBe(202)
  const run = answer.json<Run>()
  expect(answer.headers.location).toBe(`${api.url}/prerender-runs/${run.id}`)
  return run
}

async function ended(id: string): Promise<Run> {
  await until('the run ends', async () => (await get(id)).state !== 'running', 20_000)
  return get(id)
}

/** The tiles of WebMercatorQuad under the box, by the formula of every slippy map. */
function tilesUnder([west, south, east, north]: Bounds, zooms: readonly number[]): string[] {
  return zooms.flatMap((z) => {
    const column = (lon: number) => Math.floor(((lon + 180) / 360) * 2 ** z)
    const row = (lat: number) => {
      const sin = Math.sin((lat * Math.PI) / 180)
      return Math.floor((0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * 2 ** z)
    }
    const found: string[] = []
    for (let x = column(west); x <= column(east); x++) {
      for (let y = row(north); y <= row(south); y++) found.push(`${z}/${x}/${y}`)
    }
    return found
  })
}

const zooms = [0, 1, 2, 3, 4, 5, 6]
const tiles = tilesUnder(bbox, zooms)
const images = tilesUnder(covered, zooms)
const parameters = { assets: ['quick'], tilesize: 256 }

describe('a pre-render run', () => {
  test('renders every tile under its box at its zooms, which are hits from then on', async () => {
    const created = await start({ minzoom: 0, maxzoom: 6, parameters })
    expect(created).toMatchObject({ state: 'running', layer: { kind: 'search', id: search }, bbox, zooms })
    expect(created.tiles.total).toBe(tiles.length)
    const run = await ended(created.id)
    expect(run).toMatchObject({
      state: 'done',
      percent: 100,
      tiles: {
        total: tiles.length,
        done: tiles.length,
        rendered: images.length,
        empty: tiles.length - images.length,
        present: 0,
        failed: 0,
      },
      failures: [],
    })
    expect(run.jobs).toMatchObject({ done: run.jobs.total, outstanding: 0 })
    for (const tile of tiles) {
      const answer = await ask(api, `/searches/${search}/tiles/WebMercatorQuad/${tile}?assets=quick`)
      expect([answer.headers['x-cache'], answer.status], tile).toEqual(['HIT-REDIS', images.includes(tile) ? 200 : 204])
    }
  })

  test('that is started again finds its tiles there, and renders them anew when told to', async () => {
    const again = await ended((await start({ zooms, parameters })).id)
    expect(again.tiles).toMatchObject({ done: tiles.length, present: tiles.length, rendered: 0 })
    const forced = await ended((await start({ zooms, parameters, force: true })).id)
    expect(forced.tiles).toMatchObject({ done: tiles.length, present: 0, rendered: images.length })
  })

  test('over a collection takes the collection’s extent', async () => {
    const run = await start({ search: undefined, bbox: undefined, collection, zooms: [6], parameters, format: 'png' })
    expect(run).toMatchObject({ layer: { kind: 'collection', id: collection }, bbox: covered })
    expect((await ended(run.id)).tiles).toMatchObject({ rendered: tilesUnder(covered, [6]).length, failed: 0 })
    const [tile = ''] = tilesUnder(covered, [6])
    const answer = await ask(api, `/collections/${collection}/tiles/WebMercatorQuad/${tile}.png?assets=quick`)
    expect([answer.status, answer.headers['x-cache']]).toEqual([200, 'HIT-REDIS'])
  })

  test('goes on past tiles that fail, and tells which and why', async () => {
    system.announce({ code: 'ASSET_NOT_FOUND' })
    const run = await ended((await start({ zooms: [6], parameters: { assets: 'missing' } })).id)
    const [failed, all] = [tilesUnder(covered, [6]), tilesUnder(bbox, [6])]
    expect(run).toMatchObject({ state: 'done', tiles: { total: all.length, done: all.length, failed: failed.length } })
    expect(run.failures.map(({ z, x, y }) => `${z}/${x}/${y}`).sort()).toEqual(failed.sort())
    expect(new Set(run.failures.map(({ code }) => code))).toEqual(new Set(['ASSET_NOT_FOUND']))
  })

  test('does not keep a waiting client from its tile, and ends when it is cancelled', async () => {
    storage.hold()
    const { id } = await start({ zooms: [7, 8, 9], parameters: { assets: 'held' } })
    await until('the run reads its first asset', () => storage.held > 0)
    const live = await ask(api, `/searches/${search}/tiles/WebMercatorQuad/8/130/126?assets=quick`)
    expect([live.status, live.headers['x-cache']]).toEqual([200, 'MISS'])
    const cancelled = (await post(`/prerender-runs/${id}/cancel`)).json<Run>()
    expect(cancelled).toMatchObject({ id, state: 'cancelled' })
    expect(cancelled.tiles.done).toBeLessThan(cancelled.tiles.total)
    storage.release()
    await until('no job is left', async () => {
      const { queue_jobs } = (await ask(api, '/healthz')).json<{ queue_jobs: Record<string, Record<string, number>> }>()
      return Object.values(queue_jobs).every(({ wait, active, delayed }) => wait === 0 && active === 0 && delayed === 0)
    })
    expect(await get(id)).toEqual(cancelled)
  })

  test('is in the list, newest first', async () => {
    const { runs } = (await ask(api, '/prerender-runs?limit=3')).json<{ runs: Run[] }>()
    expect(runs).toHaveLength(3)
    expect(runs[0]?.state).toBe('cancelled')
    const times = runs.map(({ created_at }) => Date.parse(created_at))
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    for (const limit of ['0', '101', 'x', '-1']) {
      expectError(await ask(api, `/prerender-runs?limit=${limit}`), 422, 'PARAMETER_INVALID')
    }
  })
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})
