import type { Layer, SearchLimits } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Item } from './item.ts'

/** Why a list of items is shorter than the search itself. */
export type Truncation = 'items_limit' | 'scan_limit' | 'time_limit'

export interface FoundItems {
  /** In the search's order: the first is on top. */
  readonly items: readonly Item[]
  /** The limit that cut the list, null when none did. Never hidden: it is reported with the tile. */
  readonly truncated: Truncation | null
}

/** Resolves a layer to the items under a place. */
export interface Search {
  /**
   * Items that touch the longitude-latitude box, as pgSTAC's geojsonsearch would give them. West > east crosses the antimeridian: the
   * box is then two, one at either side of it. Of an item's or a file's layer that item, wherever it is.
   * `edition`: of the layer (src/freshness/layer-state.ts); items from before it will not do.
   * Throws SEARCH_NOT_FOUND, COLLECTION_NOT_FOUND, ITEM_NOT_FOUND, DATABASE_UNAVAILABLE.
   */
  itemsFor(
    layer: Layer,
    lonLat: Bounds,
    limits: SearchLimits,
    signal: AbortSignal,
    edition?: number,
  ): Promise<FoundItems>
}
