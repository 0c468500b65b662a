import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask, decode, expectError } from '../support/http.ts'
import { metric, type Program, type System, startSystem } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

/** What is asked of a mosaic besides its tiles, of the started programs. */

let system: System
let api: Program
let other: Program
let worker: Program
const collection = uniqueName('queries-')
let search: string

/** 64 × 64 pixels of 1/16 degree: column in the first band, row in the second, 0 is nodata in column 0. */
const bounds = [10, 40, 14, 44] as const
const column = (x: number) => x
const row = (_: number, y: number) => y

beforeAll(async () => {
  system = await startSystem()
  const container = await createContainer()
  await container.upload('grid.tif', makeCog({ bounds, bands: [column, row], type: 'UInt16', nodata: 0 }))
  await container.upload('sevens.tif', makeCog({ bounds: [12, 40, 16, 44], bands: [7, 7], type: 'UInt16' }))
  await createCollection(system.database, collection, [
    { id: 'grid', bbox: bounds, assets: { data: container.href('grid.tif') }, datetime: '2024-06-02T00:00:00Z' },
    { id: 'sevens', bbox: [12, 40, 16, 44], assets: { data: container.href('sevens.tif') } },
    // Its footprint is larger than its file.
    { id: 'lost', bbox: [20, 40, 30, 50], assets: { data: container.href('sevens.tif') } },
  ])
  ;[api, other, worker] = await Promise.all([system.startApi(), system.startApi(), system.startWorker()])
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  search = registered.json<{ id: string }>().id
})
afterAll(() => system?.release())

const get = (path: string, from = api) => ask(from, `/searches/${search}${path}`)

describe('a point', () => {
  test('has the values of every item under it in the search’s order, masked ones as null', async () => {
    const answer = await get('/point/13.03125,43.96875?assets=data')
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.json()).toEqual({
      coordinates: [13.03125, 43.96875],
      assets: [
        expect.objectContaining({ name: `${collection}/grid`, values: [48, null], band_names: ['b1', 'b2'] }),
        expect.objectContaining({ name: `${collection}/sevens`, values: [7, 7] }),
      ],
    })
  })

  test('is the same by a collection, and in the coordinates of another reference system', async () => {
    const mercator = '1450616.36,5460000'
    const path = `/collections/${collection}/point/${mercator}?assets=data%7Cbidx%3D2&coord_crs=EPSG:3857`
    const answer = (await ask(api, path)).json<{
      coordinates: number[]
      assets: { name: string; values: number[] }[]
    }>()
    expect(answer.coordinates).toEqual([1450616.36, 5460000])
    expect(answer.assets.map(({ values }) => values)).toEqual([[(await at('13.0311,43.9633'))[1]], [7]])
  })

  test('is computed once for all who ask, and kept', async () => {
    const path = '/point/11,41.5?assets=data'
    const before = await metric(worker, 'tilepress_answered_queries_total', { outcome: 'image' })
    const answers = await Promise.all([get(path), get(path, other), get(path)])
    answers.push(await get(path, other))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.at(-1)?.headers['x-cache']).toBe('HIT-REDIS')
    expect((await metric(worker, 'tilepress_answered_queries_total', { outcome: 'image' })) - before).toBe(1)
  })

  test('without an item is 204, and with items whose files do not reach it an empty list', async () => {
    expect((await get('/point/-50,10?assets=data')).status).toBe(204)
    expect((await get('/point/25,45?assets=data')).json()).toEqual({ coordinates: [25, 45], assets: [] })
  })

  test('that is none is refused, and so are unknown assets and reference systems', async () => {
    expectError(await get('/point/1,2,3?assets=data'), 422, 'PARAMETER_INVALID')
    expectError(await get('/point/nan,2?assets=data'), 422, 'PARAMETER_INVALID')
    expectError(await get('/point/1,2'), 422, 'PARAMETER_INVALID')
    expectError(await get('/point/1,2?assets=data&coord_crs=https://example.com/crs'), 422, 'PARAMETER_INVALID')
    expectError(await get('/point/11,41?assets=data&coord_crs=EPSG:1'), 422, 'PARAMETER_INVALID')
    expectError(await get('/point/11,41?assets=nothing'), 404, 'ASSET_NAME_INVALID')
    expectError(await get('/point/11,41?assets=data%7Cbidx%3D9'), 422, 'BAND_INVALID')
  })
})

