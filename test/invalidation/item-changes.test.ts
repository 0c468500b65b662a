import { describe, expect, test } from 'vitest'
import { changesBetween, changesSince, itemSetOf } from '../../src/invalidation/item-changes.ts'
import type { ItemMark } from '../../src/search/item-marks.ts'
import type { Bounds } from '../../src/tile/bounds.ts'

const mark = (key: string, version: string, box: Bounds, updated: number | null = null): ItemMark => ({
  ...{ key, version, updated },
  boxes: [box],
})
const [here, there, far] = [
  [0, 0, 1, 1],
  [2, 2, 3, 3],
  [50, 50, 51, 51],
] as const

describe('two looks at a layer’s items', () => {
  const before = itemSetOf([mark('c/a', '1', here), mark('c/b', '1', there), mark('c/c', '1', far)])

  test('that are alike differ in nothing', () => {
    const now = [mark('c/c', '1', far), mark('c/a', '1', here), mark('c/b', '1', there)]
    expect(changesBetween(before, now, null)).toEqual({ added: 0, changed: 0, deleted: 0, boxes: [] })
  })

  test('tell of added, changed and deleted items, with the places of before and of now', () => {
    const now = [mark('c/a', '2', there), mark('c/b', '1', there), mark('d/c', '1', here)]
    expect(changesBetween(before, now, null)).toEqual({
      ...{ added: 1, changed: 1, deleted: 1 },
      boxes: [here, there, here, far],
    })
  })

  test('take items that say they were updated since for changed, too', () => {
    const now = [mark('c/a', '1', here, 2_000), mark('c/b', '1', there, 1_999), mark('c/c', '1', far)]
    expect(changesBetween(before, now, 2_000)).toMatchObject({ added: 0, changed: 1, deleted: 0, boxes: [here, here] })
  })
})

describe('one look at a layer’s items', () => {
  test('tells of those that say they were updated since, and of no deleted ones', () => {
    const now = [mark('c/a', '1', here, 2_000), mark('c/b', '1', there, 1_000)]
    expect(changesSince(now, 1_500)).toEqual({ added: 0, changed: 1, deleted: null, boxes: [here] })
  })

  test('tells nothing where an item does not say', () => {
    expect(changesSince([mark('c/a', '1', here, 2_000), mark('c/b', '1', there)], 1_500)).toBeNull()
  })
})
