import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Item } from '../../src/search/item.ts'
import type { PgstacSearch } from '../../src/search/pgstac-search.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { describeAgreement } from '../support/search-agreement.ts'
import {
  itemsIn,
  noFlags,
  openSearchFixture,
  plain,
  plainFeature,
  randomBoxes,
  type SearchFixture,
  searchBodies,
} from '../support/search-fixture.ts'
import { searchLimits } from '../support/search-limits.ts'
import { createDatabase, type TestDatabase } from '../support/services.ts'
import { rectangle } from '../support/shapes.ts'

const { signal } = new AbortController()

let stack: TestDatabase
let fixture: SearchFixture
let client: SearchFixture['client']
let search: PgstacSearch
let byPlace: PgstacSearch
const addCollection: SearchFixture['addCollection'] = (...args) => fixture.addCollection(...args)
const createSearch: SearchFixture['createSearch'] = (...args) => fixture.createSearch(...args)
const register: SearchFixture['register'] = (body) => fixture.register(body)
const geojsonsearch: SearchFixture['geojsonsearch'] = (...args) => fixture.geojsonsearch(...args)

beforeAll(async () => {
  stack = await createDatabase()
  fixture = await openSearchFixture(stack.url, stack.adminUrl)
  ;({ client, search, byPlace } = fixture)
})

afterAll(async () => {
  await fixture?.close()
  await stack?.drop()
})

describeAgreement(() => fixture)

describe('a search asked by place', () => {
  test.each(Object.entries(searchBodies))('answers as from memory, whatever flags and limits: %s', async (_, body) => {
    const hash = await register(body)
    for (const box of randomBoxes(10, 33)) {
      for (const limits of [
        noFlags,
        searchLimits,
        { ...searchLimits, itemsLimit: 2 },
        { ...searchLimits, scanLimit: 5 },
        { ...noFlags, itemsLimit: 1, scanLimit: 1 },
      ]) {
        const remembered = await search.itemsFor({ kind: 'search', id: hash }, box, limits, signal)
        const asked = await byPlace.itemsFor({ kind: 'search', id: hash }, box, limits, signal)
        expect(asked.items.map(plain)).toEqual(remembered.items.map(plain))
        expect(asked.truncated).toBe(remembered.truncated)
      }
    }
  })

  test('looks as deep as it takes to find an item beneath many that are covered', async () => {
    const pile = Array.from({ length: 60 }, () => rectangle(0, 0, 1, 2))
    await addCollection('pile', [...pile, rectangle(1, 0, 2, 2)])
    const hash = await register({ collections: ['pile'] })
    const { items, truncated } = await byPlace.itemsFor(
      { kind: 'search', id: hash },
      [0, 0, 2, 2],
      { ...searchLimits, itemsLimit: 3 },
      signal,
    )
    expect(items.map(({ id }) => id)).toContain('pile-60')
    expect([items.length, truncated]).toEqual([2, null])
  })

  test('takes over when the search has more items than may be kept', async () => {
    const hash = await register(searchBodies['one collection'])
    const small = createSearch(249)
    const exact = createSearch(250)
    const box: Bounds = [5, 5, 8, 8]
    expect((await itemsIn(small, hash, box, noFlags)).map(plain)).toEqual(
      (await itemsIn(exact, hash, box, noFlags)).map(plain),
    )
    expect(small.loaded({ kind: 'search', id: hash })).toBeNull()
    expect(exact.stats()).toMatchObject({ layers: 1, items: 250 })
  })

  test('finds items whose footprint crosses itself, which GEOS can not clip', async () => {
    const bowTie = [
      [0, 0],
      [4, 4],
      [4, 0],
      [0, 4],
      [0, 0],
    ]
    await addCollection('crossed', [{ type: 'Polygon', coordinates: [bowTie] }, rectangle(0, 0, 4, 4)])
    const hash = await register({ collections: ['crossed'], sortby: [{ field: 'id', direction: 'asc' }] })
    const ids = async (source: PgstacSearch) =>
      (await itemsIn(source, hash, [1, 1, 3, 3], searchLimits)).map(({ id }) => id)
    expect(await ids(byPlace)).toEqual(['crossed-0', 'crossed-1'])
    expect(await ids(search)).toEqual(['crossed-0', 'crossed-1'])
  })
})