describe('an image of a box', () => {
  test('has the files’ resolution, and says where it lies', async () => {
    const answer = await get('/bbox/11,41,12,42.png?assets=data%7Cbidx%3D1&rescale=0,255')
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'image/png',
      'content-bbox': '11,41,12,42',
      'content-crs': '<http://www.opengis.net/def/crs/EPSG/0/4326>',
    })
    const picture = await decode(answer.body)
    expect([picture.width, picture.height]).toEqual([16, 16])
    expect(picture.at(0, 0)).toEqual([16, 16, 16, 255])
    expect(picture.at(15, 15)).toEqual([31, 31, 31, 255])
  })

  test('merges items, and is transparent where there are none', async () => {
    const picture = await image('/bbox/9,40,16,44/112x64.png?assets=data%7Cbidx%3D1&rescale=0,255')
    expect([picture.width, picture.height]).toEqual([112, 64])
    expect(picture.at(5, 5)[3]).toBe(0)
    // Column 0 is nodata.
    expect(picture.at(16, 5)[3]).toBe(0)
    expect(picture.at(17, 5)).toEqual([1, 1, 1, 255])
    expect(picture.at(100, 5)).toEqual([7, 7, 7, 255])
  })

  test('comes in the size and the reference system that are asked for', async () => {
    const [longest, wide] = [
      await image('/bbox/11,41,13,42.png?assets=data%7Cbidx%3D1&rescale=0,255&max_size=8'),
      await image('/bbox/11,41,13,42.png?assets=data%7Cbidx%3D1&rescale=0,255&width=10'),
    ]
    expect([longest.width, longest.height, wide.width, wide.height]).toEqual([8, 4, 10, 5])
    const answer = await get('/bbox/11,41,12,42.png?assets=data%7Cbidx%3D1&rescale=0,255&dst_crs=EPSG:3857')
    expect(answer.headers['content-crs']).toBe('<http://www.opengis.net/def/crs/EPSG/0/3857>')
    expect(
      String(answer.headers['content-bbox'])
        .split(',')
        .map((each) => Math.round(Number(each))),
    ).toEqual([1224514, 5012342, 1335834, 5160979])
  })

  test('that is too large, or none, is refused before it is read', async () => {
    expectError(await get('/bbox/11,41,12,42/5000x10.png?assets=data'), 422, 'PARAMETER_INVALID')
    expectError(await get('/bbox/11,41,12,42.png?assets=data&width=4097'), 422, 'PARAMETER_INVALID')
    expectError(await get('/bbox/12,41,11,42.png?assets=data'), 422, 'PARAMETER_INVALID')
    expectError(await get('/bbox/11,41,12,42.exe?assets=data'), 422, 'PARAMETER_INVALID')
    const huge = await get('/bbox/-170,-80,170,80.png?assets=data%7Cbidx%3D1')
    expect(expectError(huge, 422, 'PARAMETER_INVALID')).toContain('5440 × 2560')
    expect((await get('/bbox/-60,10,-50,20.png?assets=data')).status).toBe(204)
  })
})

describe('an image of a feature', () => {
  const triangle = {
    type: 'Feature',
    properties: { name: 'not looked at' },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [11, 41],
          [12, 41],
          [11, 42],
          [11, 41],
        ],
      ],
    },
  }

  test('shows what the feature touches, and nothing else', async () => {
    const answer = await post('/feature.png?assets=data%7Cbidx%3D1&rescale=0,255', triangle)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    const picture = await decode(answer.body)
    expect([picture.width, picture.height]).toEqual([16, 16])
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) expect(picture.at(x, y)[3], `${x}, ${y}`).toBe(x <= y ? 255 : 0)
    }
    expect(picture.at(3, 9)).toEqual([19, 19, 19, 255])
  })

  test('is kept like the image of a box, whatever the feature’s properties', async () => {
    const [first, second] = [
      await post('/feature/8x8.png?assets=data%7Cbidx%3D1', triangle),
      await post('/feature/8x8.png?assets=data%7Cbidx%3D1', { ...triangle, properties: { other: 1 }, id: 7 }),
    ]
    expect(second.headers['x-cache']).toBe('HIT-REDIS')
    expect(second.body.equals(first.body)).toBe(true)
  })

  test('of too many positions, or of no area, is refused', async () => {
    const ring = Array.from({ length: 5_000 }, (_, k) => [Math.cos(k / 1000), Math.sin(k / 1000)])
    const detailed = { type: 'Feature', geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] } }
    expectError(await post('/feature?assets=data', detailed), 413, 'BODY_TOO_LARGE')
    const point = { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] } }
    expectError(await post('/feature?assets=data', point), 422, 'PARAMETER_INVALID')
    expectError(
      await post('/feature?assets=data', { type: 'FeatureCollection', features: [triangle] }),
      422,
      'PARAMETER_INVALID',
    )
  })
})

