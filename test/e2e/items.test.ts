import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask, decode, expectError } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

/** What is told of items: which lie under a place, and what they and their files are. */

let system: System
let api: Program
const collection = uniqueName('items-')
const drawings = uniqueName('drawings-')
let search: string
let href: string

/** 64 × 64 pixels of 1/16 degree: column in the first band, row in the second, 0 is nodata. */
const bounds = [10, 40, 14, 44] as const

const palette = [
  [10, 20, 30, 255],
  [40, 50, 60, 255],
  [70, 80, 90, 255],
] as const

beforeAll(async () => {
  system = await startSystem()
  const container = await createContainer()
  await container.upload('grid.tif', makeCog({ bounds, bands: [(x) => x, (_, y) => y], type: 'UInt16', nodata: 0 }))
  href = container.href('grid.tif')
  const quarters = (x: number) => Math.floor(x / 16)
  await container.upload('classes.tif', makeCog({ bounds, bands: [quarters], palette, nodata: 3 }))
  await container.upload(
    'deep.tif',
    makeCog({ bounds, bands: [(x) => 1000 + x], type: 'UInt16', statistics: [1000, 1255] }),
  )
  await container.upload('bare.tif', makeCog({ bounds, bands: [(x) => 1000 + x], type: 'UInt16' }))
  await createCollection(system.database, collection, [
    { id: 'grid', bbox: bounds, assets: { data: href, other: href }, datetime: '2024-06-02T00:00:00Z' },
    { id: 'right', bbox: [12, 40, 16, 44], assets: { data: href } },
  ])
  await createCollection(system.database, drawings, [
    {
      id: 'drawn',
      bbox: bounds,
      datetime: '2023-01-01T00:00:00Z',
      assets: {
        classes: container.href('classes.tif'),
        deep: container.href('deep.tif'),
        bare: container.href('bare.tif'),
        told: container.href('bare.tif'),
      },
      assetMembers: { told: { 'raster:bands': [{ statistics: { minimum: 1000, maximum: 1510 } }] } },
      properties: {
        renders: {
          stretched: { title: 'Stretched', assets: ['deep'], rescale: [[1000, 1127.5]], colormap_name: 'viridis' },
          unknown: { assets: ['deep'], colormap_name: 'nothing' },
        },
      },
    },
  ])
  ;[api] = await Promise.all([system.startApi(), system.startWorker()])
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  search = registered.json<{ id: string }>().id
})
afterAll(() => system?.release())

describe('the items under a place', () => {
  const idsAt = async (path: string) => {
    const answer = await ask(api, `/searches/${search}${path}`)
    expect(answer.status, answer.text).toBe(200)
    return answer.json<{ id: string }[]>().map(({ id }) => id)
  }

  test('of a point are listed with box, assets and collection, the topmost first', async () => {
    const answer = await ask(api, `/searches/${search}/point/13,41/assets`)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json()).toEqual([
      {
        id: 'grid',
        bbox: [...bounds],
        assets: { data: { href, type: 'image/tiff' }, other: { href, type: 'image/tiff' } },
        collection,
      },
      { id: 'right', bbox: [12, 40, 16, 44], assets: { data: { href, type: 'image/tiff' } }, collection },
    ])
  })

  test('are those of a point in another system, a box and a tile', async () => {
    expect(await idsAt('/point/1224514.4,5009377.1/assets?coord_crs=EPSG:3857')).toEqual(['grid'])
    expect(await idsAt('/bbox/15,41,15.5,42/assets')).toEqual(['right'])
    expect(await idsAt('/bbox/1,41,25,42/assets?exitwhenfull=false&skipcovered=false')).toEqual(['grid', 'right'])
    expect(await idsAt('/bbox/1,41,25,42/assets?items_limit=1')).toEqual(['grid'])
    expect(await idsAt('/tiles/WebMercatorQuad/7/67/47/assets')).toEqual(['grid'])
    expect(await idsAt('/tiles/WebMercatorQuad/0/0/0/assets')).toEqual(['grid', 'right'])
    expect(await idsAt('/point/-50,10/assets')).toEqual([])
  })

  test('of a collection obey its item filters', async () => {
    const answer = await ask(api, `/collections/${collection}/point/13,41/assets?ids=right`)
    expect(answer.json<{ id: string }[]>().map(({ id }) => id)).toEqual(['right'])
  })

  test('that is none are refused, as is a search that is none', async () => {
    expectError(await ask(api, `/searches/${search}/point/1/assets`), 422, 'PARAMETER_INVALID')
    expectError(await ask(api, `/searches/${search}/bbox/1,2,3/assets`), 422, 'PARAMETER_INVALID')
    expectError(await ask(api, `/searches/${search}/point/1,2/assets?coord_crs=EPSG:1`), 422, 'PARAMETER_INVALID')
    expectError(await ask(api, `/searches/${search}/tiles/WebMercatorQuad/0/1/0/assets`), 404, 'TILE_OUTSIDE_MATRIX')
    expectError(await ask(api, `/searches/${'0'.repeat(32)}/point/1,2/assets`), 404, 'SEARCH_NOT_FOUND')
  })
})

