import Flatbush from 'flatbush'
import type { SearchLimits } from '../request/tile-request.ts'
import { type Bounds, splitAtAntimeridian } from '../tile/bounds.ts'
import { cornerCount } from './footprint.ts'
import { type LocatedItem, selectItems } from './item-selection.ts'
import type { FoundItems } from './search.ts'

/** Corners that take as much memory as the rest of an item. */
const CORNERS_PER_ITEM = 32

/** All items of a search, in its order, with a spatial index over their footprints. */
export class ItemIndex {
  readonly #items: readonly LocatedItem[]
  readonly #tree: Flatbush | null
  /** Size in items of ordinary footprints: one with hundreds of corners counts for several. */
  readonly weight: number
  /** Position in #items of the tree's entries, which leave out items without a geometry. */
  readonly #positions: Uint32Array

  constructor(items: readonly LocatedItem[]) {
    this.#items = items
    this.weight = Math.ceil(
      items.reduce((sum, { footprint }) => sum + 1 + cornerCount(footprint) / CORNERS_PER_ITEM, 0),
    )
    const placed = items.flatMap(({ footprint }, position) =>
      footprint ? [{ position, bounds: footprint.bounds }] : [],
    )
    this.#positions = Uint32Array.from(placed, ({ position }) => position)
    this.#tree = placed.length === 0 ? null : new Flatbush(placed.length)
    for (const { bounds } of placed) this.#tree?.add(...bounds)
    this.#tree?.finish()
  }

  get size(): number {
    return this.#items.length
  }

  /** What geojsonsearch would answer for the box (longitude, latitude; west > east crosses the antimeridian), see selectItems. */
  select(box: Bounds, limits: SearchLimits): FoundItems {
    const boxes = splitAtAntimeridian(box)
    const near = boxes.flatMap((each) => this.#tree?.search(...each) ?? [])
    const positions = Uint32Array.from(near, (entry) => this.#positions[entry]!).sort()
    const distinct = boxes.length === 1 ? positions : positions.filter((each, i) => each !== positions[i - 1])
    const { items, truncated } = selectItems(this.#at(distinct), boxes, limits)
    return { items, truncated }
  }

  *#at(positions: Uint32Array): Generator<LocatedItem> {
    for (const position of positions) yield this.#items[position]!
  }
}
