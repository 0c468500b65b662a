import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../../src/prerender/run-resource.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { addItems, createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { type Answer, ask, decode, expectError } from '../support/http.ts'
import { metric, type Program, type System, startSystem, until } from '../support/programs.ts'
import { createContainer, type TestContainer, uniqueName } from '../support/services.ts'

const collection = uniqueName('freshness-')
const key = uniqueName('key')
/** Over two tiles of zoom 5, whose columns are 11.25° wide. */
const everywhere: Bounds = [-1, -1, 23, 12]
const [west, east] = ['5/16/15', '5/17/15']

let system: System
let api: Program
let other: Program
let container: TestContainer
let search: string

beforeAll(async () => {
  system = await startSystem({ LOCAL_MODE: 'false', API_KEYS: key, RENDER_DEADLINE_MS: '60000' })
  container = await createContainer()
  await createCollection(system.database, collection, [])
  await addPicture('first', 50, '2024-01-01T00:00:00Z')
  ;[api, other] = await Promise.all([system.startApi(), system.startApi()])
  const registered = await post('/searches/register', { collections: [collection] })
  search = registered.json<{ id: string }>().id
})
afterAll(() => system?.release())

/** A picture of one gray, which lies over older ones. */
async function addPicture(id: string, gray: number, datetime: string, bounds = everywhere): Promise<void> {
  await container.upload(`${id}.tif`, makeCog({ bounds, bands: [gray, gray, gray] }))
  await addItems(system.database, collection, [
    { id, bbox: bounds, assets: { rgb: container.href(`${id}.tif`) }, datetime },
  ])
}

const post = (path: string, body: object = {}, headers: Record<string, string> = { 'x-api-key': key }) =>
  ask(api, path, { method: 'POST', body, headers })
const get = (tile: string, from = api): Promise<Answer> =>
  ask(from, `/searches/${search}/tiles/WebMercatorQuad/${tile}.png?assets=rgb`)

async function pointItems(): Promise<string[]> {
  const answer = await ask(api, `/searches/${search}/point/5,5?assets=rgb`)
  return answer.json<{ assets: { name: string }[] }>().assets.map(({ name }) => name.split('/').at(-1) ?? '')
}

async function gray(answer: Answer): Promise<number | undefined> {
  expect(answer.status, answer.text).toBe(200)
  return (await decode(answer.body)).at(100, 200)[0]
}

interface Status {
  readonly state: string
  readonly reason: string | null
  readonly layer: { readonly generation: number; readonly regions: number }
  readonly tiers: Readonly<Record<string, { readonly state: string; readonly bytes?: number; readonly etag?: string }>>
  readonly job: { readonly queue: string; readonly state: string } | null
  readonly failure: object | null
}

const status = async (tile: string, from = api) =>
  (await ask(from, `/searches/${search}/tiles/WebMercatorQuad/${tile}.png/status?assets=rgb`)).json<Status>()

describe('the status of a tile', () => {
  test('tells that it is missing and that it waits for a worker, then where it is', async () => {
    expect(await status(west)).toMatchObject({ state: 'missing', reason: null, job: null, failure: null })
    const waiting = get(west)
    await until('a job waits', async () => (await status(west)).job !== null)
    expect((await status(west)).job).toEqual({ queue: 'live', state: 'waiting' })
    await system.startWorker()
    const answer = await waiting
    expect(await gray(answer)).toBe(50)
    await until('Blob has it', async () => (await status(west)).tiers.blob?.state === 'fresh')
    await until('the job is done', async () => (await status(west)).job === null)
    const found = await status(west)
    expect(found).toMatchObject({ state: 'fresh', reason: null, job: null })
    for (const tier of ['memory', 'redis', 'blob']) {
      expect(found.tiers[tier], tier).toMatchObject({
        state: 'fresh',
        bytes: answer.body.length,
        etag: answer.headers.etag,
      })
    }
    expect((await status(west, other)).tiers.memory).toEqual({ state: 'absent' })
  })
})

describe('an area that is invalidated', () => {
  test('is rendered anew from the items that there are now, and nothing beside it', async () => {
    for (const from of [api, other]) for (const tile of [west, east]) expect(await gray(await get(tile, from))).toBe(50)
    expect(await pointItems()).toEqual(['first'])
    await addPicture('second', 100, '2024-02-01T00:00:00Z')
    expect(await pointItems()).toEqual(['first'])
    expect((await get(west)).headers['x-cache']).toBe('HIT-MEMORY')
    const answer = await post(`/searches/${search}/invalidate`, { bbox: [2, 2, 4, 4], minzoom: 5, maxzoom: 6 })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json()).toMatchObject({
      layer: { kind: 'search', id: search },
      scope: 'area',
      generation: 0,
      regions: 1,
    })
    expect(await status(west)).toMatchObject({
      state: 'stale',
      reason: 'outdated',
      tiers: { blob: { state: 'outdated' } },
    })
    const anew = await get(west)
    expect(anew.headers['x-cache']).toBe('MISS')
    expect(await gray(anew)).toBe(100)
    expect((await get(west)).headers['x-cache']).toBe('HIT-MEMORY')
    // Answers to queries have no place of their own: they are all asked anew.
    expect(await pointItems()).toEqual(['second', 'first'])
    const beside = await get(east)
    expect(beside.headers['x-cache']).toBe('HIT-MEMORY')
    expect(await gray(beside)).toBe(50)
  })

  test('is seen by every API process within seconds, also by one that has the tile in memory', async () => {
    await until('the other process has the new tile', async () => (await gray(await get(west, other))) === 100, 5_000)
    expect(await gray(await get(east, other))).toBe(50)
  })

  test('is taken as a geometry, too', async () => {
    const ring = [
      [12, 1],
      [13, 1],
      [12, 2],
      [12, 1],
    ]
    const area = { geometry: { type: 'Polygon', coordinates: [ring] }, minzoom: 5, maxzoom: 5 }
    expect((await post(`/searches/${search}/invalidate`, area)).json()).toMatchObject({ scope: 'area', regions: 2 })
    expect(await gray(await get(east))).toBe(100)
    expect((await get(west)).headers['x-cache']).toBe('HIT-MEMORY')
  })
})

