import { describe, expect, test } from 'vitest'
import { collectionMosaic } from '../../src/search/collection-mosaic.ts'

const extentOf = (bbox: unknown) => ({ spatial: { bbox: [bbox] } })
const boundsOf = (extent: unknown) => collectionMosaic({ id: 'c', extent }).metadata.bounds

describe('a collection as a mosaic', () => {
  test('has the collection’s name, extent, assets and renders', () => {
    const mosaic = collectionMosaic({
      id: 'sentinel-2',
      extent: extentOf([60, 40, 70, 50]),
      item_assets: { B4: {}, B3: {} },
      renders: {
        rgb: { title: 'RGB', assets: ['B4'], minmax_zoom: [8, 14], tilematrixsets: {} },
        broken: 'text',
      },
    })
    expect(mosaic).toEqual({
      search: { collections: ['sentinel-2'], 'filter-lang': 'cql2-json' },
      metadata: {
        type: 'mosaic',
        name: "Mosaic for 'sentinel-2' Collection",
        bounds: [60, 40, 70, 50],
        assets: ['B4', 'B3'],
        defaults: { rgb: { assets: ['B4'], minzoom: 8, maxzoom: 14 } },
      },
    })
  })

  test('has bounds that a map can show, whatever the extent', () => {
    expect(boundsOf(extentOf([1, 2, 0, 3, 4, 100]))).toEqual([1, 2, 3, 4])
    expect(boundsOf(extentOf([170, -20, -170, 20]))).toEqual([-180, -20, 180, 20])
    expect(boundsOf(extentOf([-200, 0, 10, 10]))).toEqual([-180, -90, 180, 90])
    for (const extent of [
      undefined,
      {},
      { spatial: {} },
      { spatial: { bbox: [] } },
      extentOf('x'),
      extentOf([1, null, 2, 3]),
    ]) {
      expect(boundsOf(extent)).toEqual([-180, -90, 180, 90])
    }
  })
})
