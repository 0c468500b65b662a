import { describe, expect, test } from 'vitest'
import { isOutdated, judgeAge, lifeSpread, tileLives } from '../../src/freshness/tile-freshness.ts'
import type { Bounds } from '../../src/tile/bounds.ts'

const lifeOf = tileLives({ TILE_FRESH_SECONDS: 1_000, TILE_TTL_SECONDS: 4_000, EMPTY_TTL_SECONDS: 400 })
const now = 1_700_000_000_000
const aged = (seconds: number, outcome: 'image' | 'empty' = 'image') =>
  judgeAge({ outcome, renderedAt: now - seconds * 1_000 }, lifeOf, 1, now)

describe('a tile’s age', () => {
  test('makes it aged past its soft age and expired past its hard one', () => {
    expect([0, 1_000, 1_001, 4_000, 4_001].map((seconds) => aged(seconds))).toEqual([
      'fresh',
      'fresh',
      'aged',
      'aged',
      'expired',
    ])
  })

  test('counts for an empty tile in the same proportion of its own life', () => {
    expect([100, 101, 401].map((seconds) => aged(seconds, 'empty'))).toEqual(['fresh', 'aged', 'expired'])
  })

  test('is none where the worker’s clock is ahead', () => {
    expect(aged(-300)).toBe('fresh')
  })
})

describe('the spread of lives', () => {
  const tiles = Array.from({ length: 64 * 64 }, (_, i) => ({
    z: 12,
    x: 2_000 + (i % 64),
    y: 1_300 + Math.floor(i / 64),
  }))

  test('is the same for a tile whenever it is asked for, within 10 % of 1', () => {
    for (const tile of tiles) {
      expect(lifeSpread(tile)).toBe(lifeSpread({ ...tile }))
      expect(Math.abs(lifeSpread(tile) - 1)).toBeLessThanOrEqual(0.1)
    }
  })

  test('is even over the tiles of a map: no tenth of it has half as many again as it should', () => {
    const tenths = new Array<number>(10).fill(0)
    for (const tile of tiles) {
      const tenth = Math.min(9, Math.floor((lifeSpread(tile) - 0.9) * 50))
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    for (const count of tenths) expect(Math.abs(count / tiles.length - 0.1)).toBeLessThan(0.05)
  })
})

describe('a tile', () => {
  const tile = (edition?: number) => ({ outcome: 'image' as const, renderedAt: now, ...(edition ? { edition } : {}) })
  const region = (edition: number, boxes: Bounds[], minZoom = 0, maxZoom = 20) => ({
    ...{ edition, at: 0, minZoom, maxZoom, boxes },
  })
  const state = { edition: 9, regions: [region(5, [[0, 0, 10, 10]]), region(9, [[170, 0, 180, 10]], 8, 10)] }
  const outdated = (edition: number, place: Bounds | null, z = 9) => isOutdated(tile(edition), state, z, () => place)

  test('is outdated by a region of a later edition that it shares an area with', () => {
    expect(outdated(0, [9, 9, 12, 12])).toBe(true)
    expect(outdated(4, [9, 9, 12, 12])).toBe(true)
    expect(outdated(5, [9, 9, 12, 12])).toBe(false)
    expect(outdated(0, [10, 0, 12, 12])).toBe(false)
  })

  test('is outdated at the region’s zooms alone', () => {
    expect([7, 8, 10, 11].map((z) => outdated(5, [175, 1, 176, 2], z))).toEqual([false, true, true, false])
  })

  test('over the antimeridian is looked for on both sides', () => {
    expect(outdated(5, [179, 0, -179, 5])).toBe(true)
    expect(outdated(5, [-180, 0, -179, 5])).toBe(false)
  })

  test('that is nowhere on Earth has nothing to be outdated by', () => {
    expect(outdated(0, null)).toBe(false)
  })

  test('is looked at once for each edition of its layer', () => {
    const one = tile(1)
    let looks = 0
    const place = () => {
      looks++
      return [50, 50, 51, 51] as const
    }
    for (let i = 0; i < 3; i++) expect(isOutdated(one, state, 9, place)).toBe(false)
    expect(looks).toBe(1)
    const later = { edition: 12, regions: [...state.regions, region(12, [[49, 49, 52, 52]])] }
    expect(isOutdated(one, later, 9, place)).toBe(true)
  })
})
