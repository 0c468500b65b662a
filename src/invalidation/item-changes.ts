import type { ItemMark } from '../search/item-marks.ts'
import type { Bounds } from '../tile/bounds.ts'

/** What of an item is kept from one refresh to the next. */
export type KeptMark = Pick<ItemMark, 'version' | 'boxes'>

/** The items of a layer when they were last looked at, by key. */
export type ItemSet = ReadonlyMap<string, KeptMark>

export interface ItemChanges {
  readonly added: number
  readonly changed: number
  /** null: what is not known to have been there cannot be missed. */
  readonly deleted: number | null
  /** Of all these, as they were and as they are. */
  readonly boxes: readonly Bounds[]
}

export function itemSetOf(marks: readonly ItemMark[]): ItemSet {
  return new Map(marks.map(({ key, version, boxes }) => [key, { version, boxes }]))
}

/** What differs between two looks. Items whose `updated` is at `since` or later count as changed as well. */
export function changesBetween(before: ItemSet, now: readonly ItemMark[], since: number | null): ItemChanges {
  const boxes: Bounds[] = []
  let [added, changed, deleted] = [0, 0, 0]
  const present = new Set<string>()
  for (const mark of now) {
    present.add(mark.key)
    const old = before.get(mark.key)
    const isNew = old === undefined
    if (!isNew && old.version === mark.version && !isUpdated(mark, since)) continue
    if (isNew) added++
    else changed++
    boxes.push(...(old?.boxes ?? []), ...mark.boxes)
  }
  for (const [key, old] of before) {
    if (present.has(key)) continue
    deleted++
    boxes.push(...old.boxes)
  }
  return { added, changed, deleted, boxes }
}

/** What items say themselves of their changes; null when one of them does not say when it was made. */
export function changesSince(now: readonly ItemMark[], since: number): ItemChanges | null {
  if (now.some(({ updated }) => updated === null)) return null
  const changed = now.filter((mark) => isUpdated(mark, since))
  return { added: 0, changed: changed.length, deleted: null, boxes: changed.flatMap(({ boxes }) => boxes) }
}

function isUpdated({ updated }: ItemMark, since: number | null): boolean {
  return since !== null && updated !== null && updated >= since
}
