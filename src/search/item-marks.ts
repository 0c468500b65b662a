import type { Bounds } from '../tile/bounds.ts'
import { splitAtAntimeridian } from '../tile/bounds.ts'
import type { Queryable } from './database.ts'
import { explain } from './item-source.ts'
import { toBounds } from './json.ts'

/** By what a change of an item is seen, and where it lies. */
export interface ItemMark {
  /** `<collection>/<id>`. */
  readonly key: string
  /** A hash of all that pgSTAC keeps of the item: a property may decide its order, an asset its pixels. */
  readonly version: string
  /** Longitude and latitude; two over the antimeridian, none without a geometry. */
  readonly boxes: readonly Bounds[]
  /** The item's own `updated`, else `created` (STAC Common Metadata), milliseconds since 1970; null where it says neither. */
  readonly updated: number | null
}

interface MarkRow {
  readonly id: string
  readonly collection: string
  readonly version: string
  readonly bbox: readonly unknown[] | null
  readonly around: readonly (number | null)[]
  readonly updated: string | null
}

/** As STORED_ITEMS of item-rows finds them. The row as text has every column of whatever version of pgSTAC, its own time of update included. */
const MARKS = `SELECT i.id, i.collection, left(md5(i::text), 16) AS version,
  CASE jsonb_typeof(i.content->'bbox') WHEN 'array' THEN i.content->'bbox' END AS bbox,
  ARRAY[ST_XMin(i.geometry), ST_YMin(i.geometry), ST_XMax(i.geometry), ST_YMax(i.geometry)] AS around,
  coalesce(i.content->'properties'->>'updated', i.content->'properties'->>'created') AS updated
FROM searches s, search_query(s.search, FALSE, s.metadata) q, search_rows(q._where, q.orderby, NULL, $2::int) i
WHERE s.hash = $1`

/** Marks of all items of a registered search, at most `limit`. Throws SEARCH_NOT_FOUND, SEARCH_INVALID, DATABASE_UNAVAILABLE. */
export async function itemMarks(
  database: Queryable,
  hash: string,
  limit: number,
  timeoutMs: number,
): Promise<ItemMark[]> {
  try {
    const rows = await database.query<MarkRow>(MARKS, [hash, limit], timeoutMs)
    return rows.map(({ id, collection, version, bbox, around, updated }) => {
      const time = updated === null ? Number.NaN : Date.parse(updated)
      return {
        key: `${collection}/${id}`,
        version,
        boxes: boxesOf(bbox, around),
        updated: Number.isNaN(time) ? null : time,
      }
    })
  } catch (error) {
    throw await explain(database, hash, error)
  }
}

/** The item's own box where it crosses the antimeridian, as the box around its geometry would go around the Earth then. */
function boxesOf(bbox: MarkRow['bbox'], around: MarkRow['around']): readonly Bounds[] {
  const own = bbox && toBounds(bbox)
  if (own && own[0] > own[2]) return splitAtAntimeridian(own)
  const [left, bottom, right, top] = around
  if (left == null || bottom == null || right == null || top == null) return []
  return [[left, bottom, right, top]]
}
