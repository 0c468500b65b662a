import { LRUCache } from 'lru-cache'
import { TilepressError } from '../errors.ts'
import type { Layer } from '../request/tile-request.ts'
import { mayFilterItems, parseItemFilters } from './item-filters.ts'
import type { Catalog } from './pgstac-catalog.ts'

/** What is remembered of registered filters. A search that an operator removes from pgSTAC is registered anew after this time. */
const REMEMBERED = 1_000
const REMEMBERED_MS = 300_000

/**
 * Collections narrowed down by item filters: a search with them is registered in pgSTAC once, and the layer is that search from then on.
 * So equal filters share their tiles, whatever they are written like.
 */
export class FilteredCollections {
  readonly #catalog: Pick<Catalog, 'registerCollection'>
  /** By collection and filters. */
  readonly #searches: LRUCache<string, Promise<string>>
  /** By collection and query, so that a map's tiles are parsed once. */
  readonly #layers: LRUCache<string, Layer>

  constructor(catalog: Pick<Catalog, 'registerCollection'>, now: () => number = () => performance.now()) {
    this.#catalog = catalog
    const options = { max: REMEMBERED, ttl: REMEMBERED_MS, ttlResolution: 0, perf: { now } }
    this.#searches = new LRUCache(options)
    this.#layers = new LRUCache(options)
  }

  /**
   * The layer of a request: itself when it is no collection or the query has no item filters. A promise only for filters not met before.
   * Throws PARAMETER_INVALID, COLLECTION_NOT_FOUND, SEARCH_INVALID, WRITE_CLOSED, DATABASE_UNAVAILABLE.
   */
  layerOf<L extends Layer>(layer: L, querystring: string): L | SearchLayer | Promise<L | SearchLayer> {
    if (layer.kind !== 'collection' || !mayFilterItems(querystring)) return layer
    const asked = `${layer.id}?${querystring}`
    const known = this.#layers.get(asked)
    if (known) return known as L | SearchLayer
    const filters = parseItemFilters(new URLSearchParams(querystring))
    if (filters === null) return layer
    const key = `${layer.id}?${JSON.stringify(filters)}`
    const search =
      this.#searches.get(key) ?? this.#catalog.registerCollection(layer.id, filters).then(({ hash }) => hash)
    this.#searches.set(key, search, { noUpdateTTL: true })
    return search.then(
      (id) => {
        const found: SearchLayer = { kind: 'search', id }
        this.#layers.set(asked, found)
        return found
      },
      (error: unknown) => {
        this.#searches.delete(key)
        throw error instanceof TilepressError && error.code === 'WRITE_CLOSED' ? readOnly(error) : error
      },
    )
  }
}

export type SearchLayer = Extract<Layer, { readonly kind: 'search' }>

function readOnly(cause: TilepressError): TilepressError {
  const detail = 'item filters of a collection are registered as a search, and the catalogue is read-only'
  return new TilepressError('WRITE_CLOSED', detail, { cause })
}