describe('what files are', () => {
  const item = (path: string) => ask(api, `/collections/${collection}/items/grid${path}`)
  const info = {
    bounds: [...bounds],
    crs: 'http://www.opengis.net/def/crs/EPSG/0/4326',
    dtype: 'uint16',
    nodata_type: 'Nodata',
    nodata_value: 0,
    driver: 'GTiff',
    count: 2,
    width: 64,
    height: 64,
    scales: [1, 1],
    offsets: [0, 0],
  }

  test('is told of the assets that are asked for, or of all', async () => {
    const one = await item('/info?assets=data')
    expect(one.status, one.text).toBe(200)
    expect(one.json()).toEqual({ data: expect.objectContaining(info) })
    expect(Object.keys((await item('/info?assets=:all:')).json<object>())).toEqual(['data', 'other'])
    expect((await item('/assets/data/info')).json()).toEqual(expect.objectContaining(info))
    expectError(await item('/info'), 422, 'PARAMETER_INVALID')
    expectError(await item('/info?assets=nothing'), 404, 'ASSET_NAME_INVALID')
  })

  test('is told in a feature', async () => {
    const feature = await item('/info.geojson?assets=data')
    expect(feature.headers['content-type']).toMatch(/^application\/geo\+json/)
    expect(feature.json()).toMatchObject({ type: 'Feature', bbox: [...bounds], properties: { data: info } })
    const file = (await item('/assets/data/info.geojson?crs=EPSG:3857')).json<{ bbox: number[]; properties: object }>()
    expect(file.bbox[0]).toBeCloseTo(1113194.9079, 3)
    expect(file.properties).toMatchObject(info)
  })

  test('has statistics of each asset by itself', async () => {
    const answer = await item('/asset_statistics?assets=data&assets=other%7Cbidx%3D2')
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json()).toMatchObject({
      data: { b1: { min: 1, max: 63 }, b2: { max: 63 } },
      other: { b2: { min: 1, max: 63 } },
    })
    expect(Object.keys((await item('/asset_statistics?assets=:all:')).json<object>())).toEqual(['data', 'other'])
  })
})

describe('what an item offers', () => {
  const item = (path: string) => ask(api, `/collections/${collection}/items/grid${path}`)

  test('are its rasters and renders', async () => {
    expect((await item('/assets')).json()).toEqual(['data', 'other'])
    expect((await item('/renders')).json()).toMatchObject({ renders: {} })
    expectError(await item('/renders/none'), 404, 'RENDER_NOT_FOUND')
    expectError(await ask(api, `/collections/${collection}/items/none/assets`), 404, 'ITEM_NOT_FOUND')
  })

  test('are tiles at the zooms of its file', async () => {
    for (const path of ['/WebMercatorQuad/tilejson.json?assets=data', '/assets/data/WebMercatorQuad/tilejson.json']) {
      const answer = await item(path)
      expect(answer.status, answer.text).toBe(200)
      const document = answer.json<{ tiles: string[] }>()
      // 1/16 degree is 7.0 km wide and 9.4 km high there; zoom 4 has 9.8 km a pixel, zoom 5 has 4.9 km.
      expect(document).toMatchObject({ minzoom: 4, maxzoom: 4, bounds: [...bounds] })
      expect(document.tiles[0]).toContain(`/collections/${collection}/items/grid/`)
    }
    expectError(await item('/WebMercatorQuad/tilejson.json'), 422, 'PARAMETER_INVALID')
  })

  test('are tile sets, and a map', async () => {
    const sets = (await item('/tiles')).json<{ tilesets: object[] }>()
    expect(sets.tilesets.length).toBeGreaterThanOrEqual(13)
    const set = (await item('/tiles/WebMercatorQuad')).json<{ tileMatrixSetLimits: { tileMatrix: string }[] }>()
    expect(set.tileMatrixSetLimits.map(({ tileMatrix }) => tileMatrix)).toEqual(['4'])
    const page = await item('/WebMercatorQuad/map.html?assets=data')
    expect(page.headers['content-type']).toMatch(/^text\/html/)
    expect(page.text).toContain(`/items/grid/WebMercatorQuad/tilejson.json?assets=data`)
  })
})

