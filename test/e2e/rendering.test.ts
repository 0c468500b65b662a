import gdal from 'gdal-async'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, decode, expectError } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { uniqueName } from '../support/services.ts'
import { column, createTwoAccounts, row } from '../support/two-accounts.ts'

let system: System
let api: Program
let search: string

beforeAll(async () => {
  system = await startSystem()
  const collection = uniqueName('rendering-')
  await createTwoAccounts(system.database, collection)
  ;[api] = await Promise.all([system.startApi(), system.startWorker()])
  const answer = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  search = answer.json<{ id: string }>().id
})
afterAll(() => system?.release())

type Query = Readonly<Record<string, string>>

const get = (query: Query, ending = '.png', tile = '5/16/15') =>
  ask(api, `/searches/${search}/tiles/WebMercatorQuad/${tile}${ending}?${new URLSearchParams(query)}`)

/** Pixels where only the west item is, both are, only the east one is; `north`: in the west item's rows of nodata. */
async function pixels(query: Query, ending = '.png') {
  const answer = await get(query, ending)
  expect(answer.status, answer.text).toBe(200)
  const { at } = await decode(answer.body)
  return {
    west: at(column.west, row.south),
    overlap: at(column.overlap, row.south),
    east: at(column.east, row.south),
    north: at(column.west, row.north),
  }
}

/** Bands × rows × columns of a .npy answer: its type and a band's sample. */
async function array(query: Query) {
  const { status, text, body, headers } = await get(query, '.npy')
  expect(status, text).toBe(200)
  expect(headers['content-type']).toBe('application/x-binary')
  const header = body.subarray(0, body.indexOf('\n') + 1).toString('latin1')
  const [, type = '', shape = ''] = /'descr': '(\S+)'.*'shape': \((.*?)\)/.exec(header) ?? []
  const bytes = new Uint8Array(body.subarray(header.length))
  const types: Record<string, (buffer: ArrayBuffer) => ArrayLike<number>> = {
    '|u1': (buffer) => new Uint8Array(buffer),
    '<u2': (buffer) => new Uint16Array(buffer),
    '<f8': (buffer) => new Float64Array(buffer),
  }
  const samples = types[type]!(bytes.buffer)
  return { type, shape, sample: (band: number, x: number, y: number) => samples[(band * 256 + y) * 256 + x] }
}

const gray = (value: number) => [value, value, value, 255]

describe('a pixel selection', () => {
  test.each([
    ['highest', 10, 110],
    ['lowest', 10, 10],
    ['mean', 10, 60],
    ['median', 10, 60],
    ['count', 1, 2],
  ])('%s merges what overlaps', async (name, alone, both) => {
    const query = { assets: 'rgb|bidx=1', pixel_selection: name }
    expect(await pixels(query)).toMatchObject({ west: gray(alone), overlap: gray(both) })
  })

  test('stdev is of doubles', async () => {
    const { type, sample } = await array({ assets: 'rgb|bidx=1', pixel_selection: 'stdev' })
    expect([type, sample(0, column.overlap, row.south), sample(0, column.west, row.south)]).toEqual(['<f8', 50, 0])
  })

  test('by the last band takes the other bands of the item that has the highest', async () => {
    expect(await pixels({ assets: 'rgb|bidx=1,1,1,3', pixel_selection: 'lastbandhigh' })).toMatchObject({
      overlap: gray(110),
    })
    expect(await pixels({ assets: 'rgb|bidx=1,1,1,3', pixel_selection: 'lastbandlow' })).toMatchObject({
      overlap: gray(10),
    })
    const alone = { assets: 'rgb|bidx=1', pixel_selection: 'lastbandlow' }
    expectError(await get(alone), 422, 'RASTER_SHAPE_INVALID')
  })
})

