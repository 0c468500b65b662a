import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import gdal from 'gdal-async'
import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import type { RegisteredSearch } from '../../src/search/registered-search.ts'
import { isForWmts, wmtsCapabilities } from '../../src/search/wmts-capabilities.ts'
import { wmtsLayers } from '../../src/search/wmts-layers.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { elementsNamed, parseXml } from '../support/xml.ts'

const sets = [...tileMatrixSets.values()].filter(isForWmts)
const mosaic = 'https://tiles.example/searches/abc'

function registered(metadata: object = {}, search: object = { bbox: [2, 45, 11, 52] }): RegisteredSearch {
  return {
    hash: 'abc',
    search: search as RegisteredSearch['search'],
    metadata: { type: 'mosaic', ...metadata },
    lastused: '2026-01-01T00:00:00.000Z',
    usecount: 1,
  }
}

const isRenderable = (query: URLSearchParams) => query.has('assets')

function layers(search: RegisteredSearch, query = 'assets=visual') {
  return wmtsLayers({ name: search.hash, search, sets, query: new URLSearchParams(query), isRenderable })
}

function xmlOf(search: RegisteredSearch, query = 'assets=visual', useEpsg = false): string {
  return wmtsCapabilities({
    ...{ title: 'Fields & <meadows>', url: `${mosaic}/WMTSCapabilities.xml?${query}`, mosaic, sets },
    ...{ layers: layers(search, query), format: 'jpg', mediaType: 'image/jpg', useEpsg },
  })
}

const defaults = {
  'true & co': { assets: ['B4', 'B3'], rescale: [[0, 3000]], tilesize: 512 },
  deep: { assets: ['a'], tilematrixsets: { WebMercatorQuad: [9, 12], '*': [0, 1] }, spatial_extent: [3, 46, 4, 47] },
  none: { rescale: [[0, 1]] },
}

describe('the layers of a WMTS', () => {
  test('are the defaults that can be drawn and what the query draws, in every set that has a tile of the mosaic', () => {
    const found = layers(registered({ defaults, minzoom: 2, maxzoom: 9 }))
    const names = new Set(found.map(({ identifier }) => identifier.split('_').at(-1)))
    expect(names).toEqual(new Set(['true & co', 'deep', 'default']))
    const inSets = found.filter(({ identifier }) => identifier.endsWith('_default')).map(({ tms }) => tms.id)
    expect(inSets).toContain('EuropeanETRS89_LAEAQuad')
    // Nothing of the Alps there.
    expect(inSets).not.toContain('NZTM2000Quad')
    const web = found.find(({ identifier }) => identifier === 'abc_WebMercatorQuad_true & co')!
    expect(web.query).toBe('rescale=0%2C3000&assets=B4&assets=B3')
    expect(web.limits.map(({ tileMatrix }) => tileMatrix)).toEqual(['2', '3', '4', '5', '6', '7', '8', '9'])
    // titiler.core.utils.tms_limits of the same box.
    expect(web.limits[4]).toEqual({ tileMatrix: '6', minTileRow: 21, maxTileRow: 23, minTileCol: 32, maxTileCol: 33 })
  })

  test('have the zooms and the extent of their render, and the query’s for what it draws itself', () => {
    const found = layers(registered({ defaults }), 'assets=visual&zooms=WGS1984Quad::3,4&zooms=*::5,99')
    const zooms = (identifier: string) => {
      const limits = found.find((layer) => layer.identifier === identifier)!.limits
      return [limits[0]?.tileMatrix, limits.at(-1)?.tileMatrix]
    }
    expect(zooms('abc_WebMercatorQuad_deep')).toEqual(['9', '12'])
    expect(zooms('abc_WGS1984Quad_deep')).toEqual(['0', '1'])
    expect(zooms('abc_WGS1984Quad_default')).toEqual(['3', '4'])
    expect(zooms('abc_WebMercatorQuad_default')).toEqual(['5', '24'])
    expect(found.find(({ identifier }) => identifier === 'abc_WebMercatorQuad_deep')).toMatchObject({
      bounds: [3, 46, 4, 47],
      query: 'assets=a',
    })
  })

  test('leave out what is about the document, and keep a collection’s filters in all of them', () => {
    const query = 'ids=a,b&assets=visual&SERVICE=WMTS&Request=GetCapabilities&tile_format=jpg&use_epsg=true&tilesize=9'
    const found = layers(registered({ defaults }), query)
    const queryOf = (name: string) => found.find((each) => each.identifier === `abc_WebMercatorQuad_${name}`)?.query
    expect(queryOf('default')).toBe('ids=a%2Cb&assets=visual')
    expect(queryOf('deep')).toBe('assets=a&ids=a%2Cb')
  })

  test.each(['', 'assets=a&zooms=5', 'assets=a&zooms=Mars::0,5', 'assets=a&zooms=*::5,0', 'assets=a&zooms=*::0,5,6'])(
    'of "%s" are refused',
    (query) => {
      expect(() => layers(registered(), query)).toThrow(TilepressError)
    },
  )
})

