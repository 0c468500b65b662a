import type { SearchLimits } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Footprint } from './footprint.ts'
import { type Relation, relate } from './footprint-relation.ts'
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
 * Picks from a search's items, in its order, those an image of the boxes needs (two that share no area at the antimeridian, else one), by the
 * rules of pgSTAC's geometrysearch: only items that touch a box; with `skipCovered` none that lies under those before it; with `exitWhenFull` (which skipCovered implies) none after the box
 * is full; at most `scanLimit` looked at and `itemsLimit` taken. A box without area (a point) sets both flags off.
 *
 * Unlike pgSTAC it knows whether a limit cut the list: `truncated` is null when the last item happened to meet it.
 */
export function selectItems(
  candidates: Iterable<LocatedItem>,
  boxes: readonly Bounds[],
  limits: SearchLimits,
): Selection {
  const { scanLimit, itemsLimit, timeLimitSeconds } = limits
  const hasArea = boxes.every((box) => box[2] > box[0] && box[3] > box[1])
  const skipCovered = hasArea && limits.skipCovered
  const uncovered = hasArea && (skipCovered || limits.exitWhenFull) ? boxes.map((box) => new UncoveredArea(box)) : null
  const deadline = performance.now() + timeLimitSeconds * 1_000
  const items: Item[] = []
  const cut = (by: Truncation): Selection => {
    return { items, truncated: items.length >= itemsLimit ? 'items_limit' : by, exhausted: false }
  }

  let scanned = 0
  for (const { item, footprint } of candidates) {
    const relation = footprint ? relateToAll(footprint, boxes) : 'disjoint'
    if (!footprint || relation === 'disjoint') continue
    if (scanned >= scanLimit) return cut('scan_limit')
    scanned++
    if (scanned % CLOCK_EVERY === 0 && performance.now() > deadline) return cut('time_limit')
    const covers = relation === 'covers'
    const gained = uncovered === null || covers || coverAll(uncovered, footprint)
    if (skipCovered && !gained) continue
    if (items.length >= itemsLimit) return cut('items_limit')
    items.push(item)
    if (uncovered && (covers || uncovered.every(({ full }) => full)))
      return { items, truncated: null, exhausted: false }
  }
  return { items, truncated: null, exhausted: true }
}

/** How the footprint lies to the boxes as one area. */
function relateToAll(footprint: Footprint, boxes: readonly Bounds[]): Relation {
  const [first, ...others] = boxes.map((box) => relate(footprint, box))
  return first === undefined ? 'disjoint' : others.every((each) => each === first) ? first : 'touches'
}

/** True when it covered anything new in any of them; each must see it. */
function coverAll(areas: readonly UncoveredArea[], footprint: Footprint): boolean {
  return areas.map((area) => area.cover(footprint)).includes(true)
}