describe('how files are drawn', () => {
  const item = (path: string) => ask(api, `/collections/${drawings}/items/drawn${path}`)
  const picture = async (path: string) => {
    const answer = await item(path)
    expect(answer.status, answer.text).toBe(200)
    return { ...(await decode(answer.body)), type: answer.headers['content-type'] }
  }

  test('by themselves: in the colours of their palette, unless a colormap is asked for', async () => {
    const own = await picture('/assets/classes/preview.png')
    expect([0, 16, 32, 48].map((x) => own.at(x, 0))).toEqual([
      [...palette[0]],
      [...palette[1]],
      [...palette[2]],
      [0, 0, 0, 0],
    ])
    const other = await picture('/assets/classes/preview.png?colormap={"1":"%23fff"}')
    expect([0, 16].map((x) => other.at(x, 0))).toEqual([
      [0, 0, 0, 0],
      [255, 255, 255, 255],
    ])
    const box = await picture('/assets/classes/bbox/11,41,12,42/4x4.png')
    expect(box.at(0, 0)).toEqual([...palette[1]])
    const tile = await picture('/assets/classes/tiles/WebMercatorQuad/8/135/94.png')
    expect(tile.at(128, 128)).toEqual([...palette[0]])
    expect((await picture('/preview.png?assets=classes')).at(16, 0)).toEqual([1, 1, 1, 255])
  })

  test('from the range of their statistics, the file’s before the item’s, else of their type', async () => {
    const at20 = async (path: string) => (await picture(path)).at(20, 0)[0]
    expect(await at20('/preview.webp?assets=deep')).toBeCloseTo(20, -1)
    const tile = await picture('/tiles/WebMercatorQuad/9/273/190?assets=deep')
    expect(tile.type).toBe('image/jpeg')
    // 12.3° east is the 36th column.
    expect(tile.at(128, 128)[0]).toBeCloseTo(36, -1)
    expect(await at20('/preview.webp?assets=told')).toBeCloseTo(10, -1)
    expect(await at20('/assets/told/preview.webp')).toBeCloseTo(3, -1)
    expect(await at20('/preview.webp?assets=bare')).toBeCloseTo(3, -1)
  })

  test('in previews of the size that is asked for', async () => {
    expect(await picture('/preview?assets=deep')).toMatchObject({ width: 64, height: 64, type: 'image/jpeg' })
    expect(await picture('/preview.png?assets=deep&max_size=32')).toMatchObject({ width: 32, height: 32 })
    expect(await picture('/preview.png?assets=deep&width=10')).toMatchObject({ width: 10, height: 10 })
    expect(await picture('/preview/20x10.png?assets=deep')).toMatchObject({ width: 20, height: 10 })
    expectError(await item('/preview/0x10.png?assets=deep'), 422, 'PARAMETER_INVALID')
    expectError(await item('/preview/20x10?assets=deep'), 422, 'PARAMETER_INVALID')
    expectError(await item('/preview/20x10.gif?assets=deep'), 422, 'PARAMETER_INVALID')
    expectError(await item('/preview.png?assets=deep&max_size=5000'), 422, 'PARAMETER_INVALID')
    expectError(await item('/preview.png'), 422, 'PARAMETER_INVALID')
  })

  test('as their item’s renders say: in their links, TileJSON, and on the map', async () => {
    const { renders } = (await item('/renders')).json<{
      renders: Record<string, { valid: boolean; links: { rel: string; href: string }[] }>
    }>()
    expect(renders).toMatchObject({ stretched: { valid: true }, unknown: { valid: false } })
    const stretched = await item('/renders/stretched')
    expect(stretched.json()).toEqual(renders.stretched)
    const link = renders.stretched!.links.find(({ rel }) => rel === 'tilesets-map')!.href
    expect(new URL(link.replace('{tileMatrixSetId}', 'WebMercatorQuad')).searchParams.get('colormap_name')).toBe(
      'viridis',
    )
    const path = link.slice(link.indexOf('/collections/')).replace('{tileMatrixSetId}', 'WebMercatorQuad')
    const document = (await ask(api, path)).json<{ tiles: string[]; minzoom: number }>()
    const template = document.tiles[0]!.slice(document.tiles[0]!.indexOf('/collections/'))
    const tile = await ask(api, template.replace('{z}', '8').replace('{x}', '135').replace('{y}', '94'))
    expect(tile.status, tile.text).toBe(200)
    expect((await decode(tile.body)).width).toBe(512)
    const page = await item('/WebMercatorQuad/map.html')
    expect(page.text).toContain('colormap_name=viridis')
    expect(renders.unknown!.links.map(({ rel }) => rel)).toEqual(['self'])
  })
})