describe('colours', () => {
  test('are adjusted by a color formula after they are stretched', async () => {
    const { west } = await pixels({ assets: 'dn', rescale: '0,3000', color_formula: 'gamma r 2' })
    expect(west).toEqual(gray(179))
    expectError(await get({ assets: 'dn', color_formula: 'gamma b 2' }), 422, 'RASTER_SHAPE_INVALID')
  })

  test('are those of a value, with their alpha; what has none is transparent', async () => {
    const colormap = JSON.stringify({ '1500': '#ff000080' })
    expect(await pixels({ assets: 'dn', colormap })).toEqual({
      west: [255, 0, 0, 128],
      overlap: [255, 0, 0, 128],
      east: [0, 0, 0, 0],
      north: [0, 0, 0, 0],
    })
    const automatic = await get({ assets: 'dn', colormap }, '')
    expect(automatic.headers['content-type']).toBe('image/png')
  })

  test('are those of an interval', async () => {
    const colormap = JSON.stringify([
      [[0, 3000], '#0f0'],
      [
        [3000, 3001],
        [1, 2, 3],
      ],
    ])
    expect(await pixels({ assets: 'dn', colormap })).toMatchObject({ west: [0, 255, 0, 255], east: [1, 2, 3, 255] })
  })
})

describe('an algorithm', () => {
  test('comes before the stretching', async () => {
    const query = { assets: 'rgb', algorithm: 'max', rescale: '0,60' }
    expect(await pixels(query)).toMatchObject({ west: gray(127), east: gray(255) })
  })

  test('takes its parameters, and cuts its buffer off', async () => {
    const slope = await get({ assets: 'dn', algorithm: 'slope', algorithm_params: '{"buffer": 8}', rescale: '0,90' })
    expect(slope.status, slope.text).toBe(200)
    expect(await decode(slope.body)).toMatchObject({ width: 240, height: 240 })
  })

  test('of the wrong bands is the request’s fault', async () => {
    expectError(await get({ assets: 'rgb', algorithm: 'contours' }), 422, 'RASTER_SHAPE_INVALID')
  })
})

describe('the format', () => {
  test('npy holds every sample in its type, and the mask', async () => {
    const { type, shape, sample } = await array({ assets: 'dn' })
    expect([type, shape]).toEqual(['<u2', '2, 256, 256'])
    expect([sample(0, column.west, row.south), sample(1, column.west, row.south)]).toEqual([1500, 65535])
    expect(sample(1, column.west, row.north)).toBe(0)
    expect((await array({ assets: 'dn', return_mask: 'false' })).shape).toBe('1, 256, 256')
  })

  test.each(['.tif', '.tiff'])('%s holds them with their place', async (ending) => {
    const answer = await get({ assets: 'dn' }, ending)
    expect(answer.headers['content-type']).toBe('image/tiff; application=geotiff')
    const path = `/vsimem/answer${ending}`
    gdal.vsimem.set(answer.body, path)
    const dataset = gdal.open(path)
    expect(dataset.bands.get(1).dataType).toBe('UInt16')
    expect(dataset.bands.get(1).pixels.get(column.east, row.south)).toBe(3000)
    expect(dataset.bands.get(2).colorInterpretation).toBe('Alpha')
    expect(dataset.geoTransform?.[1]).toBeCloseTo(4891.96981, 4)
    expect(dataset.srs?.toWKT()).toContain('3857')
    dataset.close()
    gdal.vsimem.release(path)
  })

  test('pngraw is never stretched', async () => {
    const raw = await get({ assets: 'dn' }, '.pngraw')
    expect([raw.headers['content-type'], raw.body[24]]).toEqual(['image/png', 16])
    const floats = { assets: 'dn', algorithm: 'mean' }
    expectError(await get(floats, '.pngraw'), 422, 'FORMAT_INVALID')
  })

  test('avif is small, near, and keeps transparency', async () => {
    const answer = await get({ assets: 'dn', rescale: '0,3000' }, '.avif')
    expect(answer.headers['content-type']).toBe('image/avif')
    const { data, info } = await sharp(answer.body).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)]
    expect(Math.abs(at(column.west, row.south)[0]! - 127)).toBeLessThan(4)
    expect([at(column.west, row.south)[3], at(column.west, row.north)[3]]).toEqual([255, 0])
  })

  test('that can’t hold the bands says so, and which it holds', async () => {
    const answer = await get({ assets: 'rgb|bidx=1,2' })
    expect(expectError(answer, 422, 'FORMAT_INVALID')).toContain('one or three bands with a mask')
  })
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})