describe('statistics', () => {
  const feature = (ring: readonly (readonly number[])[], properties: object | null = null) => ({
    ...{ type: 'Feature', id: 'f', properties },
    geometry: { type: 'Polygon', coordinates: [ring] },
  })
  const square = feature(
    [
      [11, 41],
      [12, 41],
      [12, 42],
      [11, 42],
      [11, 41],
    ],
    { name: 'a field' },
  )

  test('of a feature are in its properties, with the items they come from', async () => {
    const answer = await post('/statistics?assets=data%7Cbidx%3D1&histogram_bins=4&p=50', square)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/geo\+json/)
    const { properties, ...rest } = answer.json<{ properties: { statistics: { b1: Record<string, unknown> } } }>()
    expect(rest).toEqual({ type: 'Feature', id: 'f', geometry: square.geometry })
    expect(properties).toMatchObject({ name: 'a field', used_assets: [`${collection}/grid`] })
    // Columns 16 to 31, sixteen rows of each.
    const { b1 } = properties.statistics
    expect(b1).toEqual({
      ...{ min: 16, max: 31, mean: 23.5, count: 256, sum: 6016, std: expect.closeTo(4.6097722, 6), median: 23 },
      ...{ majority: 16, minority: 16, unique: 16, valid_percent: 100, masked_pixels: 0, valid_pixels: 256 },
      histogram: [
        [64, 64, 64, 64],
        [16, 19.75, 23.5, 27.25, 31],
      ],
      description: 'data_b1',
      percentile_50: 23,
    })
    expect(Object.keys(b1).join(' ')).toBe(
      'min max mean count sum std median majority minority unique histogram valid_percent masked_pixels valid_pixels description percentile_50',
    )
  })

  test('weigh a pixel by the share that the feature covers', async () => {
    const part = feature([
      [11, 41],
      [11.03125, 41],
      [11.03125, 42],
      [11, 42],
      [11, 41],
    ])
    const answer = await post('/statistics?assets=data%7Cbidx%3D1&cover_scale=2', part)
    const { b1 } = answer.json<{ properties: { statistics: { b1: object } } }>().properties.statistics
    expect(b1).toMatchObject({ count: 8, sum: 128, valid_pixels: 16, valid_percent: 100 })
  })

  test('of many features come in their order, and of none at all is 204', async () => {
    const away = feature(square.geometry.coordinates[0]!.map(([x, y]) => [x! - 60, y!]))
    const features = [square, away, square]
    const answer = await post('/statistics?assets=data%7Cbidx%3D1', { type: 'FeatureCollection', features })
    const found = answer.json<{ features: { properties: { statistics: { b1?: { sum: number } } } }[] }>()
    expect(found.features.map(({ properties }) => properties.statistics.b1?.sum)).toEqual([6016, undefined, 6016])
    expect((await post('/statistics?assets=data', away)).status).toBe(204)
  })

  test('of all of an item come from a preview, of a file under its own band numbers', async () => {
    const item = `/collections/${collection}/items/grid`
    const answer = await ask(api, `${item}/statistics?assets=data&max_size=32&categorical=true&c=63&c=2`)
    expect(answer.json()).toMatchObject({
      // Every second column and row, from the second on.
      b1: {
        min: 1,
        max: 63,
        valid_pixels: 1024,
        histogram: [
          [32, 0],
          [63, 2],
        ],
        description: 'data_b1',
      },
      b2: { min: 1, max: 63 },
    })
    const file = await ask(api, `${item}/assets/data/statistics?bidx=2`)
    expect(file.json()).toMatchObject({ b2: { max: 63, masked_pixels: 64, description: 'b2' } })
  })

  test('with parameters that make no sense are refused', async () => {
    for (const query of [
      'p=101',
      'p=2.5',
      'histogram_bins=0',
      'histogram_bins=3,2',
      'cover_scale=0',
      'categorical=maybe',
    ]) {
      expectError(await post(`/statistics?assets=data&${query}`, square), 422, 'PARAMETER_INVALID')
    }
  })
})

