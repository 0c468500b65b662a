import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { FilteredCollections } from '../../src/search/filtered-collections.ts'
import type { ItemFilters } from '../../src/search/item-filters.ts'
import type { RegisteredSearch } from '../../src/search/registered-search.ts'

const collection = { kind: 'collection', id: 'c' } as const

/** A catalogue that gives each registration a hash of its own. */
function catalogue(fail: () => Error | null = () => null) {
  const registered: [id: string, filters: ItemFilters | undefined][] = []
  const registerCollection = async (id: string, filters?: ItemFilters): Promise<RegisteredSearch> => {
    registered.push([id, filters])
    const error = fail()
    if (error) throw error
    return { hash: `hash-${registered.length}`, search: {}, metadata: {}, lastused: '', usecount: 0 }
  }
  return { registered, registerCollection }
}

describe('a collection with item filters', () => {
  test('is a search registered with them, once however they are written', async () => {
    const catalog = catalogue()
    const filtered = new FilteredCollections(catalog)
    const both = await Promise.all([
      filtered.layerOf(collection, 'assets=a&ids=x,y'),
      filtered.layerOf(collection, 'ids=y%2Cx&assets=b'),
    ])
    expect(both).toEqual([
      { kind: 'search', id: 'hash-1' },
      { kind: 'search', id: 'hash-1' },
    ])
    expect(catalog.registered).toEqual([['c', { ids: ['x', 'y'] }]])
    expect(await filtered.layerOf({ kind: 'collection', id: 'd' }, 'ids=x,y')).toEqual({ kind: 'search', id: 'hash-2' })
    expect(await filtered.layerOf(collection, 'ids=x')).toEqual({ kind: 'search', id: 'hash-3' })
  })

  test('needs no waiting once it is known', async () => {
    const filtered = new FilteredCollections(catalogue())
    const first = filtered.layerOf(collection, 'ids=x')
    expect(first).toBeInstanceOf(Promise)
    expect(filtered.layerOf(collection, 'assets=a')).toBe(collection)
    await first
    expect(filtered.layerOf(collection, 'ids=x')).toEqual({ kind: 'search', id: 'hash-1' })
  })

  test('is registered anew after a while, as an operator may have removed the search', async () => {
    let now = 1
    const catalog = catalogue()
    const filtered = new FilteredCollections(catalog, () => now)
    await filtered.layerOf(collection, 'ids=x')
    now = 299_000
    await filtered.layerOf(collection, 'ids=x')
    expect(catalog.registered).toHaveLength(1)
    now = 301_000
    expect(await filtered.layerOf(collection, 'ids=x')).toEqual({ kind: 'search', id: 'hash-2' })
  })

  test('keeps no failure, and says why a read-only catalogue can not be filtered', async () => {
    const failures = [
      new TilepressError('DATABASE_UNAVAILABLE', 'away'),
      new TilepressError('WRITE_CLOSED', 'read-only'),
    ]
    const filtered = new FilteredCollections(catalogue(() => failures.shift() ?? null))
    const ask = async () => await filtered.layerOf(collection, 'ids=x')
    await expect(ask()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
    await expect(ask()).rejects.toMatchObject({ code: 'WRITE_CLOSED', detail: expect.stringContaining('item filters') })
    expect(await ask()).toEqual({ kind: 'search', id: 'hash-3' })
  })

  test('is refused for wrong ones before the catalogue is asked', () => {
    const catalog = catalogue()
    expect(() => new FilteredCollections(catalog).layerOf(collection, 'bbox=1')).toThrow(TilepressError)
    expect(catalog.registered).toEqual([])
  })
})

test('other layers, and collections without filters, are what they are', () => {
  const filtered = new FilteredCollections(catalogue())
  const item = { kind: 'item', collection: 'c', id: 'i' } as const
  expect(filtered.layerOf(item, 'ids=x')).toBe(item)
  expect(filtered.layerOf(collection, 'ids=')).toBe(collection)
})
