import type { SearchLimits } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Queryable } from './database.ts'
import { createItemLookup, type ItemLookup } from './item-lookup.ts'
import { geometryOf } from './item-rows.ts'
import { explain } from './item-source.ts'

/** An item as an `assets` list has it. */
export interface ListedItem {
  readonly id: string
  readonly collection: string
  readonly bbox?: readonly number[]
  /** Assets by name, each as the catalogue has it. */
  readonly assets?: Readonly<Record<string, unknown>>
}

/** Items as the catalogue has them, for answers that show and do not draw them. */
export interface ItemSource extends ItemLookup {
  /**
   * The items of a registered search that touch a longitude-latitude box (west > east crosses the antimeridian), with pgSTAC's own rules and
   * limits. Throws SEARCH_NOT_FOUND, SEARCH_INVALID, DATABASE_UNAVAILABLE.
   */
  under(hash: string, lonLat: Bounds, limits: SearchLimits): Promise<readonly ListedItem[]>
}

/** For the connection and the rest of the row in progress, milliseconds. */
const TIME_LIMIT_SLACK_MS = 5_000

const FIELDS = { include: ['assets', 'id', 'bbox', 'collection'] }

/** How long an item is kept. */
const ITEM_TTL_MS = 10_000

export function createItemSource(database: Queryable): ItemSource {
  return {
    ...createItemLookup(database, ITEM_TTL_MS),
    async under(hash, lonLat, limits) {
      const { scanLimit, itemsLimit, timeLimitSeconds, exitWhenFull, skipCovered } = limits
      try {
        const [row] = await database.query<{ items: readonly ListedItem[] | null }>(
          "SELECT geojsonsearch($2::jsonb, $1, $3::jsonb, $4::int, $5::int, make_interval(secs => $6), $7, $8)::jsonb->'features' AS items",
          [hash, geometryOf(lonLat), FIELDS, scanLimit, itemsLimit, timeLimitSeconds, exitWhenFull, skipCovered],
          timeLimitSeconds * 1_000 + TIME_LIMIT_SLACK_MS,
        )
        // pgSTAC before 0.9 answers more than the fields asked for.
        return (row?.items ?? []).map(({ id, bbox, assets, collection }) => ({
          id,
          ...(bbox !== undefined && { bbox }),
          ...(assets !== undefined && { assets }),
          collection,
        }))
      } catch (error) {
        throw await explain(database, hash, error)
      }
    },
  }
}