test('scanLimit counts the items that touch the box, kept or not', async () => {
  // Not by date: there pgSTAC asks month by month, and loses one of the limit at each.
  const hash = await register(searchBodies['sorted by a property'])
  for (const box of randomBoxes(6, 34)) {
    const limits = { ...noFlags, scanLimit: 4 }
    const expected = (await geojsonsearch(hash, box, limits)).map(plainFeature)
    const { items, truncated } = await search.itemsFor({ kind: 'search', id: hash }, box, limits, signal)
    expect(items.map(plain)).toEqual(expected)
    const all = await itemsIn(search, hash, box, noFlags)
    expect(truncated).toBe(all.length > 4 ? 'scan_limit' : null)
  }
})

test('a pgSTAC without the functions behind its search is asked through geojsonsearch', async () => {
  const hash = await register(searchBodies['a collection in monthly partitions'])
  const expected = await itemsIn(search, hash, [0, 0, 9, 9], noFlags)
  await client.query('ALTER FUNCTION search_rows RENAME TO search_rows_of_another_name')
  try {
    const [other, otherByPlace] = [createSearch(1_000), createSearch(0)]
    // As a set: geojsonsearch of 0.10.0 loses the order of a long list, as its temporary table fills pages as it likes.
    const sorted = (items: readonly Item[]) => items.map(plain).toSorted()
    expect(sorted(await itemsIn(other, hash, [0, 0, 9, 9], noFlags))).toEqual(sorted(expected))
    expect(sorted(await itemsIn(otherByPlace, hash, [0, 0, 9, 9], noFlags))).toEqual(sorted(expected))
    expect(other.stats()).toMatchObject({ layers: 1, items: 150 })
  } finally {
    await client.query('ALTER FUNCTION search_rows_of_another_name RENAME TO search_rows')
  }
})

describe('hrefs that items leave to their collection', () => {
  test('stay what they were when the collection is edited', async () => {
    await addCollection('edited', [rectangle(0, 0, 1, 1), rectangle(0, 0, 1, 1)])
    await client.query(
      `SELECT update_collection(jsonb_set(get_collection('edited'), '{item_assets,B2,href}', '"https://base/B2-new.tif"'))`,
    )
    const item = (id: string) =>
      `SELECT create_item(jsonb_set(jsonb_set(content_hydrate(i), '{id}', '"${id}"'), '{assets,B2,href}', '"https://base/B2-new.tif"'))
        FROM items i WHERE id = 'edited-0'`
    await client.query(item('edited-new'))
    const hash = await register({ collections: ['edited'] })
    const expected = (await geojsonsearch(hash, [0, 0, 1, 1], noFlags)).map(plainFeature)
    const found = await itemsIn(search, hash, [0, 0, 1, 1], noFlags)
    expect(found.map(plain)).toEqual(expected)
    const hrefs = found.map(({ id, assets }) => [id, assets.get('B2')])
    expect(Object.fromEntries(hrefs)).toEqual({
      'edited-new': 'https://base/B2-new.tif',
      'edited-0': 'https://base/B2.tif',
      'edited-1': 'https://a/1/B2.tif',
    })
  })
})

describe('footprints at the antimeridian', () => {
  test('are found where PostGIS finds them, in two parts or beyond 180', async () => {
    const parts = [rectangle(179, -1, 180, 1), rectangle(-180, -1, -179, 1)].map(({ coordinates }) => coordinates)
    await addCollection('dateline', [
      { type: 'MultiPolygon', coordinates: parts },
      rectangle(179, -1, 181, 1),
      rectangle(-179.5, -1, 179.5, 1),
    ])
    const hash = await register({ collections: ['dateline'] })
    const boxes: Bounds[] = [
      [179.2, 0, 180, 0.5],
      [-180, 0, -179.8, 0.5],
      [-180, -85, 180, 85],
      [179.6, 0, 179.7, 0.1],
      [0, 0, 1, 1],
    ]
    for (const box of boxes) {
      const expected = (await geojsonsearch(hash, box, noFlags)).map(plainFeature)
      expect((await itemsIn(search, hash, box, noFlags)).map(plain)).toEqual(expected)
    }
  })
})

