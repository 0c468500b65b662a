import { describe, expect, test } from 'vitest'
import { layerKey, type TileSeries, tileKey } from '../../src/key/tile-key.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import { searchLimits } from '../support/search-limits.ts'

const id = 'a'.repeat(32)

function key(query: string, path: Partial<{ z: string; x: string; y: string }> = {}, generation = 0): string {
  const request = new TileRequestParser(searchLimits).parse(
    { layer: { kind: 'search', id }, tileMatrixSetId: 'WebMercatorQuad', z: '3', x: '2', y: '1', ...path },
    query,
  )
  const series: TileSeries = { ...request, generation }
  return tileKey(series, request.tile)
}

describe('the tile key', () => {
  const base = key('assets=a&assets=b&rescale=0,1&rescale=0,2')

  test('does not depend on the order of parameters', () => {
    expect(key('rescale=0,1&rescale=0,2&assets=a&assets=b')).toBe(base)
  })

  test('does not depend on whether a default is written out', () => {
    expect(key('assets=a&assets=b&rescale=0,1&rescale=0,2&resampling=nearest&tilesize=256&return_mask=true')).toBe(base)
  })

  test.each([
    ['asset_as_band=false', ''],
    ['buffer=0&padding=0', ''],
    ['colormap=%7B%7D&expression=', ''],
    ['algorithm=hillshade&algorithm_params={"buffer":3,"azimuth":45,"other":1}', 'algorithm=hillshade'],
    ['colormap_name=viridis&colormap=x', 'colormap_name=viridis'],
    ['colormap={"2":"#f00","1":[0,0,255]}', 'colormap={"1":"#00f","2":"#ff0000ff"}'],
    ['color_formula=gamma rgb 2, saturation 1', 'color_formula=Gamma 321 2.0 saturation 1_0e-1'],
    ['expression=B1/b2; b3', 'expression=b1/b2;b3;'],
  ])('is the same for %s and "%s"', (written, short) => {
    expect(key(`assets=a&${written}`)).toBe(key(`assets=a&${short}`))
  })

  test('is the same for options of an asset that others override', () => {
    expect(key('assets=a|expression=b1|bidx=3')).toBe(key('assets=a|bands=red|expression=B1'))
  })

  test('does not depend on how a number is written', () => {
    expect(key('assets=a&assets=b&rescale=0.0,1e0&rescale=[0,2]')).toBe(base)
  })

  test.each([
    ['the order of assets', 'assets=b&assets=a&rescale=0,1&rescale=0,2'],
    ['the order of rescale', 'assets=a&assets=b&rescale=0,2&rescale=0,1'],
    ['bidx', 'assets=a|bidx=1&assets=b&rescale=0,1&rescale=0,2'],
    ['bands', 'assets=a|bands=red&assets=b&rescale=0,1&rescale=0,2'],
    ['an asset’s expression', 'assets=a|expression=b1&assets=b&rescale=0,1&rescale=0,2'],
    ['expression', 'assets=a&assets=b&rescale=0,1&rescale=0,2&expression=b1'],
    ['asset_as_band', 'assets=a&assets=b&rescale=0,1&rescale=0,2&asset_as_band=true'],
    ['nodata', 'assets=a&assets=b&rescale=0,1&rescale=0,2&nodata=0'],
    ['nodata nan', 'assets=a&assets=b&rescale=0,1&rescale=0,2&nodata=nan'],
    ['resampling', 'assets=a&assets=b&rescale=0,1&rescale=0,2&resampling=bilinear'],
    ['reproject', 'assets=a&assets=b&rescale=0,1&rescale=0,2&reproject=bilinear'],
    ['colormap_name', 'assets=a&assets=b&rescale=0,1&rescale=0,2&colormap_name=viridis'],
    ['return_mask', 'assets=a&assets=b&rescale=0,1&rescale=0,2&return_mask=false'],
    ['tilesize', 'assets=a&assets=b&rescale=0,1&rescale=0,2&tilesize=512'],
    ['items_limit', 'assets=a&assets=b&rescale=0,1&rescale=0,2&items_limit=7'],
    ['scan_limit', 'assets=a&assets=b&rescale=0,1&rescale=0,2&scan_limit=7'],
    ['time_limit', 'assets=a&assets=b&rescale=0,1&rescale=0,2&time_limit=7'],
    ['exitwhenfull', 'assets=a&assets=b&rescale=0,1&rescale=0,2&exitwhenfull=false'],
    ['skipcovered', 'assets=a&assets=b&rescale=0,1&rescale=0,2&skipcovered=false'],
  ])('changes with %s', (_, query) => {
    expect(key(query)).not.toBe(base)
  })

  test('changes with the place, the format and the layer’s generation', () => {
    const query = 'assets=a&assets=b&rescale=0,1&rescale=0,2'
    const others = [
      key(query, { x: '3' }),
      key(query, { y: '2' }),
      key(query, { z: '4' }),
      key(query, { y: '1.png' }),
      key(query, {}, 1),
    ]
    expect(new Set([base, ...others]).size).toBe(6)
  })

  test('tells nodata null, 0 and NaN apart', () => {
    const keys = ['', '&nodata=0', '&nodata=nan', '&nodata=inf', '&nodata=-inf'].map((more) => key(`assets=a${more}`))
    expect(new Set(keys).size).toBe(5)
  })

  test('is a safe blob name for any collection id, and no two ids share it', () => {
    const ids = ['a/b', 'a~2f~b', 'a b', 'ä', '../x', 'a.b', 'A', 'a']
    const keys = ids.map((each) => layerKey({ kind: 'collection', id: each }))
    expect(new Set(keys).size).toBe(ids.length)
    for (const each of keys) expect(each).toMatch(/^collection-[A-Za-z0-9_~-]+$/)
  })
})
