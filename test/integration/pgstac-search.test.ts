import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SearchLimits } from '../../src/request/tile-request.ts'
import { createDatabase as connect, type Database } from '../../src/search/database.ts'
import type { Item } from '../../src/search/item.ts'
import { createCatalog } from '../../src/search/pgstac-catalog.ts'
import { createPgstacSearch, type PgstacSearch } from '../../src/search/pgstac-search.ts'
import { parseSearchBody } from '../../src/search/search-body.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { searchLimits } from '../support/search-limits.ts'
import { createDatabase, type TestDatabase } from '../support/services.ts'
import { randomShape, rectangle, type Shape, seededRandom } from '../support/shapes.ts'

/** Degrees of the square that the items are in. */
const EXTENT = 20
const { signal } = new AbortController()
const noFlags: SearchLimits = { ...searchLimits, exitWhenFull: false, skipCovered: false }

let stack: TestDatabase
let database: Database
let client: pg.Client
/** Keeps every search in memory. */
let search: PgstacSearch
/** Keeps none. */
let byPlace: PgstacSearch

beforeAll(async () => {
  stack = await createDatabase()
  client = new pg.Client({ connectionString: stack.adminUrl })
  await client.connect()
  await client.query('SET search_path TO pgstac, public')
  await client.query(COVERING)
  database = connect({
    connectionString: stack.url,
    poolSize: 4,
    statementTimeoutMs: 20_000,
    connectTimeoutMs: 5_000,
    applicationName: 'test',
    log: { warn: () => {} },
  })
  search = createSearch(10_000)
  byPlace = createSearch(0)
  const random = seededRandom(5)
  const shapes = (count: number) => Array.from({ length: count }, () => randomShape(EXTENT, random))
  await addCollection('mixed', shapes(250))
  await addCollection('monthly', shapes(150), 'month')
})

afterAll(async () => {
  await client?.end()
  await database?.close()
  await stack?.drop()
})

/**
 * geometrysearch's rule about coverage, with PostGIS's own areas, but with differences below `slack` of the box taken for what they are:
 * GEOS's rounding. pgSTAC compares without, and so keeps a covered item now and then.
 */
const COVERING = `CREATE FUNCTION pg_temp.covering(box geometry, shapes geometry[], skipcovered bool, _limit int, slack float)
  RETURNS int[] LANGUAGE plpgsql AS $$
  DECLARE
    covered geometry; area float; before float := 0; kept int[] := '{}';
  BEGIN
    FOR i IN 1..coalesce(array_length(shapes, 1), 0) LOOP
      covered := CASE WHEN covered IS NULL THEN st_intersection(box, shapes[i]) ELSE st_union(covered, st_intersection(box, shapes[i])) END;
      area := st_area(covered);
      IF skipcovered AND area - before <= slack * st_area(box) THEN CONTINUE; END IF;
      before := area;
      kept := kept || i;
      EXIT WHEN cardinality(kept) >= _limit OR area >= st_area(box) * (1 - slack);
    END LOOP;
    RETURN kept;
  END $$`

async function addCollection(id: string, shapes: readonly Shape[], partition: string | null = null): Promise<void> {
  const random = seededRandom(id.length)
  await client.query('SELECT create_collection($1)', [
    {
      type: 'Collection',
      stac_version: '1.0.0',
      id,
      description: id,
      license: 'proprietary',
      links: [],
      extent: { spatial: { bbox: [[0, 0, EXTENT, EXTENT]] }, temporal: { interval: [[null, null]] } },
      // What an item has like its collection is not stored with it: B2's href, all of B3.
      item_assets: {
        B1: { type: 'image/tiff' },
        B2: { href: 'https://base/B2.tif', roles: ['data'] },
        B3: { href: 'https://base/B3.tif' },
      },
    },
  ])
  if (partition) await client.query('UPDATE collections SET partition_trunc = $1 WHERE id = $2', [partition, id])
  const items = shapes.map((geometry, i) => ({
    type: 'Feature',
    stac_version: '1.0.0',
    id: `${id}-${i}`,
    collection: id,
    bbox: [i / 1_000, 0, 1, 1],
    geometry,
    properties: {
      datetime: new Date(Date.UTC(2020, 0, 1) + Math.floor(random() * 700) * 86_400_000).toISOString(),
      'eo:cloud_cover': Math.floor(random() * 100),
    },
    assets: {
      B1: { href: `https://a/${i}/B1.tif`, type: 'image/tiff' },
      B2: { href: i % 2 === 0 ? 'https://base/B2.tif' : `https://a/${i}/B2.tif`, roles: ['data'] },
      ...(i % 3 === 0 && { B3: { href: 'https://base/B3.tif' } }),
      note: { title: 'an asset without an href' },
    },
    links: [],
  }))
  await client.query('SELECT create_items($1)', [JSON.stringify(items)])
}

function createSearch(itemIndexLimit: number, now = Date.now): PgstacSearch {
  return createPgstacSearch({
    database,
    log: { warn: () => {} },
    itemIndexLimit,
    ttlMs: 60_000,
    patienceMs: 60_000,
    now,
  })
}

async function register(body: object): Promise<string> {
  return (await createCatalog(database).registerSearch(parseSearchBody(body))).hash
}

