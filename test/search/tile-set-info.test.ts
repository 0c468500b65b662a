import { describe, expect, test } from 'vitest'
import type { RegisteredSearch } from '../../src/search/registered-search.ts'
import { tileMatrixSetList, tileSet, tileSetList } from '../../src/search/tile-set-info.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'

const base = 'https://tiles.example/api'
const mosaic = `${base}/searches/abc`
const search: RegisteredSearch = {
  hash: 'abc',
  search: { bbox: [2, 45, 11, 52] },
  metadata: { type: 'mosaic', minzoom: 4, maxzoom: 6 },
  lastused: '2026-01-01T00:00:00.000Z',
  usecount: 1,
}
const parts = { base, mosaic, search, query: new URLSearchParams('assets=visual&rescale=0,1') }
const setOf = (id: string) => tileMatrixSets.get(id)!

describe('the tile sets of a mosaic', () => {
  test('are one a tile matrix set, with titiler’s links', () => {
    const boundingBox = { bounds: [2, 45, 11, 52], crs: 'OGC:CRS84' } as const
    const { tilesets } = tileSetList(parts, tileMatrixSets.values(), boundingBox)
    expect(tilesets).toHaveLength(tileMatrixSets.size)
    expect(tilesets.find(({ title }) => title.includes('WorldCRS84Quad'))).toEqual({
      title: 'tileset tiled using WorldCRS84Quad TileMatrixSet',
      dataType: 'map',
      crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84',
      accessConstraints: 'unclassified',
      boundingBox: { lowerLeft: [2, 45], upperRight: [11, 52], crs: 'http://www.opengis.net/def/crs/OGC/0/CRS84' },
      links: [
        {
          href: `${mosaic}/tiles/WorldCRS84Quad?assets=visual&rescale=0%2C1`,
          rel: 'self',
          type: 'application/json',
          title: 'Tileset tiled using WorldCRS84Quad TileMatrixSet',
        },
        {
          href: `${mosaic}/tiles/WorldCRS84Quad/{z}/{x}/{y}?assets=visual&rescale=0%2C1`,
          rel: 'tile',
          title: 'Templated link for retrieving Raster tiles',
          templated: true,
        },
        {
          href: `${base}/tileMatrixSets/WorldCRS84Quad`,
          rel: 'http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme',
          type: 'application/json',
          title: "Definition of 'WorldCRS84Quad' tileMatrixSet",
        },
      ],
    })
  })

  test('have limits at the mosaic’s zooms, or those asked for, and a viewer in Web Mercator alone', () => {
    const web = tileSet(parts, setOf('WebMercatorQuad'), {})
    expect(web.tileMatrixSetLimits.map(({ tileMatrix }) => tileMatrix)).toEqual(['4', '5', '6'])
    // titiler.core.utils.tms_limits of the same box.
    expect(web.tileMatrixSetLimits[2]).toEqual({
      ...{ tileMatrix: '6', minTileRow: 21, maxTileRow: 23 },
      ...{ minTileCol: 32, maxTileCol: 33 },
    })
    expect(web.links.map(({ rel }) => rel).at(-1)).toBe('data')
    const utm = tileSet(parts, setOf('UTM31WGS84Quad'), { minzoom: 1, maxzoom: 2 })
    expect(utm.tileMatrixSetLimits.map(({ tileMatrix }) => tileMatrix)).toEqual(['1', '2'])
    expect(utm.links.map(({ rel }) => rel)).not.toContain('data')
  })

  test('stay within the zooms of their tile matrix set', () => {
    const deep = { ...parts, search: { ...search, metadata: { type: 'mosaic', minzoom: 0, maxzoom: 24 } } }
    const zooms = tileSet(deep, setOf('EuropeanETRS89_LAEAQuad'), {}).tileMatrixSetLimits.map((each) => each.tileMatrix)
    expect([zooms[0], zooms.at(-1)]).toEqual(['0', '15'])
  })
})

test('the list of tile matrix sets has a link to each', () => {
  const { tileMatrixSets: list } = tileMatrixSetList(base, tileMatrixSets.values())
  expect(list.find(({ id }) => id === 'NZTM2000Quad')).toEqual({
    id: 'NZTM2000Quad',
    title: 'LINZ NZTM2000Quad Map Tile Grid',
    links: [
      {
        href: `${base}/tileMatrixSets/NZTM2000Quad`,
        rel: 'http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme',
        type: 'application/json',
        title: 'Definition of NZTM2000Quad tileMatrixSet',
      },
    ],
  })
})
