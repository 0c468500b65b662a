import { describe, expect, test } from 'vitest'
import { BandNameTables } from '../../src/search/band-names.ts'
import { bandNamesOf, mergeAssets } from '../../src/search/stored-assets.ts'

/** What pgSTAC writes for what the base item has and the item has not. */
const absent = '𒍟※'

describe('an item’s assets', () => {
  test('are those of the base item with its own in their place', () => {
    const base = { a: { 'eo:bands': [{ name: 'B1', common_name: 'red' }] }, b: 'base-b', c: 'base-c', d: { bands: [] } }
    const own = { a: 'own-a', c: absent, e: 'own-e', d: null }
    expect(mergeAssets(own, base)).toEqual({
      hrefs: { a: 'own-a', b: 'base-b', e: 'own-e' },
      bandNames: { a: ['red'] },
    })
  })

  test('are merged member by member, and lists of one length element by element', () => {
    const base = { a: { href: 'base', bands: [{ name: 'B1', 'eo:common_name': 'red' }, { name: 'B2' }] } }
    expect(mergeAssets({ a: { bands: [{ 'eo:common_name': absent }, { name: 'nir' }] } }, base)).toEqual({
      hrefs: { a: 'base' },
      bandNames: { a: ['B1', 'nir'] },
    })
    expect(mergeAssets({ a: { href: 'own', bands: [{ name: 'only' }] } }, base)).toEqual({
      hrefs: { a: 'own' },
      bandNames: { a: ['only'] },
    })
  })

  test('without an href are none', () => {
    expect(mergeAssets({ a: { bands: [{ name: 'x' }] }, b: 5, c: null }, {})).toEqual({ hrefs: {}, bandNames: {} })
  })
})

test('bands are named by their common name, else their name, else their place', () => {
  const bands = [
    { 'eo:common_name': 'red', common_name: 'x', name: 'B1' },
    { common_name: 'green', name: 'B2' },
    { common_name: '', name: 'B3' },
    {},
    'odd',
  ]
  expect(bandNamesOf({ bands })).toEqual(['red', 'green', 'B3', '4', '5'])
  expect(bandNamesOf({ bands: [], 'eo:bands': bands.slice(0, 1) })).toEqual(['red'])
  expect(bandNamesOf({ bands: bands.slice(2), 'eo:bands': bands })).toEqual(['B3', '2', '3'])
  expect(bandNamesOf({ bands: [], 'eo:bands': 'none' })).toBeNull()
})

test('items whose bands have the same names share one table', () => {
  const tables = new BandNameTables()
  expect(tables.pack({ a: ['red', 'nir'] })).toBe(tables.pack({ a: ['red', 'nir'] }))
  expect(tables.pack({ a: ['nir', 'red'] })).toEqual(new Map([['a', ['nir', 'red']]]))
})