describe('a box over the antimeridian', () => {
  test('has the items of both sides, in the order of the search, from memory, by place and from geojsonsearch', async () => {
    await addCollection('fiji', [
      rectangle(170, -20, 180, -10),
      rectangle(-180, -20, -170, -10),
      rectangle(0, -20, 10, -10),
      {
        type: 'MultiPolygon',
        coordinates: [rectangle(179, -16, 180, -14).coordinates, rectangle(-180, -16, -179, -14).coordinates],
      },
      rectangle(175, -15, 178, -14),
    ])
    const hash = await register({ collections: ['fiji'], sortby: [{ field: 'id', direction: 'asc' }] })
    const box: Bounds = [178.5, -16, -178.5, -14]
    const answers = async (source: PgstacSearch) => {
      const limits = [noFlags, searchLimits, { ...noFlags, itemsLimit: 1 }]
      const found = await Promise.all(limits.map((each) => itemsIn(source, hash, box, each)))
      return found.map((items) => items.map(({ id }) => id).join(' '))
    }
    const expected = ['fiji-0 fiji-1 fiji-3', 'fiji-0 fiji-1', 'fiji-0']
    expect(await answers(search)).toEqual(expected)
    expect(await answers(byPlace)).toEqual(expected)
    await client.query('ALTER FUNCTION search_rows RENAME TO search_rows_of_another_name')
    try {
      expect(await answers(createSearch(0))).toEqual(expected)
    } finally {
      await client.query('ALTER FUNCTION search_rows_of_another_name RENAME TO search_rows')
    }
  })
})

describe('a layer', () => {
  const everywhere: Bounds = [-180, -85, 180, 85]

  test('may be a collection, which is registered when first asked for', async () => {
    const layer = { kind: 'collection', id: 'mixed' } as const
    const { items, truncated } = await search.itemsFor(layer, everywhere, { ...noFlags, itemsLimit: 200 }, signal)
    expect([items.length, truncated]).toEqual([200, 'items_limit'])
    const { rows } = await client.query("SELECT search FROM searches WHERE metadata->>'name' = $1", [
      "Mosaic for 'mixed' Collection",
    ])
    expect(rows).toEqual([{ search: { collections: ['mixed'], 'filter-lang': 'cql2-json' } }])
  })

  test('of a collection is registered anew when its search was deleted', async () => {
    let now = Date.now()
    const own = createSearch(0, () => now)
    const count = async () =>
      (
        await own.itemsFor(
          { kind: 'collection', id: 'monthly' },
          [0, 0, 20, 20],
          { ...noFlags, itemsLimit: 200 },
          signal,
        )
      ).items.length
    const before = await count()
    await client.query("DELETE FROM searches WHERE metadata->>'name' = $1", ["Mosaic for 'monthly' Collection"])
    now += 61_000
    await expect(count()).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
    now += 3_000
    expect(await count()).toBe(before)
  })

  test('that is not known has a code of its own', async () => {
    for (const source of [search, byPlace]) {
      const unknown = (kind: 'search' | 'collection', id: string) =>
        source.itemsFor({ kind, id }, [0, 0, 1, 1], searchLimits, signal)
      await expect(unknown('search', 'f'.repeat(32))).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
      await expect(unknown('search', 'no such id')).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
      await expect(unknown('collection', 'nowhere')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
      await expect(unknown('collection', 'nul\0')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    }
  })

  test('that pgSTAC can not run is SEARCH_INVALID', async () => {
    // Stored as a search, and no date at all when it comes to running it.
    const { rows } = await client.query(
      `INSERT INTO searches (search) VALUES ('{"datetime": "no day at all"}') RETURNING hash`,
    )
    for (const source of [search, byPlace]) {
      const found = source.itemsFor({ kind: 'search', id: rows[0].hash }, [0, 0, 1, 1], searchLimits, signal)
      await expect(found).rejects.toMatchObject({ code: 'SEARCH_INVALID' })
    }
  })

  test('without items is empty, not unknown', async () => {
    const hash = await register({ collections: ['mixed'], ids: ['none'] })
    expect(await itemsIn(search, hash, everywhere, searchLimits)).toEqual([])
    expect(await itemsIn(byPlace, hash, everywhere, searchLimits)).toEqual([])
  })

  test('shows a new item after its time in memory', async () => {
    await addCollection('growing', [rectangle(0, 0, 1, 1)])
    const hash = await register({ collections: ['growing'] })
    let now = Date.now()
    const own = createSearch(10, () => now)
    const count = async () => (await itemsIn(own, hash, [0, 0, 1, 1], noFlags)).length
    expect(await count()).toBe(1)
    await client.query('SELECT create_item(jsonb_set(content_hydrate(i), $2, $3)) FROM items i WHERE collection = $1', [
      'growing',
      '{id}',
      '"later"',
    ])
    expect(await count()).toBe(1)
    now += 70_000
    expect(await count()).toBe(1)
    while (own.stats().loads > 0) await new Promise((done) => setTimeout(done, 5))
    expect(await count()).toBe(2)
  })
})
