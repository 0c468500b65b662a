import { describe, expect, test } from 'vitest'
import { renderDefaults, renderQuery } from '../../src/search/render-defaults.ts'

describe('render defaults of a mosaic', () => {
  test('take the form of a tile’s query', () => {
    const { rgb } = renderDefaults({
      rgb: {
        assets: ['B4', 'B3'],
        rescale: [
          [0, 3000],
          [0, 2000],
        ],
        colormap: { 1: [0, 0, 0, 255] },
        nodata: 0,
        return_mask: true,
        title: null,
      },
    })
    expect(`${renderQuery(rgb!)}`).toBe(
      'nodata=0&return_mask=true&rescale=0%2C3000&rescale=0%2C2000&colormap=%7B%221%22%3A%5B0%2C0%2C0%2C255%5D%7D&assets=B4&assets=B3',
    )
  })

  test('accept one asset, one pair and pairs as text', () => {
    expect(
      renderDefaults({ a: { assets: 'B4', rescale: [0, 1] }, b: { rescale: ['0,1', '2,3'], colormap: '{}' } }),
    ).toEqual({
      a: { assets: ['B4'], rescale: ['0,1'] },
      b: { rescale: ['0,1', '2,3'], colormap: '{}' },
    })
  })

  test('turn titiler 1’s asset options into options of their asset', () => {
    const render = { assets: ['B4', 'B3'], asset_bidx: ['B4|2,1'], asset_expression: 'B3|b1*2' }
    expect(renderDefaults({ render })).toEqual({ render: { assets: ['B4|bidx=2,1', 'B3|expression=b1*2'] } })
    expect(renderDefaults({ render: { asset_bidx: 'B4|1' } })).toEqual({ render: { asset_bidx: ['B4|1'] } })
  })

  test('are none when there are none', () => {
    expect([undefined, null, [], 'x', { name: 'text' }].map(renderDefaults)).toEqual([{}, {}, {}, {}, {}])
  })
})
