import { setImmediate as nextTurn } from 'node:timers/promises'
import { TilepressError } from '../errors.ts'
import type { SearchLimits } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import { AssetTemplates } from './asset-hrefs.ts'
import type { Queryable } from './database.ts'
import { sqlState } from './database-error.ts'
import { parseFootprint } from './footprint.ts'
import type { Item } from './item.ts'
import type { LocatedItem } from './item-selection.ts'
import { toBounds } from './json.ts'

/** A row of either query below. JSON travels as text, so that it is parsed here, in portions. */
interface ItemRow {
  readonly id: string
  readonly collection: string
  /** Number of the base item the content was stripped against (pgSTAC 0.10). */
  readonly base: string | null
  readonly bbox: string | null
  readonly geometry: string | null
  readonly hrefs: string | null
}

/** Asset name to href; null where the item leaves it to its collection's base item. */
type StoredHrefs = Record<string, unknown>

const HREFS = `(SELECT jsonb_object_agg(key, CASE jsonb_typeof(value) WHEN 'object' THEN coalesce(value->'href', 'null') ELSE value END)
  FROM jsonb_each(CASE jsonb_typeof(%) WHEN 'object' THEN % END))::text AS hrefs`

/**
 * The items of a search in its order, through the functions that pgSTAC's own search() is made of, and without hydration: geojsonsearch
 * hydrates every item in SQL, which takes 1.9 ms an item of twenty assets where this takes 0.04 ms. search_query gives the conditions and
 * the order, and marks the search as used.
 */
const STORED_ITEMS = `SELECT i.id, i.collection, i.content->>'pgstac:base_item' AS base, i.content->>'bbox' AS bbox,
  ST_AsGeoJSON(i.geometry, 20) AS geometry, ${HREFS.replaceAll('%', "i.content->'assets'")}
FROM searches s, search_query(s.search, FALSE, s.metadata) q, search_rows(q._where, q.orderby, NULL, $2::int) WITH ORDINALITY i
WHERE s.hash = $1 ORDER BY i.ordinality`

const FOUND_ITEMS = `SELECT f->>'id' AS id, f->>'collection' AS collection, NULL AS base, f->>'bbox' AS bbox, f->>'geometry' AS geometry,
  ${HREFS.replaceAll('%', "f->'assets'")}
FROM jsonb_array_elements(geojsonsearch($2::jsonb, $1, $3::jsonb, $4::int, $5::int, make_interval(secs => $6), $7, $8)::jsonb->'features')
  WITH ORDINALITY AS features(f, n) ORDER BY n`

/** Hrefs in a collection's `item_assets`, which its items' content leaves out where they agree. Rare: item_assets has no hrefs. */
const BASE_HREFS = `SELECT b.collection, b.number AS base, ${HREFS.replaceAll('%', "b.item->'assets'")}
FROM (SELECT collection, number, collection_base_item(%) AS item FROM unnest($1::text[], $2::text[]) AS given(collection, number)) b`

/** What pgSTAC writes for a key that the base item has and the item has not. */
const ABSENT = '𒍟※'

/** More than any footprint: one stored across the antimeridian may go on beyond ±180. */
const WHOLE_WORLD: Bounds = [-720, -180, 720, 180]

/** What geojsonsearch shall give of an item. */
const FIELDS = ['id', 'collection', 'bbox', 'assets']

/** Rows parsed in one turn of the event loop. */
const PORTION = 500

/**
 * All items of a registered search, at most `limit`. Throws SEARCH_NOT_FOUND, SEARCH_INVALID when pgSTAC can't run it,
 * DATABASE_UNAVAILABLE.
 */
export async function loadItems(
  database: Queryable,
  hash: string,
  limit: number,
  timeoutMs: number,
): Promise<LocatedItem[]> {
  try {
    const rows = await storedOrFound(database, hash, limit, timeoutMs)
    if (rows.length === 0) await requireSearch(database, hash)
    return await locate(rows, await baseHrefs(database, rows))
  } catch (error) {
    throw await explain(database, hash, error)
  }
}

/** The items of a search under a box, as geojsonsearch gives them: at most `limits.itemsLimit`. Throws as loadItems. */
export async function findItems(database: Queryable, hash: string, box: Bounds, limits: SearchLimits): Promise<Item[]> {
  const call = (coverage: boolean) => {
    const timeoutMs = limits.timeLimitSeconds * 1_000 + 5_000
    const rules = coverage ? limits : { ...limits, exitWhenFull: false, skipCovered: false }
    return foundRows(database, hash, box, rules, FIELDS, timeoutMs)
  }
  try {
    // GEOS can't clip a footprint that crosses itself (XX000); whether it touches the box it can tell.
    const rows = await call(true).catch((error) => (sqlState(error) === 'XX000' ? call(false) : Promise.reject(error)))
    return (await locate(rows, new Map())).map(({ item }) => item)
  } catch (error) {
    throw await explain(database, hash, error)
  }
}

