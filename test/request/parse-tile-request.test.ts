import { describe, expect, test } from 'vitest'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import { failure } from '../support/failure.ts'
import { asset, renderParameters } from '../support/render-parameters.ts'
import { searchLimits } from '../support/search-limits.ts'

const layer = { kind: 'search', id: 'a'.repeat(32) } as const

function parse(query: string, z = '3', x = '2', y = '1', tileMatrixSetId = 'WebMercatorQuad') {
  return new TileRequestParser(searchLimits).parse({ layer, tileMatrixSetId, z, x, y }, query)
}

describe('a tile request', () => {
  test('gets titiler’s defaults', () => {
    expect(parse('assets=visual')).toEqual({
      layer,
      tileMatrixSetId: 'WebMercatorQuad',
      tile: { z: 3, x: 2, y: 1 },
      format: 'auto',
      render: renderParameters({ limits: searchLimits }),
    })
  })

  test('takes bands of an asset in the order given, and ignores options it does not know, as titiler does', () => {
    const { render } = parse(`assets=${encodeURIComponent('image|bidx=3, 2,1|foo=1')}&assets=b`)
    expect(render.assets).toEqual([asset('image', [3, 2, 1]), asset('b')])
  })

  test.each([
    ['12', 'auto'],
    ['12.png', 'png'],
    ['12.jpg', 'jpg'],
    ['12.jpeg', 'jpeg'],
    ['12.webp', 'webp'],
  ])('reads row %s as format %s', (y, format) => {
    expect(parse('assets=a', '5', '1', y)).toMatchObject({ format, tile: { y: 12 } })
  })

  test.each([
    ['0', '1', '0'],
    ['0', '0', '1'],
    ['3', '8', '0'],
    ['3', '0', '8'],
    ['31', '0', '0'],
  ])('outside the matrix set (%s/%s/%s) is not found', (z, x, y) => {
    expect(failure(() => parse('assets=a', z, x, y)).code).toBe('TILE_OUTSIDE_MATRIX')
  })

  test('at the last column and row of every zoom is fine, one further is not', () => {
    for (let z = 0; z <= 30; z++) {
      const last = 2 ** z - 1
      expect(parse('assets=a', String(z), String(last), String(last)).tile).toEqual({ z, x: last, y: last })
      expect(failure(() => parse('assets=a', String(z), String(last + 1), '0')).code).toBe('TILE_OUTSIDE_MATRIX')
    }
  })

  test.each(['-1', '1.5', 'x', '', '1e3', '0x1', ' 1', '99999999999'])('refuses column "%s"', (x) => {
    expect(failure(() => parse('assets=a', '3', x)).code).toBe('PARAMETER_INVALID')
  })

  test('of an unknown tile matrix set names the known ones', () => {
    const error = failure(() => parse('assets=a', '3', '2', '1', 'Nope'))
    expect(error).toMatchObject({
      code: 'TILE_MATRIX_SET_NOT_FOUND',
      detail: expect.stringContaining('WebMercatorQuad'),
    })
  })

  test.each([
    ['', 'assets'],
    ['assets=', 'assets'],
    ['assets=a|bidx=0', 'assets'],
    ['assets=a|bidx=x', 'assets'],
    ['assets=a|bidx', 'assets'],
    [`${'assets=a&'.repeat(99)}`, 'assets'],
    ['assets=a&nodata=x', 'nodata'],
    ['assets=a&nodata=', 'nodata'],
    ['assets=a&rescale=1', 'rescale'],
    ['assets=a&rescale=0,1,2', 'rescale'],
    ['assets=a&rescale=a,b', 'rescale'],
    ['assets=a&resampling=Nearest', 'resampling'],
    ['assets=a&reproject=x', 'reproject'],
    ['assets=a&pixel_selection=x', 'pixel_selection'],
    ['assets=a&colormap_name=Viridis', 'colormap_name'],
    ['assets=a&return_mask=maybe', 'return_mask'],
    ['assets=a&tilesize=0', 'tilesize'],
    ['assets=a&tilesize=2049', 'tilesize'],
    ['assets=a&tilesize=100000', 'tilesize'],
    ['assets=a&items_limit=0', 'items_limit'],
    ['assets=a&items_limit=1001', 'items_limit'],
    ['assets=a&asset_as_band=x', 'asset_as_band'],
    ['assets=a&unscale=2', 'unscale'],
    ['assets=a&buffer=0.3', 'buffer'],
    ['assets=a&buffer=-1', 'buffer'],
    ['assets=a&buffer=129', 'buffer'],
    ['assets=a&padding=1.5', 'padding'],
    ['assets=a&padding=129', 'padding'],
    ['assets=a&rescale=0,inf', 'rescale'],
    ['assets=a&rescale=0,1__0', 'rescale'],
  ])('refuses "%s" and names parameter %s', (query, parameter) => {
    const error = failure(() => parse(query))
    expect(error.code).toBe('PARAMETER_INVALID')
    expect(error.detail).toContain(`parameter ${parameter} `)
  })

  test.each([
    ['resampling=x', 'nearest, bilinear'],
    ['tilesize=0', '1 to 2048'],
    ['pixel_selection=x', 'first'],
    ['colormap_name=x', 'viridis'],
  ])('says what is allowed instead of %s', (query, allowed) => {
    expect(failure(() => parse(`assets=a&${query}`)).detail).toContain(allowed)
  })

  test('passes names it does not know, as clients add their own', () => {
    expect(parse('assets=a&_=123&key=x').render).toEqual(parse('assets=a').render)
  })

  test('remembers what it parsed: one query string, one object', () => {
    const parser = new TileRequestParser(searchLimits)
    expect(parser.parseRender('assets=a')).toBe(parser.parseRender('assets=a'))
  })

  test('refuses a query longer than 12 kB before it is parsed', () => {
    expect(failure(() => parse(`assets=a&x=${'y'.repeat(12_300)}`)).code).toBe('PARAMETER_INVALID')
  })

  test('takes the zooms and rows of its tile matrix set, and says which these are', () => {
    expect(parse('assets=a', '-10', '5', '90', 'CDB1GlobalGrid').tile).toEqual({ z: -10, x: 5, y: 90 })
    expect(parse('assets=a', '28', '1073741823', '268435456', 'GNOSISGlobalGrid').tile.x).toBe(1073741823)
    expect(failure(() => parse('assets=a', '0', '0', '0', 'UTM31WGS84Quad')).detail).toContain('zooms are 1 to 30')
    expect(failure(() => parse('assets=a', '1', '1', '0', 'UTM31WGS84Quad')).detail).toContain(
      'zoom 1 has columns 0 to 0 and rows 0 to 1',
    )
    expect(failure(() => parse('assets=a', '-11', '0', '0', 'CDB1GlobalGrid')).detail).toContain('zooms are -10 to 21')
  })

  test('has one address for all columns of a coalesced tile', () => {
    for (const x of ['348', '355', '359']) {
      expect(parse('assets=a', '0', x, '0', 'CDB1GlobalGrid').tile).toEqual({ z: 0, x: 348, y: 0 })
    }
  })

  test('has the size of the matrix’s tiles unless it says another, and is the same when it says that one', () => {
    const size = (query: string, z: string) => parse(query, z, '0', '90', 'CDB1GlobalGrid').render.tileSize
    expect(['-10', '-5', '0', '1'].map((z) => size('assets=a', z))).toEqual([1, 32, 1024, 1024])
    expect(size('assets=a&tilesize=256', '0')).toBe(256)
    const parser = new TileRequestParser(searchLimits)
    expect(parser.parseRender('assets=a', 1024)).toEqual(parser.parseRender('assets=a&tilesize=1024'))
    expect(parser.parseRender('assets=a', 1024)).toBe(parser.parseRender('assets=a', 1024))
    expect(parser.parseRender('assets=a').tileSize).toBe(256)
  })
})
