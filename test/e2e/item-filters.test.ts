import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask, decode } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

/** Two items over the whole of tile 5/16/15, `old` of 10 and `new` of 200, which lies on top. */
const bounds = [-1, -1, 12, 12] as const
const collection = uniqueName('filtered-')

let system: System
let api: Program
/** A second API process. */
let other: Program

beforeAll(async () => {
  system = await startSystem()
  const container = await createContainer('tilepressa')
  for (const [name, value] of [
    ['old', 10],
    ['new', 200],
  ] as const)
    await container.upload(`${name}.tif`, makeCog({ bounds, bands: [value] }))
  await createCollection(system.database, collection, [
    { id: 'old', bbox: bounds, datetime: '2024-01-01T00:00:00Z', assets: { data: container.href('old.tif') } },
    { id: 'new', bbox: bounds, datetime: '2024-07-01T00:00:00Z', assets: { data: container.href('new.tif') } },
  ])
  ;[api, other] = await Promise.all([system.startApi(), system.startApi(), system.startWorker()])
})
afterAll(() => system?.release())

const get = (query: Record<string, string>, path = 'tiles/WebMercatorQuad/5/16/15.png', from = api) =>
  ask(from, `/collections/${collection}/${path}?${new URLSearchParams({ assets: 'data', ...query })}`)

describe('a collection’s tile', () => {
  test.each([
    [{}, 200],
    [{ ids: 'old' }, 10],
    [{ datetime: '../2024-03-01T00:00:00Z' }, 10],
    [{ sortby: 'datetime' }, 10],
    [{ sortby: '-datetime' }, 200],
    [{ filter: "datetime < TIMESTAMP('2024-03-01T00:00:00Z')" }, 10],
    [{ filter: "id = 'old' OR id LIKE 'x%'" }, 10],
    [{ filter: "NOT id IN ('new', 'newer')" }, 10],
    [{ filter: "id = 'old' AND S_INTERSECTS(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))" }, 10],
    [{ filter: "S_INTERSECTS(geometry, BBOX(0, 0, 1, 1)) AND id BETWEEN 'm' AND 'n' OR id IS NULL" }, null],
    [{ filter: '{"op": "=", "args": [{"property": "id"}, "old"]}', 'filter-lang': 'cql2-json' }, 10],
    [{ query: '{"id": {"eq": "old"}}' }, 10],
    [{ bbox: '20,20,30,30' }, null],
  ])('with %j shows %s', async (query, value) => {
    const answer = await get(query as Record<string, string>)
    expect(answer.status, answer.text).toBe(value === null ? 204 : 200)
    if (value !== null) expect((await decode(answer.body)).at(100, 100)).toEqual([value, value, value, 255])
  })

  test('is one tile however its filters are written, over all processes', async () => {
    const first = await get({ ids: 'old,other' })
    const second = await get({ ids: 'other,old', x: '1' }, undefined, other)
    expect([first.status, second.status, second.headers['x-cache']]).toEqual([200, 200, 'HIT-REDIS'])
    const rows = await system.database.query("SELECT count(*)::int AS n FROM searches WHERE search->'ids' ? 'other'")
    expect(rows[0]).toEqual({ n: 1 })
  })

  test.each([
    [{ bbox: '1,2' }, 'PARAMETER_INVALID'],
    [{ filter: 'cloudy' }, 'PARAMETER_INVALID'],
    [{ query: 'x' }, 'PARAMETER_INVALID'],
  ])('with %j is refused', async (query, code) => {
    const answer = await get(query as Record<string, string>)
    expect([answer.status, answer.json()]).toMatchObject([422, { code }])
  })
})

test('the filters go from TileJSON to the tiles, and their box is its bounds', async () => {
  const tileJson = await get({ bbox: '0,0,5,5', ids: 'old' }, 'WebMercatorQuad/tilejson.json')
  const { bounds: box, tiles } = tileJson.json<{ bounds: number[]; tiles: [string] }>()
  expect(box).toEqual([0, 0, 5, 5])
  expect(tiles[0]).toContain(`/collections/${collection}/tiles/`)
  const address = new URL(tiles[0].replace('{z}/{x}/{y}', '5/16/15.png'))
  const answer = await ask(api, address.pathname + address.search)
  expect((await decode(answer.body)).at(100, 100)).toEqual([10, 10, 10, 255])
})

test('the values at a point are those of the items that are left', async () => {
  const answer = await get({ ids: 'old' }, 'point/3,3')
  expect(answer.json()).toMatchObject({ assets: [{ name: `${collection}/old`, values: [10] }] })
})