interface Feature {
  readonly id: string
  readonly collection: string
  readonly bbox: readonly number[]
  readonly assets: Readonly<Record<string, { readonly href?: string }>>
}

async function geojsonsearch(hash: string, box: Bounds, limits: SearchLimits): Promise<Feature[]> {
  const [left, bottom, right, top] = box
  const { rows } = await client.query<{ answer: { features: Feature[] } }>(
    "SELECT geojsonsearch($1, $2, $3, $4, $5, '30 seconds', $6, $7) AS answer",
    [
      rectangle(left, bottom, right, top),
      hash,
      { include: ['assets', 'id', 'bbox', 'collection'] },
      limits.scanLimit,
      limits.itemsLimit,
      limits.exitWhenFull,
      limits.skipCovered,
    ],
  )
  return rows[0]!.answer.features
}

/** What both sides must agree on, item by item. */
const plain = (item: Item) => [item.collection, item.id, item.bbox, Object.fromEntries([...item.assets].toSorted())]
const plainFeature = ({ collection, id, bbox, assets }: Feature) => {
  const hrefs = Object.entries(assets).flatMap(([name, { href }]) =>
    href === undefined ? [] : [[name, href] as const],
  )
  return [collection, id, bbox, Object.fromEntries(hrefs.toSorted())]
}

async function itemsIn(source: PgstacSearch, id: string, box: Bounds, limits: SearchLimits): Promise<Item[]> {
  return [...(await source.itemsFor({ kind: 'search', id }, box, limits, signal)).items]
}

/** Of the candidates, all that touch the box, those the rule about coverage keeps. */
async function covering(candidates: readonly Item[], box: Bounds, limits: SearchLimits): Promise<Item[]> {
  const { rows } = await client.query<{ kept: number[] }>(
    `SELECT pg_temp.covering(st_makeenvelope($1, $2, $3, $4, 4326), array_agg(geometry ORDER BY n), $7, $8, 1e-10) AS kept
      FROM unnest($5::text[], $6::text[]) WITH ORDINALITY AS asked(c, i, n) JOIN items ON items.collection = c AND items.id = i`,
    [
      ...box,
      candidates.map(({ collection }) => collection),
      candidates.map(({ id }) => id),
      limits.skipCovered,
      limits.itemsLimit,
    ],
  )
  return rows[0]!.kept.map((position) => candidates[position - 1]!)
}

/** Small and large, half of them on the grid that many footprints share their edges with. */
function randomBoxes(count: number, seed: number): Bounds[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const size = [0.05, 0.3, 1, 4][Math.floor(random() * 4)]!
    const grid = (value: number) => (random() < 0.5 ? value : Math.round(value * 2) / 2)
    const [x, y] = [grid(random() * EXTENT), grid(random() * EXTENT)]
    return [x, y, x + size, y + size]
  })
}

const bodies = {
  'one collection': { collections: ['mixed'] },
  'a collection in monthly partitions': { collections: ['monthly'] },
  'sorted by a property': {
    collections: ['mixed', 'monthly'],
    sortby: [{ field: 'eo:cloud_cover', direction: 'asc' }],
  },
  'filtered, oldest first': {
    collections: ['monthly'],
    sortby: [{ field: 'datetime', direction: 'asc' }],
    filter: { op: '<', args: [{ property: 'eo:cloud_cover' }, 50] },
  },
}

describe.each(Object.entries(bodies))('a search of %s answers from memory', (_, body) => {
  test('what geojsonsearch answers, item by item, whatever the limit', async () => {
    const hash = await register(body)
    for (const box of randomBoxes(15, 31)) {
      for (const itemsLimit of [100, 3]) {
        const limits = { ...noFlags, itemsLimit }
        const expected = (await geojsonsearch(hash, box, limits)).map(plainFeature)
        expect((await itemsIn(search, hash, box, limits)).map(plain)).toEqual(expected)
      }
    }
  })

  test('what geojsonsearch answers with exitWhenFull and skipCovered, but for GEOS’s rounding', async () => {
    const hash = await register(body)
    let [calls, same] = [0, 0]
    for (const box of randomBoxes(10, 32)) {
      const candidates = await itemsIn(search, hash, box, { ...noFlags, itemsLimit: 1_000 })
      for (const limits of [
        { ...searchLimits, skipCovered: false },
        { ...searchLimits, exitWhenFull: false },
        { ...searchLimits, itemsLimit: 3 },
      ]) {
        const found = (await itemsIn(search, hash, box, limits)).map(plain)
        expect(found).toEqual((await covering(candidates, box, limits)).map(plain))
        calls++
        const theirs = (await geojsonsearch(hash, box, limits)).map(plainFeature)
        if (JSON.stringify(theirs) === JSON.stringify(found)) same++
      }
    }
    expect(same / calls).toBeGreaterThan(0.75)
  })
})

describe('a search asked by place', () => {
  test.each(Object.entries(bodies))('answers as from memory, whatever flags and limits: %s', async (_, body) => {
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
    const hash = await register(bodies['one collection'])
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
  const hash = await register(bodies['sorted by a property'])
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
  const hash = await register(bodies['a collection in monthly partitions'])
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