describe('WMTS capabilities', () => {
  test('are XML with everything escaped, in the order of the schema', () => {
    const query = 'assets=a&rescale=0,1&_=<"\'>'
    const root = parseXml(xmlOf(registered({ defaults }), query))
    expect(root.children.map(({ name }) => name)).toEqual([
      'ows:ServiceIdentification',
      'ows:ServiceProvider',
      'ows:OperationsMetadata',
      'Contents',
      'ServiceMetadataURL',
    ])
    expect(root.children[0]?.children[0]?.text).toBe('Fields & <meadows>')
    expect(root.children.at(-1)?.attributes['xlink:href']).toBe(`${mosaic}/WMTSCapabilities.xml?${query}`)
    const [layer] = elementsNamed(root, 'Layer')
    expect(layer?.children.map(({ name }) => name)).toEqual([
      ...['ows:Title', 'ows:WGS84BoundingBox', 'ows:Identifier', 'Style', 'Format', 'TileMatrixSetLink', 'ResourceURL'],
    ])
    const named = elementsNamed(root, 'ows:Identifier').map(({ text }) => text)
    expect(named).toContain('abc_WebMercatorQuad_true & co')
    const templates = elementsNamed(root, 'ResourceURL').map(({ attributes }) => attributes)
    expect(templates.at(-1)).toEqual({
      format: 'image/jpg',
      resourceType: 'tile',
      template: `${mosaic}/tiles/WorldMercatorWGS84Quad/{TileMatrix}/{TileCol}/{TileRow}.jpg?assets=a&rescale=0%2C1&_=%3C%22%27%3E`,
    })
  })

  test('without characters that XML cannot hold', () => {
    const search = registered({ defaults: { 'a\u0000\u001f\ud800b': { assets: ['x'] } } })
    expect(xmlOf(search)).toContain('<ows:Title>abc_WebMercatorQuad_ab</ows:Title>')
  })

  test('list the matrices of every set that WMTS can express, with origins in the order of its axes', () => {
    const root = parseXml(xmlOf(registered()))
    const contents = root.children.find(({ name }) => name === 'Contents')!
    const listed = contents.children.filter(({ name }) => name === 'TileMatrixSet')
    expect(listed).toHaveLength(11)
    const first = Object.fromEntries(
      listed.map((each) => {
        const [matrix] = elementsNamed(each, 'TileMatrix')
        return [each.children[0]?.text, [each.children[1]?.text, ...matrix!.children.map(({ text }) => text)]]
      }),
    )
    expect(first.CDB1GlobalGrid).toBeUndefined()
    expect(first.WGS1984Quad).toEqual([
      ...['http://www.opengis.net/def/crs/EPSG/0/4326', '0', '279541132.014358', '90 -180', '256', '256', '2', '1'],
    ])
    expect(first.WorldCRS84Quad?.[3]).toBe('-180 90')
    expect(first.EuropeanETRS89_LAEAQuad?.[3]).toBe('5500000 2000000')
    expect(first.UTM31WGS84Quad?.[1]).toBe('1')
    expect(xmlOf(registered(), 'assets=a', true)).toContain('<ows:SupportedCRS>EPSG:2193</ows:SupportedCRS>')
    expect(xmlOf(registered(), 'assets=a', true)).not.toContain('EPSG:None')
  })

  test.skipIf(!gdal.drivers.getNames().includes('WMTS'))(
    'put every set’s tiles in their places, as GDAL reads them',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'wmts-'))
      try {
        const file = join(folder, 'capabilities.xml')
        writeFileSync(file, xmlOf(registered()))
        for (const { tms } of layers(registered())) {
          const dataset = gdal.open(`WMTS:${file},layer=abc_${tms.id}_default`)
          // The finest zoom whose raster GDAL can count.
          const [left, width, , top, , height] = dataset.geoTransform!
          const level = tms.levels.find(({ cellSize }) => Math.abs(width! / cellSize - 1) < 1e-9)
          expect(level, `${tms.id} ${width}`).toBeDefined()
          expect(Math.abs(height! / width! + 1)).toBeLessThan(1e-9)
          const { x, y } = dataset.rasterSize
          const [lon, lat] = tms.transform.toLonLat(left! + (width! * x) / 2, top! + (height! * y) / 2)
          // Within the box, whose middle is at 6.5, 48.5.
          expect([lon > 4 && lon < 9, lat > 46 && lat < 51], `${tms.id} ${lon} ${lat}`).toEqual([true, true])
          expect(dataset.srs?.isGeographic(), tms.id).toBe(tms.crs === 'EPSG:4326' || tms.crs === 'OGC:CRS84')
          dataset.close()
        }
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})
