import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../src/expression/parse-expression.ts'
import { type ReadAsset, readItem } from '../../src/pipeline/read-item.ts'
import type { Raster } from '../../src/raster/raster.ts'
import { parseAssets } from '../../src/request/asset-parameters.ts'
import type { RenderParameters } from '../../src/request/tile-request.ts'
import type { Item } from '../../src/search/item.ts'
import { rowOf } from '../support/rasters.ts'
import { renderParameters } from '../support/render-parameters.ts'

const item: Item = {
  id: 'scene',
  collection: 'c',
  bbox: [0, 0, 1, 1],
  assets: new Map([
    ['image', 'image.tif'],
    ['dem', 'dem.tif'],
    ['mask', 'mask.tif'],
  ]),
  bandNames: new Map([['image', ['red', 'green', 'nir', 'red']]]),
}

/** Files of one pixel: image has bands of 10, 20, 30, 40, dem is 300, mask lies outside. */
function read(assets: readonly string[], change: Partial<RenderParameters> = {}) {
  const asked: [href: string, bidx: readonly number[] | null][] = []
  const readAsset: ReadAsset = async (href, bidx) => {
    asked.push([href, bidx])
    if (href === 'mask.tif') return null
    const all = href === 'dem.tif' ? [300] : [10, 20, 30, 40]
    const numbers = bidx ?? all.map((_, index) => index + 1)
    const raster = rowOf(
      numbers.map((number) => [all[number - 1] ?? -1]),
      undefined,
      href === 'dem.tif' ? 'uint16' : 'uint8',
    )
    return { ...raster, bandDescriptions: numbers.map((number) => `b${number}`) }
  }
  const render = renderParameters({ assets: parseAssets(assets), ...change })
  return { asked, raster: readItem(item, render, readAsset, new AbortController().signal) }
}

const valuesOf = (raster: Raster | null) => raster?.bands.map(([value]) => value)

describe('an item is read', () => {
  test('with all assets’ bands in order, of the type that holds them, described by asset and band', async () => {
    const raster = await read(['dem', 'image|bidx=3,1']).raster
    expect(valuesOf(raster)).toEqual([300, 30, 10])
    expect(raster).toMatchObject({
      dataType: 'uint16',
      bandNames: ['b1', 'b2', 'b3'],
      bandDescriptions: ['dem_b1', 'image_b3', 'image_b1'],
    })
  })

  test('by names of bands, the last of one name', async () => {
    const { asked, raster } = read(['image|bands=nir,red,green'])
    expect(valuesOf(await raster)).toEqual([30, 40, 20])
    expect(asked).toEqual([['image.tif', [3, 4, 2]]])
  })

  test('with an asset’s expression over its own bands, of which exactly those it names are read', async () => {
    const { asked, raster } = read(['image|expression=b4-b2;b2*2', 'dem'], {
      expression: parseExpression('b3+b1;b2'),
    })
    expect(valuesOf(await raster)).toEqual([320, 40])
    expect(asked).toEqual([
      ['image.tif', [2, 4]],
      ['dem.tif', null],
    ])
    expect((await raster)?.bandDescriptions).toEqual(['dem_b1+image_b4-b2', 'image_b2*2'])
  })

  test('with each asset as a band of its name', async () => {
    const render = { assetAsBand: true, expression: parseExpression('b1-b2') }
    expect((await read(['dem', 'image|bidx=2'], render).raster)?.bandDescriptions).toEqual(['dem-image'])
    await expect(read(['dem', 'image'], render).raster).rejects.toMatchObject({ code: 'BAND_INVALID' })
  })

  test('to nothing when one of its assets lies outside', async () => {
    expect(await read(['image', 'mask']).raster).toBeNull()
  })

  test.each([
    [['other'], 'ASSET_NAME_INVALID', 'image, dem, mask'],
    [['image|bands=blue'], 'BAND_INVALID', 'red, green, nir'],
    [['dem|bands=red'], 'BAND_INVALID', 'names none'],
  ])('not for %s', async (assets, code, detail) => {
    await expect(read(assets).raster).rejects.toMatchObject({ code, detail: expect.stringContaining(detail) })
  })
})