describe('an item', () => {
  const item = () => `/collections/${collection}/items/grid`
  const ofItem = (path: string) => ask(api, `${item()}${path}`)

  test('has tiles of its own, and is not found where it is not', async () => {
    // 7/67/47 is longitude 8.4 to 11.25, latitude 40.98 to 43.07.
    const tile = await ofItem('/tiles/WebMercatorQuad/7/67/47.png?assets=data%7Cbidx%3D1&rescale=0,255')
    expect(tile.status, tile.text).toBe(200)
    const picture = await decode(tile.body)
    expect(picture.at(10, 100)[3]).toBe(0)
    expect(picture.at(255, 100)).toEqual([19, 19, 19, 255])
    expectError(await ofItem('/tiles/WebMercatorQuad/7/3/3?assets=data'), 404, 'OUTSIDE_BOUNDS')
    expectError(await ofItem('/tiles/WebMercatorQuad/7/67/47?assets=other'), 404, 'ASSET_NAME_INVALID')
    const unknown = `/collections/${collection}/items/unknown/tiles/WebMercatorQuad/7/67/47?assets=data`
    expectError(await ask(api, unknown), 404, 'ITEM_NOT_FOUND')
  })

  test('shows all of itself in a preview, in its own reference system', async () => {
    const answer = await ofItem('/preview.png?assets=data%7Cbidx%3D2&rescale=0,255')
    expect(answer.headers).toMatchObject({
      'content-bbox': '10,40,14,44',
      'content-crs': '<http://www.opengis.net/def/crs/EPSG/0/4326>',
    })
    const picture = await decode(answer.body)
    expect([picture.width, picture.height, picture.at(9, 50)]).toEqual([64, 64, [50, 50, 50, 255]])
    const small = await decode((await ofItem('/preview/16x8.png?assets=data%7Cbidx%3D1')).body)
    expect([small.width, small.height]).toEqual([16, 8])
  })

  test('answers a point with its own values, a box and a feature with its own image', async () => {
    expect((await ofItem('/point/10.7,43.9?assets=data')).json()).toMatchObject({
      coordinates: [10.7, 43.9],
      values: [11, 1],
    })
    expectError(await ofItem('/point/15,42?assets=data'), 404, 'OUTSIDE_BOUNDS')
    const box = await decode((await ofItem('/bbox/11,41,12,42.png?assets=data%7Cbidx%3D1&rescale=0,255')).body)
    expect(box.at(0, 0)).toEqual([16, 16, 16, 255])
    // Nothing is there: an image of an item is then transparent.
    const away = await decode((await ofItem('/bbox/1,1,2,2/4x4.png?assets=data%7Cbidx%3D1')).body)
    expect(away.at(2, 2)[3]).toBe(0)
  })

  test('has files with bands by bidx', async () => {
    const picture = await decode((await ofItem('/assets/data/preview.png?bidx=2&rescale=0,255')).body)
    expect(picture.at(9, 50)).toEqual([50, 50, 50, 255])
    expect((await ofItem('/assets/data/point/10.7,43.9?bidx=2&bidx=1')).json()).toMatchObject({ values: [1, 11] })
    expectError(await ofItem('/assets/none/preview.png'), 404, 'ASSET_NAME_INVALID')
    const tile = await ofItem('/assets/data/tiles/WebMercatorQuad/7/67/47.png?bidx=1&rescale=0,255')
    expect((await decode(tile.body)).at(255, 100)).toEqual([19, 19, 19, 255])
  })
})

async function image(path: string) {
  const answer = await get(path)
  expect(answer.status, answer.text).toBe(200)
  return decode(answer.body)
}

const post = (path: string, body: object) => ask(api, `/searches/${search}${path}`, { method: 'POST', body })

async function at(position: string): Promise<(number | null)[]> {
  const answer = (await get(`/point/${position}?assets=data`)).json<{ assets: { values: number[] }[] }>()
  return answer.assets[0]?.values ?? []
}

test('nothing of this made a program warn', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})
