import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { colormapNames } from '../../src/request/colormap-names.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { createCollection } from '../support/catalogue.ts'
import { ask, expectError } from '../support/http.ts'
import { metric, type Program, type System, startSystem } from '../support/programs.ts'
import { uniqueName } from '../support/services.ts'

let system: System
let api: Program
let worker: Program
const collection = uniqueName('bad-input-')
let tiles: string

beforeAll(async () => {
  system = await startSystem({ RUN_TILE_LIMIT: '1000' })
  const href = system.tiles.href('never-read.tif')
  await createCollection(system.database, collection, [{ id: 'item', bbox: [0, 0, 11, 11], assets: { rgb: href } }])
  ;[api, worker] = await Promise.all([system.startApi(), system.startWorker()])
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  tiles = `/searches/${registered.json<{ id: string }>().id}/tiles/WebMercatorQuad`
})
afterAll(() => system?.release())

const get = (path: string) => ask(api, path)
const unknownSearch = '0123456789abcdef0123456789abcdef'

/** Runs `use` and expects that no worker got anything to do by it. */
async function withoutWork(use: () => Promise<void>): Promise<void> {
  const jobs = () => metric(worker, 'tilepress_queue_wait_seconds_count')
  const before = await jobs()
  await use()
  expect(await jobs()).toBe(before)
}

describe('what is not there', () => {
  test.each([
    [
      'a search that nobody registered',
      `/searches/${unknownSearch}/tiles/WebMercatorQuad/0/0/0?assets=a`,
      'SEARCH_NOT_FOUND',
    ],
    ['its TileJSON', `/searches/${unknownSearch}/WebMercatorQuad/tilejson.json?assets=a`, 'SEARCH_NOT_FOUND'],
    ['its map', `/searches/${unknownSearch}/WebMercatorQuad/map.html?assets=a`, 'SEARCH_NOT_FOUND'],
    ['its description', `/searches/${unknownSearch}/info`, 'SEARCH_NOT_FOUND'],
    ['a search with an id that none has', '/searches/latest/tiles/WebMercatorQuad/0/0/0?assets=a', 'SEARCH_NOT_FOUND'],
    ['a collection', '/collections/nothing/tiles/WebMercatorQuad/0/0/0?assets=a', 'COLLECTION_NOT_FOUND'],
    [
      'the TileJSON of a collection',
      '/collections/nothing/WebMercatorQuad/tilejson.json?assets=a',
      'COLLECTION_NOT_FOUND',
    ],
    ['the description of a collection', '/collections/nothing/info', 'COLLECTION_NOT_FOUND'],
    ['a tile matrix set', `/searches/${unknownSearch}/tiles/Mars/0/0/0?assets=a`, 'TILE_MATRIX_SET_NOT_FOUND'],
    [
      'a TileJSON of a tile matrix set',
      `/searches/${unknownSearch}/Mars/tilejson.json?assets=a`,
      'TILE_MATRIX_SET_NOT_FOUND',
    ],
    ['a pre-render run', '/prerender-runs/mjuzs000-0a1b2c3d', 'RUN_NOT_FOUND'],
    ['a page', '/nothing', 'ROUTE_NOT_FOUND'],
  ])('%s is a 404', async (_, path, code) => {
    expectError(await get(path), 404, code)
  })

  test('a tile one column or row past the edge is a 404 at every zoom, and one of the last is not', async () => {
    await withoutWork(async () => {
      const { levels } = tileMatrixSets.get('WebMercatorQuad')!
      for (const [z, { matrixWidth, matrixHeight }] of levels.entries()) {
        const column = await get(`${tiles}/${z}/${matrixWidth}/0?assets=rgb`)
        expect(expectError(column, 404, 'TILE_OUTSIDE_MATRIX')).toContain(`columns 0 to ${matrixWidth - 1}`)
        expectError(await get(`${tiles}/${z}/0/${matrixHeight}?assets=rgb`), 404, 'TILE_OUTSIDE_MATRIX')
      }
      const detail = expectError(await get(`${tiles}/${levels.length}/0/0?assets=rgb`), 404, 'TILE_OUTSIDE_MATRIX')
      expect(detail).toContain(`0 to ${levels.length - 1}`)
    })
    expect((await get(`${tiles}/24/16777215/16777215?assets=rgb`)).status).toBe(204)
  })

  test('an asset that an item does not have is a 404 that names those it has', async () => {
    const detail = expectError(await get(`${tiles}/5/16/15?assets=visual`), 404, 'ASSET_NAME_INVALID')
    expect(detail).toContain('visual')
    expect(detail).toContain('rgb')
    system.announce({ code: 'ASSET_NAME_INVALID' })
    system.announce({ code: 'SEARCH_NOT_FOUND' })
    system.announce({ code: 'COLLECTION_NOT_FOUND' })
  })
})