test('a tile that is made dirty is rendered anew by a pre-render run, and no other', async () => {
  await addPicture('third', 150, '2024-03-01T00:00:00Z')
  const answer = await post(`/searches/${search}/tiles/WebMercatorQuad/${east}/dirty`)
  expect(answer.status, answer.text).toBe(200)
  const body = { search, bbox: [1, 1, 21, 10], zooms: [5], parameters: { assets: 'rgb' }, format: 'png' }
  const run = (await post('/prerender-runs', body)).json<Run>()
  const state = async () => (await ask(api, `/prerender-runs/${run.id}`)).json<Run>()
  await until('the run ends', async () => (await state()).state === 'done')
  expect((await state()).tiles).toMatchObject({ total: 2, rendered: 1, present: 1 })
  const anew = await get(east)
  expect(anew.headers['x-cache']).toBe('HIT-REDIS')
  expect(await gray(anew)).toBe(150)
  expect(await gray(await get(west))).toBe(100)
  expect((await get(west)).headers['x-cache']).toBe('HIT-MEMORY')
})

test('a layer that is invalidated is rendered anew, all of it', async () => {
  await addPicture('fourth', 200, '2024-04-01T00:00:00Z')
  const answer = await post(`/searches/${search}/invalidate`)
  expect(answer.json()).toMatchObject({ scope: 'layer', generation: 1, regions: 0 })
  for (const tile of [west, east]) {
    const anew = await get(tile)
    expect(anew.headers['x-cache']).toBe('MISS')
    expect(await gray(anew)).toBe(200)
  }
  expect((await status(west)).layer).toMatchObject({ generation: 1, regions: 0 })
})

