import { setImmediate as nextTurn } from 'node:timers/promises'
import { TilepressError } from '../errors.ts'
import type { SearchLimits } from '../request/tile-request.ts'
import { type Bounds, splitAtAntimeridian } from '../tile/bounds.ts'
import { AssetTemplates } from './asset-hrefs.ts'
import { BandNameTables } from './band-names.ts'
import type { Queryable } from './database.ts'
import { sqlState } from './database-error.ts'
import { parseFootprint } from './footprint.ts'
import type { Item } from './item.ts'
import type { StacItem } from './item-lookup.ts'
import {
  baseAssets,
  baseKey,
  foundRows,
  type ItemRow,
  isOtherPgstac,
  type StoredAssets,
  storedRows,
} from './item-rows.ts'
import { type LocatedItem, selectItems } from './item-selection.ts'
import { isObject, toBounds } from './json.ts'
import type { FoundItems } from './search.ts'
import { mergeAssets, statisticsOf } from './stored-assets.ts'

/** More than any footprint: one stored across the antimeridian may go on beyond ±180. */
const WHOLE_WORLD: Bounds = [-720, -180, 720, 180]

/** Rows parsed in one turn of the event loop. */
const PORTION = 500

/** How much longer than its time limit a search of one place may take, for the connection and the rest of the row in progress. */
const TIME_LIMIT_SLACK_MS = 5_000

/** How many times more items are asked for when those asked for did not decide. */
const MORE = 8

/**
 * All items of a registered search in its order, at most `limit`. Throws SEARCH_NOT_FOUND, SEARCH_INVALID when pgSTAC can't run it,
 * DATABASE_UNAVAILABLE.
 */
export async function loadItems(
  database: Queryable,
  hash: string,
  limit: number,
  timeoutMs: number,
): Promise<LocatedItem[]> {
  try {
    const items = await storedItems(database, hash, null, limit, timeoutMs).catch(async (error) => {
      if (!isOtherPgstac(error)) throw error
      // geometrysearch counts scans from one above its items; no time limit, as it would cut in silence.
      const none = { timeLimitSeconds: 86_400, exitWhenFull: false, skipCovered: false }
      const limits = { ...none, scanLimit: limit + 2, itemsLimit: limit }
      return await locate(await foundRows(database, hash, WHOLE_WORLD, limits, timeoutMs))
    })
    if (items.length === 0) await requireSearch(database, hash)
    return items
  } catch (error) {
    throw await explain(database, hash, error)
  }
}

/** The items of one box, by the rules of selectItems, for a search that is not in memory. Throws as loadItems. */
export async function findItems(
  database: Queryable,
  hash: string,
  box: Bounds,
  limits: SearchLimits,
): Promise<FoundItems> {
  try {
    const found = await selectStored(database, hash, box, limits).catch((error) =>
      isOtherPgstac(error) ? askGeojsonsearch(database, hash, box, limits) : Promise.reject(error),
    )
    if (found.items.length === 0) await requireSearch(database, hash)
    return found
  } catch (error) {
    throw await explain(database, hash, error)
  }
}

/** Asks for as many items as a box usually takes, and for more while these leave open which are the box's. */
async function selectStored(database: Queryable, hash: string, box: Bounds, limits: SearchLimits): Promise<FoundItems> {
  const { scanLimit, itemsLimit, timeLimitSeconds } = limits
  const timeoutMs = timeLimitSeconds * 1_000 + TIME_LIMIT_SLACK_MS
  // One more than is taken: it tells whether the limit cut.
  for (let limit = itemsLimit + 1; ; limit *= MORE) {
    const asked = Math.min(limit, scanLimit + 1)
    const items = await storedItems(database, hash, box, asked, timeoutMs)
    const { exhausted, ...found } = selectItems(items, splitAtAntimeridian(box), limits)
    if (!exhausted || items.length < asked || asked > scanLimit) return found
  }
}

async function askGeojsonsearch(
  database: Queryable,
  hash: string,
  box: Bounds,
  limits: SearchLimits,
): Promise<FoundItems> {
  const started = performance.now()
  const rows = await foundRows(database, hash, box, limits, limits.timeLimitSeconds * 1_000 + TIME_LIMIT_SLACK_MS)
  const late = performance.now() - started >= limits.timeLimitSeconds * 1_000
  const items = (await locate(rows)).map(({ item }) => item)
  // All that geojsonsearch lets us see of its limits.
  return { items, truncated: items.length >= limits.itemsLimit ? 'items_limit' : late ? 'time_limit' : null }
}

async function storedItems(
  database: Queryable,
  hash: string,
  box: Bounds | null,
  limit: number,
  timeoutMs: number,
): Promise<LocatedItem[]> {
  const rows = await storedRows(database, hash, box, limit, timeoutMs)
  return await locate(rows, await baseAssets(database, rows))
}

async function locate(
  rows: readonly ItemRow[],
  bases: ReadonlyMap<string, StoredAssets> = new Map(),
): Promise<LocatedItem[]> {
  const templates = new AssetTemplates()
  const tables = new BandNameTables()
  const collections = new Map<string, string>()
  const located: LocatedItem[] = []
  for (const row of rows) {
    if (located.length % PORTION === PORTION - 1) await nextTurn()
    const collection = collections.get(row.collection) ?? row.collection
    collections.set(collection, collection)
    const footprint = row.geometry === null ? null : parseFootprint(JSON.parse(row.geometry))
    const bbox = (row.bbox === null ? null : toBounds(JSON.parse(row.bbox))) ?? footprint?.bounds ?? WHOLE_WORLD
    const own: StoredAssets = row.assets === null ? {} : JSON.parse(row.assets)
    const { hrefs, bandNames } = mergeAssets(own, bases.get(baseKey(row)) ?? {})
    const assets = templates.pack(hrefs)
    located.push({ item: { id: row.id, collection, bbox, assets, bandNames: tables.pack(bandNames) }, footprint })
  }
  return located
}

/** A whole item, as get_item gives it. */
export function toItem({ id, collection, bbox, assets }: StacItem): Item {
  const stored = isObject(assets) ? assets : {}
  const { hrefs, bandNames } = mergeAssets(stored, {})
  const statistics = Object.entries(stored).flatMap(([name, asset]) => {
    const ranges = isObject(asset) ? statisticsOf(asset) : null
    return ranges === null ? [] : [[name, ranges] as const]
  })
  return {
    ...{ id, collection, bbox: toBounds(bbox) ?? WHOLE_WORLD },
    assets: new Map(Object.entries(hrefs)),
    bandNames: new Map(Object.entries(bandNames)),
    statistics: new Map(statistics),
  }
}

async function requireSearch(database: Queryable, hash: string): Promise<void> {
  const rows = await database.query('SELECT 1 FROM searches WHERE hash = $1', [hash])
  if (rows.length === 0) throw new TilepressError('SEARCH_NOT_FOUND', `no search ${hash} is registered`)
}

/** pgSTAC 0.9 answers an unknown search with a not-null violation, 0.10 with an exception of no code of its own: look again. */
export async function explain(database: Queryable, hash: string, error: unknown): Promise<unknown> {
  const state = sqlState(error)
  if (state === null || !/^(22|23|42|P0)/.test(state)) return error
  try {
    await requireSearch(database, hash)
  } catch (missing) {
    return missing
  }
  const context = { sqlState: state }
  return new TilepressError('SEARCH_INVALID', 'pgSTAC can not run this search', { cause: error, context })
}