describe('a bad parameter', () => {
  test.each([
    ['', 'assets', 'required'],
    ['assets=', 'assets', '1 to 256'],
    ['assets=rgb|bidx', 'assets', '|name=value'],
    ['assets=rgb|bidx=0', 'bidx', '1 to 32'],
    ['assets=rgb|bidx=1,x', 'bidx', '1 to 32'],
    ['assets=rgb|bidx=', 'bidx', '1 to 32'],
    ['assets=rgb&rescale=5', 'rescale', 'two numbers'],
    ['assets=rgb&rescale=1,2,3', 'rescale', 'two numbers'],
    ['assets=rgb&rescale=a,b', 'rescale', 'two numbers'],
    ['assets=rgb&rescale=0,1e999', 'rescale', 'two numbers'],
    ['assets=rgb&colormap_name=Viridis', 'colormap_name', [...colormapNames].join(', ')],
    ['assets=rgb&colormap_name=__proto__', 'colormap_name', 'viridis'],
    ['assets=rgb&nodata=none', 'nodata', 'nan, inf or -inf'],
    ['assets=rgb&resampling=best', 'resampling', 'nearest, bilinear'],
    ['assets=rgb&reproject=best', 'reproject', 'nearest, bilinear'],
    ['assets=rgb&pixel_selection=any', 'pixel_selection', 'first'],
    ['assets=rgb&tilesize=3000', 'tilesize', '1 to 2048'],
    ['assets=rgb&return_mask=perhaps', 'return_mask', 'true or false'],
    ['assets=rgb&scan_limit=0', 'scan_limit', '1 to 1000000'],
    ['assets=rgb&items_limit=1001', 'items_limit', '1 to 1000'],
    ['assets=rgb&items_limit=-1', 'items_limit', '1 to 1000'],
    ['assets=rgb&time_limit=3600', 'time_limit', '1 to 60'],
    ['assets=rgb&exitwhenfull=2', 'exitwhenfull', 'true or false'],
    ['assets=rgb&skipcovered=', 'skipcovered', 'true or false'],
    ['assets=rgb&algorithm=none', 'algorithm', 'hillshade, slope'],
    ['assets=rgb&algorithm_params=%7B', 'algorithm_params', 'JSON'],
    ['assets=rgb&color_formula=gamma', 'color_formula', 'gamma RGB'],
    ['assets=rgb&algorithm=slope&algorithm_params=%7B%22buffer%22:100%7D', 'algorithm_params', '0 to 99'],
    ['assets=rgb&colormap=%7B', 'colormap', 'JSON'],
    ['assets=rgb&colormap=%7B%221%22:%22red%22%7D', 'colormap', '#RRGGBB'],
    ['assets=rgb&unscale=maybe', 'unscale', 'true or false'],
    ['assets=rgb&buffer=0.3', 'buffer', 'multiple of 0.5'],
    ['assets=rgb&padding=1000', 'padding', '0 to 128'],
  ])('?%s is a 422 that names %s and what it takes', async (query, parameter, allowed) => {
    const detail = expectError(await get(`${tiles}/5/16/15?${query}`), 422, 'PARAMETER_INVALID')
    expect(detail).toMatch(new RegExp(`\\b${parameter}\\b`))
    expect(detail).toContain(allowed)
  })

  test.each(['b1+', 'eval(b1)', 'b1 and b2', '1+1', '(b1'.repeat(99)])('expression %s is a 400', async (expression) => {
    await withoutWork(async () => {
      const whole = await get(`${tiles}/5/16/15?assets=rgb&expression=${encodeURIComponent(expression)}`)
      expectError(whole, 400, 'EXPRESSION_INVALID')
      const asset = encodeURIComponent(`rgb|expression=${expression}`)
      expectError(await get(`${tiles}/5/16/15?assets=${asset}`), 400, 'EXPRESSION_INVALID')
    })
  })

  test.each([
    ['5/16/15.gif', 'format', 'png, jpeg, jpg, webp'],
    ['5/16/15.', 'format', 'png, jpeg, jpg, webp'],
    ['5/16/15.png.png', 'format', 'png, jpeg, jpg, webp'],
    ['-/0/0', 'z', 'whole number'],
    ['5/-1/0', 'x', 'whole number'],
    ['5/1.5/0', 'x', 'whole number'],
    ['5/0/1e1', 'y', 'whole number'],
    ['5/0x1/0', 'x', 'whole number'],
    ['5/99999999999999999999/0', 'x', 'whole number'],
    ['%20/0/0', 'z', 'whole number'],
  ])('in the path %s is a 422 that names %s', async (path, parameter, allowed) => {
    const detail = expectError(await get(`${tiles}/${path}?assets=rgb`), 422, 'PARAMETER_INVALID')
    expect(detail).toMatch(new RegExp(`\\b${parameter}\\b`))
    expect(detail).toContain(allowed)
  })

  test('that is repeated a thousand times is refused before any work', async () => {
    await withoutWork(async () => {
      for (const times of [17, 1_000]) {
        const query = Array.from({ length: times }, () => 'assets=rgb').join('&')
        expectError(await get(`${tiles}/5/16/15?${query}`), 422, 'PARAMETER_INVALID')
      }
      const bands = Array.from({ length: 33 }, (_, index) => index + 1).join(',')
      expectError(await get(`${tiles}/5/16/15?assets=rgb|bidx=${bands}`), 422, 'PARAMETER_INVALID')
      const ranges = 'rescale=0,1&'.repeat(600)
      expectError(await get(`${tiles}/5/16/15?assets=rgb&${ranges}`), 422, 'PARAMETER_INVALID')
    })
  })
})

