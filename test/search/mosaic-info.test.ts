import { describe, expect, test } from 'vitest'
import { infoResponse, registerResponse, tileJson } from '../../src/search/mosaic-info.ts'
import type { RegisteredSearch } from '../../src/search/registered-search.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'

const tms = tileMatrixSets.get('WebMercatorQuad')!
const base = 'https://tiles.example/api'

function registered(search: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): RegisteredSearch {
  return {
    hash: 'abc',
    search,
    metadata: { type: 'mosaic', ...metadata },
    lastused: '2026-01-01T00:00:00.000Z',
    usecount: 1,
  }
}

const withDefaults = registered(
  {},
  { defaults: { true_color: { assets: ['B4', 'B3'], rescale: [[0, 3000]] }, bad: { nonsense: 1 } } },
)
const isRenderable = (query: URLSearchParams) => query.has('assets')

describe('the answer to a registration', () => {
  test('has titiler-pgstac’s links in its order, and one for every default that a tile can take', () => {
    const mosaic = `${base}/searches/abc`
    expect(registerResponse(base, withDefaults, { isRenderable, wmts: true })).toEqual({
      id: 'abc',
      links: [
        { rel: 'metadata', title: 'Mosaic metadata', href: `${mosaic}/info` },
        {
          rel: 'tilejson',
          title: 'Link for TileJSON (Template URL)',
          href: `${mosaic}/{tileMatrixSetId}/tilejson.json`,
          templated: true,
        },
        {
          rel: 'map',
          title: 'Link for Map viewer (Template URL)',
          href: `${mosaic}/{tileMatrixSetId}/map.html`,
          templated: true,
        },
        { rel: 'wmts', title: 'WMTS Capabilities link.', href: `${mosaic}/WMTSCapabilities.xml` },
        {
          rel: 'tilejson',
          title: 'TileJSON link for `true_color` layer (Template URL).',
          href: `${mosaic}/{tileMatrixSetId}/tilejson.json?rescale=0%2C3000&assets=B4&assets=B3`,
          templated: true,
        },
      ],
    })
  })
})

describe('the page of information', () => {
  test('holds the search as it is and links for TileJSON, map and their defaults', () => {
    const { search, links } = infoResponse(`${base}/collections/c`, withDefaults, { isRenderable })
    expect(search).toBe(withDefaults)
    expect(links.map(({ rel, href }) => [rel, href.slice(base.length)])).toEqual([
      ['self', '/collections/c/info'],
      ['tilejson', '/collections/c/{tileMatrixSetId}/tilejson.json'],
      ['tilejson', '/collections/c/{tileMatrixSetId}/tilejson.json?rescale=0%2C3000&assets=B4&assets=B3'],
      ['map', '/collections/c/{tileMatrixSetId}/map.html'],
      ['map', '/collections/c/{tileMatrixSetId}/map.html?rescale=0%2C3000&assets=B4&assets=B3'],
    ])
  })
})

describe('TileJSON', () => {
  const document = (search: RegisteredSearch, query = '', more = {}) =>
    tileJson({ mosaic: `${base}/searches/abc`, search, tms, query: new URLSearchParams(query), ...more })

  test('covers the whole matrix set when the search does not say where and how deep', () => {
    expect(document(registered())).toEqual({
      tilejson: '3.0.0',
      version: '1.0.0',
      scheme: 'xyz',
      tiles: [`${base}/searches/abc/tiles/WebMercatorQuad/{z}/{x}/{y}?tilesize=512`],
      minzoom: 0,
      maxzoom: 24,
      bounds: tms.lonLatBounds,
      center: [0, 0, 0],
      tileSize: 512,
      raster_layers: {},
    })
  })

  test('passes the request on to the tiles in its order, but for what is about the document', () => {
    const query = 'rescale=0,1&assets=b&assets=a&tile_format=png&minzoom=3&maxzoom=5&tilesize=256&TileMatrixSetId=x'
    const { tiles, tileSize, minzoom, maxzoom } = document(registered(), query, {
      format: 'png',
      minzoom: 3,
      maxzoom: 5,
    })
    expect(tiles).toEqual([
      `${base}/searches/abc/tiles/WebMercatorQuad/{z}/{x}/{y}.png?rescale=0%2C1&assets=b&assets=a&tilesize=256`,
    ])
    expect([tileSize, minzoom, maxzoom]).toEqual([256, 3, 5])
  })

  test('takes bounds from the search, then from its metadata; zooms from the metadata, within the matrix set', () => {
    const metadata = { bounds: [1, 2, 3, 4], minzoom: 4, maxzoom: 30, name: 'Fields' }
    expect(document(registered({ bbox: [-10, -20, 0, 10, 20, 9] }, metadata))).toMatchObject({
      name: 'Fields',
      bounds: [-10, -20, 10, 20],
      center: [0, 0, 4],
      minzoom: 4,
      maxzoom: 24,
    })
    expect(document(registered({}, metadata), '', { attribution: '© ESA' })).toMatchObject({
      bounds: [1, 2, 3, 4],
      center: [2, 3, 4],
      attribution: '© ESA',
    })
  })

  test('of another tile matrix set has its zooms, and bounds that do not wrap around the antimeridian', () => {
    const of = (id: string, search = registered()) => document(search, '', { tms: tileMatrixSets.get(id)! })
    expect(of('UTM31WGS84Quad')).toMatchObject({ minzoom: 1, maxzoom: 24, bounds: [-180, -90, 180, 90] })
    const { bounds, center } = of('NZTM2000Quad')
    expect(bounds).toEqual([-180, expect.closeTo(-86.4, 1), 180, expect.closeTo(3.97, 1)])
    expect(center).toEqual([expect.closeTo(173.15, 1), expect.closeTo(-41.2, 1), 0])
    const zooms = { minzoom: 0, maxzoom: 20 }
    expect(of('EuropeanETRS89_LAEAQuad', registered({}, zooms))).toMatchObject({ minzoom: 0, maxzoom: 15 })
    expect(of('UTM31WGS84Quad', registered({}, zooms))).toMatchObject({ minzoom: 1, maxzoom: 20 })
  })
})
