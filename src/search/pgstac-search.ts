import { LRUCache } from 'lru-cache'
import { TilepressError } from '../errors.ts'
import { type Layer, layerName, type MosaicLayer, type SearchLimits } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import { abortable, within } from './abortable.ts'
import type { Queryable } from './database.ts'
import { isStatementTimeout, sqlState } from './database-error.ts'
import { ItemIndex } from './item-index.ts'
import { createItemLookup } from './item-lookup.ts'
import { findItems, loadItems, toItem } from './item-source.ts'
import { LayerCache, type LoadedLayer } from './layer-cache.ts'
import { createCatalog } from './pgstac-catalog.ts'
import { isSearchId } from './registered-search.ts'
import type { FoundItems, Search } from './search.ts'

export interface PgstacSearchOptions {
  readonly database: Queryable
  readonly log: { warn(details: object, message: string): void }
  /** Largest search kept in memory; 0 keeps none. */
  readonly itemIndexLimit: number
  /** Age at which a layer's items are asked anew, in the background. */
  readonly ttlMs: number
  /** Items of all layers together; twice itemIndexLimit at least. */
  readonly totalItems?: number
  /** Longest load of a layer's items. */
  readonly loadTimeoutMs?: number
  /** How long a tile waits for the first load of its layer before it asks the database for its own place. */
  readonly patienceMs?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** 0…1, for the jitter of refreshes. */
  readonly random?: () => number
}

export interface SearchStats {
  /** Layers in memory, and their items. */
  readonly layers: number
  readonly items: number
  /** Loads of whole layers under way. */
  readonly loads: number
  /** Calls of the database since the start: loads, single places, and names looked up. */
  readonly databaseCalls: number
}

export interface PgstacSearch extends Search {
  stats(): SearchStats
  /** Which load of the layer answers now, and since when; null when the database does. For logs and metrics. */
  loaded(layer: Layer): Pick<LoadedLayer, 'version' | 'loadedAt'> | null
}

/** An unknown search may be registered the next moment, a tile map asks for a hundred tiles of it at once. */
const UNKNOWN_MS = 2_000
/** A refresh takes at most this share of the time: a layer that takes 6 s to load is refreshed every 2 minutes, not every minute. */
const LOAD_SHARE = 0.05
/** About 60 MB. */
const DEFAULT_TOTAL_ITEMS = 100_000
/** Pause after a refresh that failed. */
const RETRY_MS = 5_000
/** A search that was too large to keep is tried again after so many lives of one that was not. */
const TOO_LARGE_LIVES = 10
/** When the database is away, items are served for so many lives. */
const STALE_LIVES = 15
/** Loads of whole layers at a time. */
const MAX_LOADS = 2
/** Items in answers of single places that are kept. */
const PLACE_ITEMS = 20_000

/**
 * Search over pgSTAC. A layer's items are asked for once and kept in a spatial index that answers what geojsonsearch would; a layer
 * too large for that is asked for per place.
 */