describe('a file of an item', () => {
  const file = (path: string) => ask(api, `/collections/${collection}/items/grid/assets/data${path}`)

  test('answers what an item answers, by its own bands', async () => {
    expect((await file('/point/12.03125,43.96875')).json()).toMatchObject({
      values: [32, null],
      band_names: ['b1', 'b2'],
    })
    expect((await file('/point/12.03125,41.96875?bidx=2&bidx=1')).json()).toMatchObject({ values: [32, 32] })
    expect((await file('/point/12.03125,41.96875?expression=b1*2;b2')).json()).toMatchObject({ values: [64, 32] })
    expect((await file('/statistics?bidx=2')).json()).toMatchObject({ b2: { min: 1, max: 63 } })
    expect((await file('/preview.npy?bidx=1')).status).toBe(200)
    expect((await file('/bbox/10,40,14,44.png?bidx=1')).headers['content-bbox']).toBe('10,40,14,44')
    const geometry = {
      type: 'Polygon',
      coordinates: [
        [
          [11, 41],
          [13, 41],
          [12, 43],
          [11, 41],
        ],
      ],
    }
    const feature = { method: 'POST', body: { type: 'Feature', properties: { name: 'x' }, geometry } }
    expect(
      (await ask(api, `/collections/${collection}/items/grid/assets/data/feature/10x10.png?bidx=1`, feature)).status,
    ).toBe(200)
    const statistics = (
      await ask(api, `/collections/${collection}/items/grid/assets/data/statistics?bidx=1`, feature)
    ).json()
    expect(statistics).toMatchObject({
      type: 'Feature',
      properties: { name: 'x', statistics: { b1: { valid_percent: expect.any(Number) } } },
    })
  })

  test('has tile sets, WMTS capabilities and a map, as its item has', async () => {
    const { tilesets } = (await file('/tiles')).json<{ tilesets: { boundingBox: { lowerLeft: number[] } }[] }>()
    expect(tilesets[0]?.boundingBox.lowerLeft).toEqual([10, 40])
    const set = (await file('/tiles/WebMercatorQuad?bidx=1')).json<{ tileMatrixSetLimits: { tileMatrix: string }[] }>()
    expect(set.tileMatrixSetLimits.map(({ tileMatrix }) => tileMatrix)).toEqual(['4'])
    const page = await file('/WebMercatorQuad/map.html?bidx=1')
    expect(page.text).toContain('/assets/data/WebMercatorQuad/tilejson.json?bidx=1')
    const own = await file('/WMTSCapabilities.xml?bidx=1&zooms=*::4,6')
    expect(own.headers['content-type']).toMatch(/^application\/xml/)
    const ofItem = await ask(api, `/collections/${drawings}/items/drawn/WMTSCapabilities.xml`)
    expect(ofItem.text).toContain('drawn_WebMercatorQuad_stretched')
    for (const [document, name] of [
      [own, 'data_WebMercatorQuad_default'],
      [ofItem, 'drawn_WebMercatorQuad_stretched'],
    ] as const) {
      expect(document.status, document.text).toBe(200)
      const layer = document.text.split('<Layer>').find((text) => text.includes(`>${name}<`)) ?? ''
      const template = /template="[^"]*(\/collections\/[^"]*)"/.exec(layer)?.[1]?.replaceAll('&amp;', '&') ?? ''
      const path = template.replace('{TileMatrix}', '8').replace('{TileCol}', '135').replace('{TileRow}', '94')
      expect((await ask(api, path)).headers['content-type']).toBe('image/png')
    }
    expectError(await ask(api, `/collections/${collection}/items/grid/WMTSCapabilities.xml`), 422, 'PARAMETER_INVALID')
    expectError(await file('/WorldCRS84Quad/map.html'), 422, 'PARAMETER_INVALID')
  })

  test('is refused what it has not', async () => {
    expectError(await file('/preview.png?bidx=3'), 422, 'BAND_INVALID')
    expectError(await file('/preview.png?bidx=0'), 422, 'PARAMETER_INVALID')
    expectError(await file('/point/-50,10'), 404, 'OUTSIDE_BOUNDS')
    expectError(await file('/tiles/WebMercatorQuad/8/0/0.png?bidx=1'), 404, 'OUTSIDE_BOUNDS')
    expectError(await ask(api, `/collections/${collection}/items/grid/assets/none/info`), 404, 'ASSET_NAME_INVALID')
    expectError(await ask(api, `/collections/${collection}/items/none/assets/data/info`), 404, 'ITEM_NOT_FOUND')
  })
})
