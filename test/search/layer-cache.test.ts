import { describe, expect, test } from 'vitest'
import { ItemIndex } from '../../src/search/item-index.ts'
import { LayerCache, type LoadedLayer } from '../../src/search/layer-cache.ts'

const item = { item: { id: 'i', collection: 'c', bbox: [0, 0, 1, 1] as const, assets: new Map() }, footprint: null }

function layer(items: number, version = 1): LoadedLayer {
  return {
    index: new ItemIndex(Array(items).fill(item)),
    version,
    edition: 0,
    loadedAt: 0,
    staleAt: 100,
    endsAt: 1_000,
  }
}

describe('the cache of layers', () => {
  test('forgets the layer used longest ago when there are too many items', async () => {
    const cache = new LayerCache({ totalItems: 100, maxLoads: 2, now: () => 0 })
    for (const key of ['a', 'b']) await cache.load(key, async () => layer(35))
    cache.get('a')
    await cache.load('c', async () => layer(35))
    expect(['a', 'b', 'c'].map((key) => cache.get(key) !== null)).toEqual([true, false, true])
    expect(cache.stats()).toEqual({ layers: 2, items: 70, loads: 0 })
  })

  test('shares a load under way, counts versions, and starts no more loads than allowed', async () => {
    const cache = new LayerCache({ totalItems: 100, maxLoads: 1, now: () => 0 })
    const versions: number[] = []
    const load = async (version: number) => {
      versions.push(version)
      return layer(1, version)
    }
    const [one, two] = [cache.load('a', load), cache.load('a', load)]
    expect(cache.load('b', load)).toBeNull()
    expect(await one).toBe(await two)
    await cache.load('a', load)
    expect(versions).toEqual([1, 2])
  })

  test('keeps no failure, and what it had', async () => {
    const cache = new LayerCache({ totalItems: 100, maxLoads: 1, now: () => 0 })
    await cache.load('a', async () => layer(1))
    await expect(cache.load('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(cache.get('a')?.version).toBe(1)
    expect(cache.stats().loads).toBe(0)
  })

  test('knows stale from ended, and can put the next refresh off', async () => {
    let now = 0
    const cache = new LayerCache({ totalItems: 100, maxLoads: 1, now: () => now })
    await cache.load('a', async () => layer(1))
    expect(cache.isStale(cache.get('a')!)).toBe(false)
    now = 100
    expect(cache.isStale(cache.get('a')!)).toBe(true)
    cache.postpone('a', 150)
    expect(cache.isStale(cache.get('a')!)).toBe(false)
    now = 1_000
    expect(cache.get('a')).toBeNull()
  })
})
