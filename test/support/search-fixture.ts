import pg from 'pg'
import type { SearchLimits } from '../../src/request/tile-request.ts'
import { createDatabase as connect, type Database } from '../../src/search/database.ts'
import type { Item } from '../../src/search/item.ts'
import { createCatalog } from '../../src/search/pgstac-catalog.ts'
import { createPgstacSearch, type PgstacSearch } from '../../src/search/pgstac-search.ts'
import { parseSearchBody } from '../../src/search/search-body.ts'
import { bandNamesOf } from '../../src/search/stored-assets.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { searchLimits } from './search-limits.ts'
import { randomShape, rectangle, type Shape, seededRandom } from './shapes.ts'

/** Degrees of the square that the items are in. */
export const EXTENT = 20
const { signal } = new AbortController()
export const noFlags: SearchLimits = { ...searchLimits, exitWhenFull: false, skipCovered: false }

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

/** A database with random items in two collections, our search over it, and pgSTAC's own to compare it with. */
export interface SearchFixture {
  readonly client: pg.Client
  readonly database: Database
  /** Keeps every search in memory. */
  readonly search: PgstacSearch
  /** Keeps none. */
  readonly byPlace: PgstacSearch
  addCollection(id: string, shapes: readonly Shape[], partition?: string | null): Promise<void>
  createSearch(itemIndexLimit: number, now?: () => number): PgstacSearch
  register(body: object): Promise<string>
  geojsonsearch(hash: string, box: Bounds, limits: SearchLimits): Promise<Feature[]>
  covering(candidates: readonly Item[], box: Bounds, limits: SearchLimits): Promise<Item[]>
  close(): Promise<void>
}

/** `url`: as the application connects; `adminUrl`: as the superuser. */
export async function openSearchFixture(url: string, adminUrl: string): Promise<SearchFixture> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  await client.query('SET search_path TO pgstac, public')
  await client.query(COVERING)
  const database = connect({
    connectionString: url,
    poolSize: 4,
    statementTimeoutMs: 20_000,
    connectTimeoutMs: 5_000,
    applicationName: 'test',
    log: { warn: () => {} },
  })

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
        // What an item has like its collection is not stored with it: B2's href, all of B3, bands or parts of them.
        item_assets: {
          B1: { type: 'image/tiff', 'eo:bands': [{ name: 'B1', common_name: 'red' }, { name: 'B2' }] },
          B2: { href: 'https://base/B2.tif', roles: ['data'], bands: [{ name: 'base', 'eo:common_name': 'nir' }] },
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
        B1: { href: `https://a/${i}/B1.tif`, type: 'image/tiff', ...bandsOf(i) },
        B2: {
          href: i % 2 === 0 ? 'https://base/B2.tif' : `https://a/${i}/B2.tif`,
          roles: ['data'],
          ...(i % 5 < 2 && { bands: [i % 5 === 0 ? { name: 'base', 'eo:common_name': 'nir' } : { name: 'own' }] }),
        },
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

  const random = seededRandom(5)
  const shapes = (count: number) => Array.from({ length: count }, () => randomShape(EXTENT, random))
  await addCollection('mixed', shapes(250))
  await addCollection('monthly', shapes(150), 'month')
  return {
    ...{ client, database, addCollection, createSearch, register, geojsonsearch, covering },
    search: createSearch(10_000),
    byPlace: createSearch(0),
    close: async () => {
      await client.end()
      await database.close()
    },
  }
}

export interface Feature {
  readonly id: string
  readonly collection: string
  readonly bbox: readonly number[]
  readonly assets: Readonly<Record<string, { readonly href?: string }>>
}

/** What both sides must agree on, item by item. */
export const plain = (item: Item) => [
  item.collection,
  item.id,
  item.bbox,
  Object.fromEntries([...item.assets].toSorted()),
  Object.fromEntries([...(item.bandNames ?? [])].toSorted()),
]
export const plainFeature = ({ collection, id, bbox, assets }: Feature) => {
  const hrefs = Object.entries(assets).flatMap(([name, { href }]) =>
    href === undefined ? [] : [[name, href] as const],
  )
  const names = Object.entries(assets).flatMap(([name, asset]) => {
    const bands = asset.href === undefined ? null : bandNamesOf(asset)
    return bands === null ? [] : [[name, bands] as const]
  })
  return [collection, id, bbox, Object.fromEntries(hrefs.toSorted()), Object.fromEntries(names.toSorted())]
}

/** Bands of B1 by turns as the collection has them, with another name, fewer, more, none. */
function bandsOf(item: number): object {
  const red = { name: 'B1', common_name: 'red' }
  const bands = [[red, { name: 'B2' }], [red, { name: 'own' }], [red], [red, { name: 'B2' }, { name: 'B3' }]][item % 5]
  return bands ? { 'eo:bands': bands } : {}
}

export async function itemsIn(source: PgstacSearch, id: string, box: Bounds, limits: SearchLimits): Promise<Item[]> {
  return [...(await source.itemsFor({ kind: 'search', id }, box, limits, signal)).items]
}

/** Small and large, half of them on the grid that many footprints share their edges with. */
export function randomBoxes(count: number, seed: number): Bounds[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const size = [0.05, 0.3, 1, 4][Math.floor(random() * 4)]!
    const grid = (value: number) => (random() < 0.5 ? value : Math.round(value * 2) / 2)
    const [x, y] = [grid(random() * EXTENT), grid(random() * EXTENT)]
    return [x, y, x + size, y + size]
  })
}

/** Searches of the two collections. */
export const searchBodies = {
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