describe('an odd request', () => {
  test.each(
    [
      '/%00',
      '/..%2f..%2fetc/passwd',
      '/../../etc/passwd',
      '/searches//info',
      '/searches/%00/info',
      '/searches/..%2f..%2fapi/info',
      '/collections/%00/info',
      '/collections/%0d%0aX-Evil:%201/info',
      '/collections/%E2%98%83/info',
      '/collections/%27%3B%20DROP%20TABLE%20items%3B--/info',
      `/collections/${'a'.repeat(5_000)}/info`,
      `/searches/${'f'.repeat(5_000)}/info`,
    ].map((path) => [path.slice(0, 60), path] as const),
  )('for %s is a 404', async (_, path) => {
    const answer = await get(path)
    expectError(answer, 404, answer.json<{ code: string }>().code)
    expect(answer.headers).not.toHaveProperty('x-evil')
  })

  test('with a broken escape in its path is a client’s error', async () => {
    for (const path of ['/%', '/searches/%E0%A4%A/info', '/collections/%ff/info', `${tiles}/5/16/%zz?assets=rgb`]) {
      const answer = await get(path)
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
      expect(answer.status, path).toBeLessThan(500)
      expectError(answer, answer.status, answer.json<{ code: string }>().code)
    }
  })

  test('with broken escapes in its query is answered as any other', async () => {
    expectError(await get(`${tiles}/5/16/15?assets=%ff%00&%E0%A4%A=1`), 404, 'ASSET_NAME_INVALID')
  })

  test('that is too long is refused, and the server goes on', async () => {
    expect((await get(`/${'a'.repeat(20_000)}`)).status).toBe(431)
    expect((await get('/livez')).status).toBe(200)
  })

  test('with a method that is not offered is a 405 that says which are, where there is something, else a 404', async () => {
    const tile = `${tiles}/5/16/15?assets=rgb`
    for (const [method, path] of [
      ['DELETE', tile],
      ['POST', tile],
      ['PUT', '/searches/register'],
      ['GET', '/searches/register'],
      ['PATCH', '/healthz'],
    ] as const) {
      const answer = await ask(api, path, { method })
      expectError(answer, 405, 'METHOD_NOT_ALLOWED')
      expect(answer.headers.allow).toBe(path === '/searches/register' ? 'POST, OPTIONS' : 'GET, HEAD, OPTIONS')
    }
    expectError(await ask(api, '/nothing', { method: 'DELETE' }), 404, 'ROUTE_NOT_FOUND')
  })
})

