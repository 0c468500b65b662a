import { describe, expect, test } from 'vitest'
import { describeItem, itemRenders, rasterAssets } from '../../src/search/item-assets.ts'

const item = (members: object) => ({ id: 'scene', collection: 'c', ...members })

describe('an item’s rasters', () => {
  test('are its assets of raster media types, and those of none, in its order', () => {
    const assets = {
      thumbnail: { href: 't.png', type: 'image/png' },
      data: { href: 'd.tif', type: 'image/tiff; application=geotiff; profile=cloud-optimized' },
      metadata: { href: 'm.json', type: 'application/json' },
      plain: { href: 'p.tif' },
      empty: { href: 'e.tif', type: '' },
      null: { href: 'n.tif', type: null },
      jp2: { href: 'j.jp2', type: 'image/jp2' },
      list: ['no asset'],
    }
    expect(rasterAssets(item({ assets }))).toEqual(['data', 'plain', 'empty', 'null', 'jp2'])
  })

  test('are none where it has no assets', () => {
    for (const assets of [undefined, null, [], 'x']) expect(rasterAssets(item({ assets }))).toEqual([])
  })
})

describe('an item’s renders', () => {
  test('are the objects of properties.renders, by name', () => {
    const renders = { ndvi: { assets: ['B4', 'B8'] }, broken: 'x', list: [] }
    expect(itemRenders(item({ properties: { renders } }))).toEqual({ ndvi: { assets: ['B4', 'B8'] } })
  })

  test('of strange names are renders like any other, and reach no prototype', () => {
    const properties = JSON.parse('{"renders": {"__proto__": {"assets": ["a"]}, "constructor": {"assets": ["b"]}}}')
    const renders = itemRenders(item({ properties }))
    expect(Object.keys(renders)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(renders)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).assets).toBeUndefined()
  })

  test('are none where it has none', () => {
    for (const properties of [undefined, null, {}, { renders: null }, { renders: [1] }]) {
      expect(itemRenders(item({ properties }))).toEqual({})
    }
  })
})

describe('an item is described', () => {
  test('by its box, its id, and its renders', () => {
    const description = describeItem(item({ bbox: [1, 2, 3, 4], properties: { renders: { a: { assets: ['x'] } } } }))
    expect(description).toEqual({
      search: { bbox: [1, 2, 3, 4] },
      metadata: { name: 'scene', defaults: { a: { assets: ['x'] } } },
    })
  })

  test('with the zooms of a file; a file by itself has its own box', () => {
    const file = { minzoom: 3, maxzoom: 9, bounds: [0, 0, 9, 9] as const }
    const ofItem = describeItem(item({ bbox: [1, 2, 0, 3, 4, 0] }), { ...file, isFile: false })
    expect(ofItem).toMatchObject({ search: { bbox: [1, 2, 3, 4] }, metadata: { minzoom: 3, maxzoom: 9 } })
    expect(describeItem(item({ bbox: [1, 2, 3, 4] }), { ...file, isFile: true }).search).toEqual({ bbox: [0, 0, 9, 9] })
    expect(describeItem(item({}), { ...file, isFile: false }).search).toEqual({ bbox: [0, 0, 9, 9] })
    expect(describeItem(item({ bbox: 'x' })).search).toEqual({})
  })
})
