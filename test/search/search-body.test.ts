import { describe, expect, test } from 'vitest'
import { parseSearchBody } from '../../src/search/search-body.ts'

function refusal(body: unknown): string {
  try {
    parseSearchBody(body)
  } catch (error) {
    expect(error).toMatchObject({ code: 'PARAMETER_INVALID' })
    return (error as { detail: string }).detail
  }
  throw new Error('the body was taken')
}

const ring = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 0],
]

describe('the body that registers a search', () => {
  test('gets its filter language and the type mosaic written in', () => {
    expect(parseSearchBody({ collections: ['a'] })).toEqual({
      search: { collections: ['a'], 'filter-lang': 'cql2-json' },
      metadata: { type: 'mosaic' },
    })
  })

  test('passes on what it does not know, and drops nulls', () => {
    const { search, metadata } = parseSearchBody({
      ids: null,
      fields: { include: ['id'] },
      metadata: { name: null, owner: { team: 'x' }, maxzoom: 12, defaults: { rgb: { assets: ['B4'] } } },
    })
    expect(search).toEqual({ fields: { include: ['id'] }, 'filter-lang': 'cql2-json' })
    expect(metadata).toEqual({
      type: 'mosaic',
      owner: { team: 'x' },
      maxzoom: 12,
      defaults: { rgb: { assets: ['B4'] } },
    })
  })

  test('takes every part of a STAC search', () => {
    const body = {
      collections: ['a', 'b'],
      ids: ['i'],
      intersects: {
        type: 'GeometryCollection',
        geometries: [
          { type: 'Polygon', coordinates: [ring] },
          { type: 'Point', coordinates: [1, 2, 3] },
        ],
      },
      datetime: '2020-01-01T00:00:00Z/..',
      query: { 'eo:cloud_cover': { lt: 20, gte: 1 } },
      sortby: [{ field: 'properties.eo:cloud_cover', direction: 'asc' }],
      filter: { op: '=', args: [{ property: 'id' }, 'i'] },
      'filter-lang': 'cql2-json',
    }
    expect(parseSearchBody(body).search).toEqual(body)
    expect(parseSearchBody({ bbox: [-180, -90, 0, 180, 90, 9] }).search.bbox).toEqual([-180, -90, 0, 180, 90, 9])
  })

  test.each([
    [{ bbox: [0, 0, 1, 1], intersects: { type: 'Point', coordinates: [0, 0] } }, 'intersects: excludes bbox'],
    [{ bbox: [2, 0, 1, 1] }, 'bbox: must be west, south, east, north'],
    [{ bbox: [0, 0, 1] }, 'bbox: must be four numbers'],
    [{ bbox: [0, 0, 181, 1] }, 'bbox.2: '],
    [{ collections: 'a' }, 'collections: '],
    [{ intersects: { type: 'Circle' } }, 'intersects.type: '],
    [
      { intersects: { type: 'Polygon', coordinates: [ring.slice(0, 3).concat([[3, 3]])] } },
      'intersects.coordinates.0: must end where it begins',
    ],
    [{ 'filter-lang': 'cql2-text' }, 'filter-lang: Invalid input: expected "cql2-json"'],
    [{ query: { a: { like: 1 } } }, 'query.a: '],
    [{ sortby: [{ field: "a'; --", direction: 'asc' }] }, 'sortby.0.field: must be a property name'],
    [{ sortby: [{ field: 'a', direction: 'up' }] }, 'sortby.0.direction: '],
    [{ metadata: { type: 'layer' } }, 'metadata.type: '],
    [{ metadata: { minzoom: 9, maxzoom: 3 } }, 'metadata.minzoom: must not exceed maxzoom'],
    [{ metadata: { maxzoom: 31 } }, 'metadata.maxzoom: '],
    [null, 'body: '],
    [[], 'body: '],
    ['text', 'body: '],
    [undefined, 'body: '],
  ])('is refused by name: %j', (body, detail) => {
    expect(refusal(body)).toContain(detail)
  })

  test('is refused when it is too large or too deep', () => {
    expect(refusal({ ids: Array(10_001).fill('i') })).toContain('ids: ')
    expect(refusal({ note: 'x'.repeat(300_000) })).toContain('262144 characters')
    let deep: object = {}
    for (let i = 0; i < 100_000; i++) deep = { deep }
    expect(refusal({ filter: deep })).toContain('32 levels')
    const dense = Array.from({ length: 20_001 }, () => [0, 1])
    expect(refusal({ intersects: { type: 'MultiPoint', coordinates: dense } })).toContain('20000 positions')
  })
})
