import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { parseRunRequest } from '../../src/prerender/run-request.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import { asset } from '../support/render-parameters.ts'
import { searchLimits } from '../support/search-limits.ts'

const parser = new TileRequestParser(searchLimits)
const least = { search: 'a'.repeat(32), minzoom: 0, maxzoom: 2, parameters: 'assets=visual' }

function refusal(body: unknown): TilepressError {
  try {
    parseRunRequest(body, parser)
  } catch (error) {
    if (error instanceof TilepressError) return error
    throw error
  }
  throw new Error('the body was taken')
}

describe('the body of a pre-render run', () => {
  test('needs a layer, zooms and assets, and has defaults for the rest', () => {
    expect(parseRunRequest(least, parser)).toEqual({
      layer: { kind: 'search', id: 'a'.repeat(32) },
      tileMatrixSetId: 'WebMercatorQuad',
      bbox: null,
      zooms: [0, 1, 2],
      render: parser.parseRender('assets=visual'),
      format: 'auto',
      force: false,
    })
  })

  test('gives the same render parameters as a query string and as an object', () => {
    const asText = parseRunRequest(
      { ...least, parameters: '?assets=b4&assets=b3%7Cbidx%3D1&rescale=0,3000&nodata=nan' },
      parser,
    )
    const asObject = parseRunRequest(
      { ...least, parameters: { nodata: 'nan', rescale: '0,3000', assets: ['b4', 'b3|bidx=1'], return_mask: true } },
      parser,
    )
    expect(asObject.render).toEqual(asText.render)
    expect(asObject.render.assets).toEqual([asset('b4'), asset('b3', [1])])
    expect(parseRunRequest({ ...least, parameters: { assets: 'visual', tilesize: 512 } }, parser).render.tileSize).toBe(
      512,
    )
  })

  test('takes a collection, a box over the antimeridian, a list of zooms, a format and force', () => {
    const { minzoom: _, maxzoom: __, search: ___, ...rest } = least
    const body = {
      ...rest,
      collection: 's2',
      bbox: [177, -20, -178, -15],
      zooms: [7, 3, 7],
      format: 'webp',
      force: true,
    }
    expect(parseRunRequest(body, parser)).toMatchObject({
      layer: { kind: 'collection', id: 's2' },
      bbox: [177, -20, -178, -15],
      zooms: [3, 7],
      format: 'webp',
      force: true,
    })
  })

  test.each<[string, unknown, string]>([
    ['no JSON object', [], 'body'],
    ['no layer', { ...least, search: undefined }, 'search'],
    ['two layers', { ...least, collection: 'c' }, 'search'],
    ['an unknown field', { ...least, bounds: [0, 0, 1, 1] }, 'bounds'],
    ['a box of three numbers', { ...least, bbox: [0, 0, 1] }, 'bbox'],
    ['a box with a text', { ...least, bbox: [0, 0, 1, '1'] }, 'bbox'],
    ['a box with south above north', { ...least, bbox: [0, 10, 1, 0] }, 'bbox'],
    ['a longitude beyond 180', { ...least, bbox: [170, 0, 190, 1] }, 'bbox'],
    ['no maxzoom', { ...least, maxzoom: undefined }, 'maxzoom'],
    ['no zooms', { ...least, minzoom: undefined, maxzoom: undefined }, 'minzoom'],
    ['zooms the wrong way round', { ...least, minzoom: 3 }, 'minzoom'],
    ['a zoom beyond the matrix set', { ...least, maxzoom: 31 }, 'maxzoom'],
    ['half a zoom', { ...least, maxzoom: 2.5 }, 'maxzoom'],
    ['zooms twice', { ...least, zooms: [1] }, 'zooms'],
    ['an empty list of zooms', { ...least, minzoom: undefined, maxzoom: undefined, zooms: [] }, 'zooms'],
    ['an unknown format', { ...least, format: 'gif' }, 'format'],
    ['no asset', { ...least, parameters: undefined }, 'assets'],
    ['a bad render parameter', { ...least, parameters: { assets: 'a', rescale: 'x' } }, 'rescale'],
    ['a nested parameter', { ...least, parameters: { assets: { name: 'a' } } }, 'parameters'],
    ['force as a text', { ...least, force: 'yes' }, 'force'],
  ])('with %s is refused, naming it', (_, body, field) => {
    const error = refusal(body)
    expect(error.code).toBe('PARAMETER_INVALID')
    expect(error.detail).toContain(field)
    expect(error.detail).toMatch(/^parameter .* (takes|is|or|stands|must|needs)/)
  })

  test('of another tile matrix set has its zooms and the size of its tiles', () => {
    const cdb = { ...least, tile_matrix_set: 'CDB1GlobalGrid' }
    const run = parseRunRequest({ ...cdb, minzoom: 1, maxzoom: 3 }, new TileRequestParser(searchLimits))
    expect([run.zooms, run.render.tileSize]).toEqual([[1, 2, 3], 1024])
    expect(refusal({ ...cdb, minzoom: -11, maxzoom: 0 }).detail).toContain('takes zooms -10 to 21 of CDB1GlobalGrid')
    expect(refusal({ ...cdb, minzoom: -1, maxzoom: 0 }).detail).toContain('tiles of 512 and 1024 pixels')
    const parameters = 'assets=visual&tilesize=256'
    expect(
      parseRunRequest({ ...cdb, minzoom: -1, maxzoom: 0, parameters }, new TileRequestParser(searchLimits)).zooms,
    ).toEqual([-1, 0])
  })

  test('with an unknown tile matrix set is refused with its own code', () => {
    expect(refusal({ ...least, tile_matrix_set: 'Mars' }).code).toBe('TILE_MATRIX_SET_NOT_FOUND')
  })
})