async function storedOrFound(database: Queryable, hash: string, limit: number, timeoutMs: number): Promise<ItemRow[]> {
  try {
    return await database.query<ItemRow>(STORED_ITEMS, [hash, limit], timeoutMs)
  } catch (error) {
    // A pgSTAC that keeps its items otherwise: no such function, column or composite. The public function remains.
    if (!['42883', '42703', '42P01', '42725'].includes(sqlState(error) ?? '')) throw error
    // Row limits are one above the items' (geometrysearch counts scans from one); no time limit, as it would cut in silence.
    const limits = {
      scanLimit: limit + 2,
      itemsLimit: limit,
      timeLimitSeconds: 86_400,
      exitWhenFull: false,
      skipCovered: false,
    }
    return await foundRows(database, hash, WHOLE_WORLD, limits, [...FIELDS, 'geometry'], timeoutMs)
  }
}

function foundRows(
  database: Queryable,
  hash: string,
  box: Bounds,
  limits: SearchLimits,
  include: readonly string[],
  timeoutMs: number,
): Promise<ItemRow[]> {
  const { scanLimit, itemsLimit, timeLimitSeconds, exitWhenFull, skipCovered } = limits
  return database.query<ItemRow>(
    FOUND_ITEMS,
    [hash, geometryOf(box), { include }, scanLimit, itemsLimit, timeLimitSeconds, exitWhenFull, skipCovered],
    timeoutMs,
  )
}

/** The corners in titiler's order. */
function geometryOf([left, bottom, right, top]: Bounds): object {
  if (left === right && bottom === top) return { type: 'Point', coordinates: [left, bottom] }
  const ring = [left, bottom, right, bottom, right, top, left, top, left, bottom]
  return { type: 'Polygon', coordinates: [Array.from({ length: 5 }, (_, i) => ring.slice(2 * i, 2 * i + 2))] }
}

type BaseHrefs = ReadonlyMap<string, StoredHrefs>

const baseKey = (row: { readonly collection: string; readonly base: string | null }) =>
  `${row.base ?? ''}/${row.collection}`

async function baseHrefs(database: Queryable, rows: readonly ItemRow[]): Promise<BaseHrefs> {
  const distinct = [...new Map(rows.map((row) => [baseKey(row), row])).values()]
  if (distinct.length === 0) return new Map()
  // Before 0.10 there are no numbers, and the function has one parameter.
  const numbered = distinct.some(({ base }) => base !== null)
  const bases = await database.query<{ collection: string; base: string | null; hrefs: string | null }>(
    BASE_HREFS.replace('%', numbered ? 'collection, number::int' : 'collection'),
    [distinct.map(({ collection }) => collection), distinct.map(({ base }) => base)],
  )
  return new Map(
    bases.flatMap((base) => (base.hrefs === null ? [] : [[baseKey(base), JSON.parse(base.hrefs) as StoredHrefs]])),
  )
}

async function locate(rows: readonly ItemRow[], bases: BaseHrefs): Promise<LocatedItem[]> {
  const templates = new AssetTemplates()
  const collections = new Map<string, string>()
  const located: LocatedItem[] = []
  for (const row of rows) {
    if (located.length % PORTION === PORTION - 1) await nextTurn()
    const collection = collections.get(row.collection) ?? row.collection
    collections.set(collection, collection)
    const footprint = row.geometry === null ? null : parseFootprint(JSON.parse(row.geometry))
    const bbox = (row.bbox === null ? null : toBounds(JSON.parse(row.bbox))) ?? footprint?.bounds ?? WHOLE_WORLD
    const assets = templates.pack(mergeHrefs(row.hrefs, bases.get(baseKey(row))))
    located.push({ item: { id: row.id, collection, bbox, assets }, footprint })
  }
  return located
}

function mergeHrefs(stored: string | null, base: StoredHrefs = {}): Record<string, string> {
  const own: StoredHrefs = stored === null ? {} : JSON.parse(stored)
  const merged: Record<string, string> = {}
  for (const [name, href] of Object.entries({ ...base, ...own })) {
    const effective = href ?? base[name]
    if (typeof effective === 'string' && effective !== ABSENT) merged[name] = effective
  }
  return merged
}

async function requireSearch(database: Queryable, hash: string): Promise<void> {
  const rows = await database.query('SELECT 1 FROM searches WHERE hash = $1', [hash])
  if (rows.length === 0) throw new TilepressError('SEARCH_NOT_FOUND', `no search ${hash} is registered`)
}

/** pgSTAC 0.9 answers an unknown search with a not-null violation, 0.10 with an exception of no code of its own: look again. */
async function explain(database: Queryable, hash: string, error: unknown): Promise<unknown> {
  const state = sqlState(error)
  if (state === null || !/^(22|23|42|P0)/.test(state)) return error
  try {
    await requireSearch(database, hash)
  } catch (missing) {
    return missing
  }
  return new TilepressError('SEARCH_INVALID', 'pgSTAC can not run this search', {
    cause: error,
    context: { sqlState: state },
  })
}
