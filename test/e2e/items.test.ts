import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask, expectError } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

/** What is told of items: which lie under a place, and what they and their files are. */

let system: System
let api: Program
const collection = uniqueName('items-')
let search: string
let href: string

/** 64 × 64 pixels of 1/16 degree: column in the first band, row in the second, 0 is nodata. */
const bounds = [10, 40, 14, 44] as const

beforeAll(async () => {
  system = await startSystem()
  const container = await createContainer()
  await container.upload('grid.tif', makeCog({ bounds, bands: [(x) => x, (_, y) => y], type: 'UInt16', nodata: 0 }))
  href = container.href('grid.tif')
  await createCollection(system.database, collection, [
    { id: 'grid', bbox: bounds, assets: { data: href, other: href }, datetime: '2024-06-02T00:00:00Z' },
    { id: 'right', bbox: [12, 40, 16, 44], assets: { data: href } },
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