describe('a body', () => {
  const post = (path: string, body: Buffer | string | object) => ask(api, path, { method: 'POST', body })
  const polygon = {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ],
  }
  const deep = (levels: number): object => (levels === 0 ? {} : { args: [deep(levels - 1)] })

  test.each(['/searches/register', '/prerender-runs'])('of %s that is not JSON is a 422', async (path) => {
    for (const body of ['', '{', 'collections=a', Buffer.from([0xff, 0xfe, 0x00])]) {
      expectError(await post(path, body), 422, 'PARAMETER_INVALID')
    }
  })

  test('that is too large is a 413', async () => {
    for (const path of ['/searches/register', '/prerender-runs']) {
      expectError(await post(path, Buffer.alloc(1_048_577, ' ')), 413, 'BODY_TOO_LARGE')
    }
  })

  test.each<[unknown, string]>([
    ['[]', 'body'],
    ['null', 'body'],
    ['"text"', 'body'],
    [{ collections: 'a' }, 'collections'],
    [{ collections: [1] }, 'collections'],
    [{ ids: [''] }, 'ids'],
    [{ bbox: [0, 0, 1] }, 'bbox'],
    [{ bbox: [10, 0, 1, 1] }, 'bbox'],
    [{ bbox: [0, 0, 1, 91] }, 'bbox'],
    [{ bbox: [0, 0, 1, 1], intersects: polygon }, 'intersects'],
    [{ intersects: { type: 'Circle' } }, 'intersects'],
    [
      {
        intersects: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 1],
            ],
          ],
        },
      },
      'intersects',
    ],
    [{ datetime: 5 }, 'datetime'],
    [{ sortby: [{ field: 'a; DROP TABLE items', direction: 'asc' }] }, 'sortby'],
    [{ sortby: [{ field: 'datetime', direction: 'up' }] }, 'sortby'],
    [{ query: { a: { like: 'x' } } }, 'query'],
    [{ filter: 'a = 1' }, 'filter'],
    [{ 'filter-lang': 'cql-text' }, 'filter-lang'],
    [{ metadata: { minzoom: 9, maxzoom: 3 } }, 'minzoom'],
    [{ metadata: { minzoom: 99 } }, 'minzoom'],
    [{ filter: deep(40) }, 'body'],
  ])('of a search with a wrong member is a 422 that names it: %j', async (body, member) => {
    const detail = expectError(await post('/searches/register', body as object), 422, 'PARAMETER_INVALID')
    expect(detail).toContain(member)
  })

  test('of a search that is longer than any search is a 422', async () => {
    const collections = Array.from({ length: 257 }, String)
    expect(expectError(await post('/searches/register', { collections }), 422, 'PARAMETER_INVALID')).toContain('256')
    const ids = Array.from({ length: 9_000 }, () => 'x'.repeat(50))
    expect(expectError(await post('/searches/register', { ids }), 422, 'PARAMETER_INVALID')).toContain('262144')
  })

  test.each([
    { filter: { op: 'no-such-operator', args: [{ property: 'a' }, 1] } },
    { filter: { op: '=', args: [] } },
    { datetime: 'not a date' },
    { datetime: '2024-13-45T00:00:00Z' },
  ])('of a search that pgSTAC cannot run is a 422: %j', async (body) => {
    const answer = await post('/searches/register', { collections: [collection], ...body })
    expectError(answer, 422, 'SEARCH_INVALID')
  })

  test.each<[object, string]>([
    [{}, 'search'],
    [{ search: unknownSearch, collection }, 'search'],
    [{ collection, zooms: [1], colour: 'red' }, 'colour'],
    [{ collection }, 'minzoom'],
    [{ collection, minzoom: 3, maxzoom: 1 }, 'minzoom'],
    [{ collection, zooms: [31] }, 'zooms'],
    [{ collection, zooms: [1.5] }, 'zooms'],
    [{ collection, zooms: [] }, 'zooms'],
    [{ collection, zooms: [1], bbox: [0, 0, 1] }, 'bbox'],
    [{ collection, zooms: [1], format: 'gif' }, 'format'],
    [{ collection, zooms: [1], parameters: 'rescale=0,1' }, 'assets'],
    [{ collection, zooms: [1], parameters: { assets: ['rgb'], tilesize: 3000 } }, 'tilesize'],
  ])('of a pre-render run with a wrong member is a 422 that names it: %j', async (body, member) => {
    expect(expectError(await post('/prerender-runs', body), 422, 'PARAMETER_INVALID')).toContain(member)
  })

  test('of a pre-render run over nothing known, or over too much, is refused', async () => {
    const run = { zooms: [1], parameters: { assets: 'rgb' } }
    expectError(await post('/prerender-runs', { search: unknownSearch, ...run }), 404, 'SEARCH_NOT_FOUND')
    expectError(await post('/prerender-runs', { collection: 'nothing', ...run }), 404, 'COLLECTION_NOT_FOUND')
    const large = { collection, ...run, zooms: [12], bbox: [-180, -85, 180, 85] }
    expect(expectError(await post('/prerender-runs', large), 422, 'RUN_TOO_LARGE')).toContain('1000')
    expect((await get('/prerender-runs')).json()).toEqual({ runs: [] })
  })
})

test('a page of another site may not run a script through us', async () => {
  const listener = createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  await new Promise((resolve) => listener.close(resolve))
  const evil = `http://127.0.0.1:${port}/x`
  const { headers, text } = await ask(
    api,
    `${tiles.replace('/tiles', '')}/map.html?assets=rgb&x=%3C/script%3E%3Cscript%20src=${evil}%3E`,
  )
  expect(headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+'/)
  expect(text).not.toContain('<script src=http')
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})
