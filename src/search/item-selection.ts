import type { SearchLimits } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Footprint } from './footprint.ts'
import { relate } from './footprint-relation.ts'
import type { Item } from './item.ts'
import type { FoundItems, Truncation } from './search.ts'
import { UncoveredArea } from './uncovered-area.ts'

export interface LocatedItem {
  readonly item: Item
  /** Null when the catalogue has an empty geometry. */
  readonly footprint: Footprint | null
}

export interface Selection extends FoundItems {
  /** Every candidate was looked at, so that one more might have been taken. */
  readonly exhausted: boolean
}

/** Items between two looks at the clock. */
const CLOCK_EVERY = 64

/**
 * Picks from a search's items, in its order, those an image of the box needs, by the rules of pgSTAC's geometrysearch: only items that
 * touch the box; with `skipCovered` none that lies under those before it; with `exitWhenFull` (which skipCovered implies) none after the box
 * is full; at most `scanLimit` looked at and `itemsLimit` taken. A box without area (a point) sets both flags off.
 *
 * Unlike pgSTAC it knows whether a limit cut the list: `truncated` is null when the last item happened to meet it.
 */
export function selectItems(candidates: Iterable<LocatedItem>, box: Bounds, limits: SearchLimits): Selection {
  const { scanLimit, itemsLimit, timeLimitSeconds } = limits
  const hasArea = box[2] > box[0] && box[3] > box[1]
  const skipCovered = hasArea && limits.skipCovered
  const uncovered = hasArea && (skipCovered || limits.exitWhenFull) ? new UncoveredArea(box) : null
  const deadline = performance.now() + timeLimitSeconds * 1_000
  const items: Item[] = []
  const cut = (by: Truncation): Selection => {
    return { items, truncated: items.length >= itemsLimit ? 'items_limit' : by, exhausted: false }
  }

  let scanned = 0
  for (const { item, footprint } of candidates) {
    const relation = footprint ? relate(footprint, box) : 'disjoint'
    if (!footprint || relation === 'disjoint') continue
    if (scanned >= scanLimit) return cut('scan_limit')
    scanned++
    if (scanned % CLOCK_EVERY === 0 && performance.now() > deadline) return cut('time_limit')
    const covers = relation === 'covers'
    const gained = uncovered === null || covers || uncovered.cover(footprint)
    if (skipCovered && !gained) continue
    if (items.length >= itemsLimit) return cut('items_limit')
    items.push(item)
    if (uncovered && (covers || uncovered.full)) return { items, truncated: null, exhausted: false }
  }
  return { items, truncated: null, exhausted: true }
}