export function createPgstacSearch(options: PgstacSearchOptions): PgstacSearch {
  const { log, itemIndexLimit, ttlMs, loadTimeoutMs = 60_000, patienceMs = 250 } = options
  const totalItems = options.totalItems ?? Math.max(DEFAULT_TOTAL_ITEMS, 2 * itemIndexLimit)
  const { now = () => performance.now(), random = Math.random } = options
  let databaseCalls = 0
  const database: Queryable = {
    query: (...call) => {
      databaseCalls++
      return options.database.query(...call)
    },
  }
  const catalog = createCatalog(database)
  const lookup = createItemLookup(database, ttlMs)
  const layers = new LayerCache({ totalItems, maxLoads: MAX_LOADS, now })
  const unknown = new LRUCache<string, TilepressError>({ max: 1_000, ttl: UNKNOWN_MS, ttlResolution: 0, perf: { now } })
  const hashes = new LRUCache<string, Promise<string>>({
    max: 1_000,
    ttl: TOO_LARGE_LIVES * ttlMs,
    ttlResolution: 0,
    perf: { now },
  })
  const places = new LRUCache<string, FoundItems>({
    maxSize: PLACE_ITEMS,
    sizeCalculation: ({ items }) => items.length + 1,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now },
  })
  const placesUnderWay = new Map<string, Promise<FoundItems>>()

  /** The id of the layer's registered search; whether it exists shows when it is asked. */
  async function hashOf({ kind, id }: MosaicLayer): Promise<string> {
    if (kind === 'collection') {
      const hash = hashes.get(id) ?? catalog.registerCollection(id).then((registered) => registered.hash)
      hashes.set(id, hash, { noUpdateTTL: true })
      hash.catch(() => hashes.delete(id))
      return await hash
    }
    if (!isSearchId(id)) throw new TilepressError('SEARCH_NOT_FOUND', 'no such search is registered')
    return id
  }

  async function loadLayer(layer: MosaicLayer, version: number, edition: number): Promise<LoadedLayer> {
    const started = performance.now()
    const index = await loadIndex(layer)
    const loadedAt = now()
    const lives = index ? 1 : TOO_LARGE_LIVES
    const life = Math.max(ttlMs, (performance.now() - started) / LOAD_SHARE) * lives * (0.9 + 0.2 * random())
    return {
      index,
      version,
      edition,
      loadedAt,
      staleAt: loadedAt + life,
      endsAt: loadedAt + STALE_LIVES * Math.max(life, ttlMs),
    }
  }

  async function loadIndex(layer: MosaicLayer): Promise<ItemIndex | null> {
    const hash = await hashOf(layer)
    try {
      const items = await loadItems(database, hash, itemIndexLimit + 1, loadTimeoutMs)
      if (items.length > itemIndexLimit) return null
      const index = new ItemIndex(items)
      // Outlines of thousands of corners: one layer may not drive out all others.
      return index.weight > totalItems / 2 ? null : index
    } catch (error) {
      // Too slow, or more than a statement may hold (class 54): single places can still be asked for.
      if (isStatementTimeout(error) || sqlState(error)?.startsWith('54')) return null
      throw error
    }
  }

  function load(layer: MosaicLayer, key: string, edition: number): Promise<LoadedLayer> | null {
    return layers.load(key, async (version) => {
      try {
        return await loadLayer(layer, version, edition)
      } catch (error) {
        remember(layer, key, error)
        if (layers.get(key)) {
          layers.postpone(key, now() + Math.min(ttlMs, RETRY_MS))
          log.warn({ layer, code: codeOf(error) }, 'items of a layer could not be refreshed')
        }
        throw error
      }
    })
  }

  /** Keeps the answer that something is unknown, and forgets what was loaded of it; no other error is kept. */
  function remember(layer: MosaicLayer, key: string, error: unknown): void {
    if (
      error instanceof TilepressError &&
      (error.code === 'SEARCH_NOT_FOUND' || error.code === 'COLLECTION_NOT_FOUND')
    ) {
      unknown.set(key, error)
      layers.delete(key)
      // Its search may be gone, as pgSTAC's are when an operator tidies up; then it is registered anew.
      if (layer.kind === 'collection') hashes.delete(layer.id)
    }
  }

  async function layerFor(layer: MosaicLayer, key: string, edition: number): Promise<LoadedLayer | null> {
    const kept = layers.get(key)
    if (!kept || kept.edition < edition) {
      const loading = load(layer, key, edition)
      const loaded = loading && (await within(loading, patienceMs))
      // A load that was under way may have begun before.
      return loaded && loaded.edition >= edition ? loaded : null
    }
    // Its failure is logged where it happens; this tile has its answer.
    if (layers.isStale(kept)) load(layer, key, kept.edition)?.catch(() => {})
    return kept
  }

  function itemsAt(
    layer: MosaicLayer,
    key: string,
    box: Bounds,
    limits: SearchLimits,
    edition: number,
  ): Promise<FoundItems> {
    const place = JSON.stringify([key, edition, box, limits])
    const kept = places.get(place)
    if (kept) return Promise.resolve(kept)
    const current = placesUnderWay.get(place)
    if (current) return current
    const asked = hashOf(layer).then((hash) => findItems(database, hash, box, limits))
    const started = asked.finally(() => placesUnderWay.delete(place))
    placesUnderWay.set(place, started)
    // One handler for both ends, so that the failure is the waiters' alone.
    started.then(
      (found) => places.set(place, found),
      (error) => remember(layer, key, error),
    )
    return started
  }

  async function find(layer: Layer, box: Bounds, limits: SearchLimits, edition: number): Promise<FoundItems> {
    if (layer.kind === 'item' || layer.kind === 'asset') {
      const item = layer.kind === 'item' ? layer.id : layer.item
      return { items: [toItem(await lookup.get(layer.collection, item, edition))], truncated: null }
    }
    const key = layerName(layer)
    const missing = unknown.get(key)
    if (missing) throw missing
    const loaded = itemIndexLimit > 0 ? await layerFor(layer, key, edition) : null
    return loaded?.index?.select(box, limits) ?? (await itemsAt(layer, key, box, limits, edition))
  }

  return {
    itemsFor: (layer, lonLat, limits, signal, edition = 0) =>
      abortable(() => find(layer, lonLat, limits, edition), signal),
    loaded: (layer) => {
      const kept = layers.get(layerName(layer))
      return kept?.index ? kept : null
    },
    stats: () => ({ ...layers.stats(), databaseCalls }),
  }
}

function codeOf(error: unknown): string {
  return error instanceof TilepressError ? error.code : (sqlState(error) ?? 'INTERNAL')
}