describe('a refresh', () => {
  const refresh = async (body: object = {}) => {
    const answer = await post(`/searches/${search}/refresh`, body)
    expect(answer.status, answer.text).toBe(200)
    return answer.json()
  }
  const part: Bounds = [12, 1, 22, 10]

  test('makes all outdated at its first look, and nothing when nothing has changed', async () => {
    expect(await refresh()).toMatchObject({
      scope: 'layer',
      reason: 'FIRST_LOOK',
      items: 4,
      changes: null,
      generation: 2,
    })
    for (const tile of [west, east]) expect((await get(tile)).headers['x-cache']).toBe('MISS')
    const changes = { added: 0, changed: 0, deleted: 0 }
    expect(await refresh()).toMatchObject({ scope: 'none', reason: null, items: 4, changes, generation: 2, regions: 0 })
    for (const tile of [west, east]) expect((await get(tile)).headers['x-cache']).toBe('HIT-MEMORY')
  })

  test('makes the tiles outdated that an added item touches, and no others', async () => {
    await addPicture('fifth', 250, '2024-05-01T00:00:00Z', part)
    const changes = { added: 1, changed: 0, deleted: 0 }
    expect(await refresh({ dry_run: true })).toMatchObject({ dry_run: true, scope: 'area', changes, regions: 0 })
    expect((await get(east)).headers['x-cache']).toBe('HIT-MEMORY')
    expect(await refresh()).toMatchObject({ dry_run: false, scope: 'area', items: 5, changes, regions: 1 })
    expect(await gray(await get(east))).toBe(250)
    expect((await get(west)).headers['x-cache']).toBe('HIT-MEMORY')
  })

  test('makes those outdated that a deleted item touched', async () => {
    await system.database.query('SELECT delete_item($1, $2)', ['fifth', collection])
    expect(await refresh()).toMatchObject({ scope: 'area', items: 4, changes: { added: 0, changed: 0, deleted: 1 } })
    expect(await gray(await get(east))).toBe(200)
    expect((await get(west)).headers['x-cache']).toBe('HIT-MEMORY')
  })

  test('makes those outdated that a changed item touched or touches', async () => {
    const [row] = await system.database.query<{ item: { assets: object } }>('SELECT get_item($1, $2) AS item', [
      ...['fourth', collection],
    ])
    const item = { ...row?.item, assets: { rgb: { href: container.href('first.tif'), type: 'image/tiff' } } }
    await system.database.query('SELECT update_item($1::jsonb)', [JSON.stringify(item)])
    expect(await refresh()).toMatchObject({ scope: 'area', changes: { added: 0, changed: 1, deleted: 0 } })
    for (const tile of [west, east]) expect(await gray(await get(tile))).toBe(50)
  })

  test('of a collection is one of its own, and by time where nothing was looked at before', async () => {
    const answer = await post(`/collections/${collection}/refresh`, { changed_since: '2024-01-01T00:00:00Z' })
    // No item says when it was made.
    expect(answer.json()).toMatchObject({ layer: { kind: 'collection', id: collection }, reason: 'FIRST_LOOK' })
    expectError(await post(`/searches/${search}/refresh`, { changed_since: 'yesterday' }), 422, 'PARAMETER_INVALID')
    expectError(await post(`/searches/${search}/refresh`, {}, {}), 401, 'KEY_REQUIRED')
  })
})

test('a file that was replaced under its name is read anew once its tiles are made outdated', async () => {
  await container.upload('first.tif', makeCog({ bounds: everywhere, bands: [77, 77, 77] }))
  expect(await gray(await get(west))).toBe(50)
  await post(`/searches/${search}/tiles/WebMercatorQuad/${west}/dirty`)
  expect(await gray(await get(west))).toBe(77)
})

test('only a holder of a key may invalidate, and only what there is', async () => {
  const paths = [`/searches/${search}/invalidate`, `/collections/${collection}/tiles/WebMercatorQuad/0/0/0/dirty`]
  for (const path of paths) expectError(await post(path, {}, {}), 401, 'KEY_REQUIRED')
  expectError(await post(`/searches/${'0'.repeat(32)}/invalidate`), 404, 'SEARCH_NOT_FOUND')
  expectError(await post('/collections/none/invalidate'), 404, 'COLLECTION_NOT_FOUND')
  expectError(await post(`/searches/${search}/invalidate`, { everything: true }), 422, 'PARAMETER_INVALID')
  expectError(await post(`/searches/${search}/tiles/WebMercatorQuad/1/2/0/dirty`), 404, 'TILE_OUTSIDE_MATRIX')
})

test('nothing was rendered more often than it had to be, and no program had anything to complain about', async () => {
  const [worker] = system.programs.filter(({ name }) => name.startsWith('worker'))
  expect(await metric(worker!, 'tilepress_rendered_tiles_total', { outcome: 'image' })).toBe(14)
  expect(system.unexpectedLogs()).toEqual([])
  await system.stopPrograms()
})
