import { describe, expect, test } from 'vitest'
import { fewerBoxes } from '../../src/freshness/fewer-boxes.ts'
import {
  ALL_ZOOMS,
  firstState,
  invalidated,
  type LayerState,
  MOST_BOXES,
  MOST_REGIONS,
} from '../../src/freshness/layer-state.ts'
import type { Bounds } from '../../src/tile/bounds.ts'

const now = 1_700_000_000_000
const lifeMs = 86_400_000
const area = (...boxes: Bounds[]) => ({ ...ALL_ZOOMS, boxes })
const within = (inner: Bounds, outer: Bounds) =>
  inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]

describe('an invalidation', () => {
  test('of a layer raises its generation and forgets its regions', () => {
    const before = invalidated(firstState, area([0, 0, 1, 1]), now, lifeMs)
    const after = invalidated(before, null, now, lifeMs)
    expect(after).toEqual({ generation: 1, edition: now + 1, regions: [] })
  })

  test('of an area adds it, with an edition above all before, also where the clock went back', () => {
    const first = invalidated(firstState, area([0, 0, 1, 1]), now, lifeMs)
    const second = invalidated(first, area([170, 0, -170, 1]), now - 5_000, lifeMs)
    expect(second.generation).toBe(0)
    expect(second.regions.map(({ edition }) => edition)).toEqual([now, now + 1])
    expect(second.regions[1]?.boxes).toEqual([
      [-180, 0, -170, 1],
      [170, 0, 180, 1],
    ])
  })

  test('forgets regions that no tile is old enough for', () => {
    const old = invalidated(firstState, area([0, 0, 1, 1]), now - lifeMs - 1, lifeMs)
    expect(invalidated(old, area([5, 5, 6, 6]), now, lifeMs).regions).toHaveLength(1)
  })

  test('past the longest list makes one of the two oldest, which covers both', () => {
    let state: LayerState = firstState
    for (let i = 0; i < MOST_REGIONS + 10; i++) {
      state = invalidated(state, { minZoom: i, maxZoom: i, boxes: [[i, 0, i + 0.5, 1]] }, now + i, lifeMs)
    }
    expect(state.regions).toHaveLength(MOST_REGIONS)
    const [oldest] = state.regions
    expect(oldest).toMatchObject({ edition: now + 10, minZoom: 0, maxZoom: 10 })
    for (let i = 0; i <= 10; i++) expect(oldest?.boxes.some((box) => within([i, 0, i + 0.5, 1], box))).toBe(true)
    expect(state.edition).toBe(now + MOST_REGIONS + 9)
  })
})

describe('many boxes', () => {
  const boxes = Array.from({ length: 600 }, (_, i): Bounds => {
    const [x, y] = [((i * 37) % 360) - 180, ((i * 91) % 170) - 85]
    return [x, y, Math.min(180, x + 0.4), y + 0.4]
  })

  test('become few that cover them all', () => {
    const few = fewerBoxes(boxes, MOST_BOXES)
    expect(few).toHaveLength(MOST_BOXES)
    for (const box of boxes) expect(few.some((each) => within(box, each))).toBe(true)
  })

  test('that lie together are one, and far ones stay apart', () => {
    const near: Bounds[] = [
      [10, 10, 11, 11],
      [10.2, 10.2, 10.4, 10.4],
      [11, 10, 12, 11],
    ]
    expect(fewerBoxes([...near, [-60, -40, -59, -39]], MOST_BOXES)).toEqual([
      [-60, -40, -59, -39],
      [10, 10, 12, 11],
    ])
  })
})
