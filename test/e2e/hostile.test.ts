import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { type Answer, ask, expectError, type Question } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

/** What somebody sends who wants to see the service fall over, of the started programs: refused as the client's fault, soon, by code. */

let system: System
let api: Program
let worker: Program
const collection = uniqueName('hostile-')
let search: string

/** 64 × 64 pixels of 1/16 degree. */
const bounds = [10, 40, 14, 44] as const

beforeAll(async () => {
  system = await startSystem()
  const container = await createContainer()
  await container.upload('grid.tif', makeCog({ bounds, bands: [(x) => x, (_, y) => y, 7, 9], type: 'UInt16' }))
  await createCollection(system.database, collection, [
    { id: 'grid', bbox: bounds, assets: { data: container.href('grid.tif') } },
  ])
  ;[api, worker] = await Promise.all([system.startApi(), system.startWorker()])
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  search = registered.json<{ id: string }>().id
})
afterAll(() => system?.release())

const item = () => `/collections/${collection}/items/grid`
const mosaic = () => `/searches/${search}`

/** Long on a busy machine; what is not bounded takes longer. */
const SOON_MS = 10_000

async function askSoon(path: string, question: Question = {}): Promise<Answer> {
  const started = performance.now()
  const answer = await ask(api, path, question)
  expect(performance.now() - started, path.slice(0, 100)).toBeLessThan(SOON_MS)
  return answer
}

/** An answer that blames the client, or one that has nothing to show. */
async function expectNoFault(path: string, question: Question = {}): Promise<Answer> {
  const answer = await askSoon(path, question)
  const what = `${path.slice(0, 120)} ${answer.status} ${answer.text.slice(0, 200)}`
  expect(answer.status, what).toBeLessThan(500)
  expect(answer.headers, what).not.toHaveProperty('x-evil')
  return answer
}

const feature = (coordinates: unknown, type = 'Polygon', properties: unknown = {}) => ({
  method: 'POST',
  body: { type: 'Feature', properties, geometry: { type, coordinates } },
})

describe('numbers', () => {
  const places = [
    ['1e308,1e308', '-1e308,-1e308,1e308,1e308'],
    ['-1e308,0', '-1e308,0,-1e307,1'],
    ['181,91', '179,-89,541,91'],
    ['1e-320,0', '11,41,11.00000000001,41.00000000001'],
    ['-180,-90', '-180,-90,180,90'],
    ['9007199254740993,0', '-9007199254740993,-1,9007199254740993,1'],
  ] as const

  test.each(places)('as large or as small as they come are no fault of the server: %s', async (point, box) => {
    for (const root of [mosaic(), item()]) {
      for (const crs of ['EPSG:4326', 'EPSG:3857', 'EPSG:32633', 'EPSG:3031', 'OGC:CRS84']) {
        await expectNoFault(`${root}/point/${point}?assets=data&coord_crs=${crs}`)
        await expectNoFault(`${root}/bbox/${box}.png?assets=data%7Cbidx=1&max_size=64&coord_crs=${crs}`)
        await expectNoFault(`${root}/bbox/${box}/16x16.png?assets=data%7Cbidx=1&coord_crs=${crs}&dst_crs=EPSG:3857`)
      }
    }
  })

  test.each([
    'NaN,NaN',
    'inf,0',
    '1e999,0',
    '0,1e999',
    '',
    ',',
    '1',
    '1,2,3',
    '1,2,',
    '0x1,0',
    '１,２',
    '1;2',
    '1_0,0',
  ])('that are none are refused: point %s', async (point) => {
    const answer = await expectNoFault(`${item()}/point/${encodeURIComponent(point)}?assets=data`)
    expect([404, 422]).toContain(answer.status)
  })

  test.each([
    ['0,0,0,0', ''],
    ['2,0,1,1', ''],
    [Array(4_000).fill('1').join(','), ''],
    ['1,2,3,4', '/0x0.png'],
    ['1,2,3,4', '/-1x10.png'],
    ['1,2,3,4', '/4097x1.png'],
    ['1,2,3,4', '/99999999999x1.png'],
    ['1,2,3,4', '/10x10.exe'],
    ['1,2,3,4', '/10x10'],
  ])('of a box that is none are refused: %s%s', async (box, size) => {
    const path = size === '' ? `${box}.png` : `${box}${size}`
    expectError(await askSoon(`${mosaic()}/bbox/${path}?assets=data`), 422, 'PARAMETER_INVALID')
  })

  test.each(['z', 'x', 'y'] as const)('of a tile beyond every integer are refused: %s', async (which) => {
    for (const number of [
      '2147483648',
      '4294967296',
      '9007199254740993',
      '99999999999999999999999',
      '-1',
      '1e3',
      '0x10',
      '٣',
      '+1',
      'NaN',
    ]) {
      const tile = { z: '5', x: '17', y: '11' }
      tile[which] = encodeURIComponent(number)
      const { z, x, y } = tile
      for (const root of [mosaic(), item(), `${item()}/assets/data`]) {
        const answer = await expectNoFault(`${root}/tiles/WebMercatorQuad/${z}/${x}/${y}?assets=data`)
        expect([404, 422], number).toContain(answer.status)
      }
    }
  })
})

describe('an image', () => {
  test('of more samples than a worker holds is refused before they are read', async () => {
    const many = Array(16)
      .fill(`assets=data%7Cbidx=${Array(32).fill(1).join(',')}`)
      .join('&')
    const paths = [
      `${mosaic()}/tiles/WebMercatorQuad/5/17/11.tif?tilesize=2048&${many}`,
      `${item()}/tiles/WebMercatorQuad/5/17/11.npy?tilesize=2048&${many}`,
      `${mosaic()}/bbox/10,40,14,44/4096x4096.tif?${many}`,
      `${item()}/preview/4096x4096.tif?${Array(16).fill('assets=data').join('&')}`,
      `${item()}/statistics?width=4096&height=4096&${Array(16).fill('assets=data').join('&')}`,
    ]
    for (const path of paths) {
      const detail = expectError(await askSoon(path), 422, 'PARAMETER_INVALID')
      expect(detail).toContain('bands')
    }
  })

  test('of an odd place is one, or none', async () => {
    for (const path of [
      '/tiles/WebMercatorQuad/30/0/0.png',
      '/tiles/CDB1GlobalGrid/-10/0/0.png',
      '/tiles/GNOSISGlobalGrid/28/0/0.png',
      '/tiles/UPSAntarcticWGS84Quad/0/0/0.png',
      '/tiles/WebMercatorQuad/5/17/11.png&',
      '/tiles/WebMercatorQuad/5/17/11.png%00',
      '/tiles/..%2f..%2fetc%2fpasswd/0/0/0',
      '/tiles/__proto__/0/0/0',
      '/tiles/constructor/0/0/0',
      '/%2e%2e/tilejson.json',
      '/__proto__/tilejson.json',
      '/toString/map.html',
    ]) {
      await expectNoFault(`${mosaic()}${path}?assets=data%7Cbidx=1`)
      await expectNoFault(`${item()}${path}?assets=data%7Cbidx=1`)
    }
  })

  test('with a formula that costs much for nothing is refused or drawn', async () => {
    const tile = `${mosaic()}/tiles/WebMercatorQuad/5/17/11.npy`
    for (const expression of [
      'b1'.repeat(2_000),
      `${'('.repeat(500)}b1${')'.repeat(500)}`,
      `${'-'.repeat(3_000)}b1`,
      `b1${'+b1'.repeat(1_000)}`,
      `b1${'**9'.repeat(60)}`,
      `b1*${'9'.repeat(4_000)}`,
      'b1;'.repeat(1_000),
      'b1*1e308*1e308-b1*1e308*1e308',
      'b1//0;b1%0;b1/0',
      'b65535',
      `where(${'b1,'.repeat(500)}b1)`,
      'import os',
      '__import__("os")',
      'b1.__class__',
      'b1[0]',
      'lambda: b1',
      'b1\0b2',
    ]) {
      await expectNoFault(`${tile}?assets=data&expression=${encodeURIComponent(expression)}`)
    }
  })

  test('with the same parameter thousands of times is refused', async () => {
    for (const [name, value] of [
      ['assets', 'data'],
      ['rescale', '0,1'],
      ['p', '5'],
      ['c', '1'],
      ['bidx', '1'],
      ['zooms', '*::0,1'],
      ['x', ''],
    ] as const) {
      const query = Array(Math.floor(12_000 / (name.length + value.length + 2)))
        .fill(`${name}=${value}`)
        .join('&')
      for (const path of [
        '/statistics',
        '/preview.png',
        '/WMTSCapabilities.xml',
        '/WebMercatorQuad/tilejson.json',
        '/info',
      ])
        await expectNoFault(`${item()}${path}?assets=data&${query}`)
      await expectNoFault(`${item()}/assets/data/preview.png?${query}`)
      await expectNoFault(`/searches?${query}`)
    }
  })
})

describe('a geometry', () => {
  const paths = () => [
    `${item()}/statistics?assets=data`,
    `${mosaic()}/feature.png?assets=data%7Cbidx=1&max_size=64`,
    `${mosaic()}/statistics?assets=data&max_size=64`,
  ]
  const ring = (count: number, at: (turn: number) => readonly [number, number]) => {
    const positions = Array.from({ length: count }, (_, index) => at((2 * Math.PI * index) / count))
    return [...positions, positions[0]]
  }

  test('that crosses itself, the antimeridian or the pole, or has no size, is no fault of the server', async () => {
    const star = ring(101, (turn) => [12 + 2 * Math.cos(50 * turn), 42 + 2 * Math.sin(50 * turn)])
    const shapes = [
      [
        [
          [10, 40],
          [14, 44],
          [14, 40],
          [10, 44],
          [10, 40],
        ],
      ],
      [star],
      [
        [
          [170, 40],
          [190, 40],
          [190, 44],
          [170, 44],
          [170, 40],
        ],
      ],
      [
        [
          [179, 80],
          [-179, 80],
          [-179, 89],
          [179, 89],
          [179, 80],
        ],
      ],
      [
        [
          [-180, -90],
          [180, -90],
          [180, 90],
          [-180, 90],
          [-180, -90],
        ],
      ],
      [
        [
          [12, 42],
          [12, 42],
          [12, 42],
          [12, 42],
        ],
      ],
      [
        [
          [12, 42],
          [13, 42],
          [14, 42],
          [12, 42],
        ],
      ],
      [
        [
          [-1e308, -1e308],
          [1e308, -1e308],
          [1e308, 1e308],
          [-1e308, -1e308],
        ],
      ],
      [
        [
          [12, 42],
          [12.0000000001, 42],
          [12, 42.0000000001],
          [12, 42],
        ],
      ],
      Array(500).fill([
        [11, 41],
        [12, 41],
        [12, 42],
        [11, 41],
      ]),
      Array(40).fill(star.map((position) => position?.map((degree) => Math.round(degree * 100) / 100))),
    ]
    for (const path of paths()) {
      for (const shape of shapes) {
        const answer = await expectNoFault(path, feature(shape))
        expect([200, 204, 404, 413, 422]).toContain(answer.status)
      }
      const projected = await expectNoFault(
        `${path}&coord_crs=EPSG:3857`,
        feature([
          [
            [-1e9, 0],
            [1e9, 0],
            [0, 1e9],
            [-1e9, 0],
          ],
        ]),
      )
      expect([200, 204, 404, 422]).toContain(projected.status)
    }
  })

  test('of a hundred thousand corners is refused by its size', async () => {
    for (const path of paths()) {
      const many = ring(40_000, (turn) => [
        Math.round(1e3 * Math.cos(turn)) / 1e3,
        Math.round(1e3 * Math.sin(turn)) / 1e3,
      ])
      expectError(await askSoon(path, feature([many])), 413, 'BODY_TOO_LARGE')
      const more = ring(100_000, (turn) => [12 + Math.cos(turn), 42 + Math.sin(turn)])
      expectError(await askSoon(path, feature([more])), 413, 'BODY_TOO_LARGE')
    }
  })

  test('that is none is refused', async () => {
    const post = (path: string, body: unknown) => askSoon(path, { method: 'POST', body: JSON.stringify(body) })
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
    for (const body of [
      null,
      1,
      'Feature',
      [],
      {},
      { type: 'Feature' },
      { type: 'Feature', geometry: null },
      { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] } },
      { type: 'Feature', geometry: { type: 'Polygon', coordinates: nested(60) } },
      { type: 'Feature', geometry: { type: 'Polygon', coordinates: { length: 4, 0: 1 } } },
      {
        type: 'Feature',
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 0],
              ['1', 1],
              [0, 0],
            ],
          ],
        },
      },
      { type: 'FeatureCollection', features: [] },
      { type: 'FeatureCollection', features: {} },
      { type: 'FeatureCollection', features: [null] },
    ]) {
      for (const path of paths()) expectError(await post(path, body), 422, 'PARAMETER_INVALID')
    }
    const one = feature([
      [
        [11, 41],
        [12, 41],
        [12, 42],
        [11, 41],
      ],
    ]).body
    const features = { type: 'FeatureCollection', features: Array(257).fill(one) }
    expectError(await post(`${mosaic()}/statistics?assets=data`, features), 413, 'BODY_TOO_LARGE')
  })
})

describe('a body', () => {
  const triangle = [
    [
      [11, 41],
      [12, 41],
      [12, 42],
      [11, 41],
    ],
  ]

  test('of hundreds of thousands of levels is refused', async () => {
    for (const text of ['['.repeat(900_000), `{"a":`.repeat(150_000), `${'['.repeat(400_000)}${']'.repeat(400_000)}`]) {
      for (const path of ['/searches/register', '/prerender-runs', `${mosaic()}/statistics?assets=data`])
        expectError(await askSoon(path, { method: 'POST', body: text }), 422, 'PARAMETER_INVALID')
    }
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const body = `{"type":"Feature","properties":{"deep":${deep}},"geometry":{"type":"Polygon","coordinates":${JSON.stringify(triangle)}}}`
    expectError(await askSoon(`${mosaic()}/statistics?assets=data`, { method: 'POST', body }), 422, 'PARAMETER_INVALID')
  })

  test('with members of every object’s prototype is taken for what it is', async () => {
    const body = `{"type":"Feature","__proto__":{"polluted":1},"properties":{"__proto__":{"polluted":2},"constructor":3},"geometry":{"type":"Polygon","coordinates":${JSON.stringify(triangle)}}}`
    const answer = await askSoon(`${mosaic()}/statistics?assets=data&max_size=8`, { method: 'POST', body })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json<{ properties: object }>().properties).toMatchObject({ constructor: 3, statistics: { b1: {} } })
    const polluted = encodeURIComponent('{"__proto__":{"polluted":1},"1":"#fff"}')
    for (const parameter of ['colormap', 'algorithm_params', 'query'])
      await expectNoFault(
        `/collections/${collection}/tiles/WebMercatorQuad/5/17/11.png?assets=data%7Cbidx=1&${parameter}=${polluted}`,
      )
    const cql = encodeURIComponent('{"op":"=","args":[{"property":"__proto__"},1],"__proto__":{"polluted":1}}')
    await expectNoFault(
      `/collections/${collection}/tiles/WebMercatorQuad/5/17/11.png?assets=data%7Cbidx=1&filter-lang=cql2-json&filter=${cql}`,
    )
    await expectNoFault('/searches/register', {
      method: 'POST',
      body: `{"collections":["${collection}"],"__proto__":{"bbox":[0,0,1,1]},"metadata":{"__proto__":{"minzoom":99},"constructor":1}}`,
    })
    expect((await ask(api, `${mosaic()}/info`)).json()).not.toHaveProperty('polluted')
  })

  test('of hundreds of megabytes is refused without being read', async () => {
    for (const length of ['', 'Content-Length: 524288000\r\n']) {
      const { status, sent } = await sendWithoutEnd('/searches/register', length)
      expect(status).toBe(413)
      expect(sent).toBeLessThan(64 * 2 ** 20)
    }
  })

  /** Sends a body until an answer comes or the connection is closed. */
  function sendWithoutEnd(path: string, length: string): Promise<{ status: number; sent: number }> {
    const { hostname, port } = new URL(api.url)
    const chunk = Buffer.alloc(65_536, ' ')
    const socket = connect(Number(port), hostname)
    let [sent, received] = [0, '']
    return new Promise((resolve, reject) => {
      const done = () => {
        socket.destroy()
        resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1]), sent })
      }
      const send = () => {
        while (!socket.destroyed && sent < 500 * 2 ** 20) {
          sent += chunk.length
          const framed = length === '' ? Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]) : chunk
          if (!socket.write(framed)) return socket.once('drain', send)
        }
        return undefined
      }
      socket.setTimeout(SOON_MS, () => reject(new Error('no answer')))
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1')
        done()
      })
      socket.on('error', () => (received === '' ? reject(new Error('closed without an answer')) : done()))
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${length || 'Transfer-Encoding: chunked\r\n'}\r\n`,
      )
      send()
    })
  }
})

describe('a header', () => {
  test('is never made of what the client says', async () => {
    const evil = encodeURIComponent('EPSG:4326\r\nX-Evil: 1')
    for (const path of [
      `${item()}/preview.png?assets=data&dst_crs=${evil}`,
      `${item()}/bbox/10,40,14,44.png?assets=data&coord_crs=${evil}`,
      `${item()}/info.geojson?assets=data&crs=${evil}`,
      `${item()}/tiles?crs=${evil}`,
      `${item()}/renders/%0d%0aX-Evil:%201`,
      `${item()}/assets/%0d%0aX-Evil:%201/info`,
      `/collections/${collection}/items/%0d%0aX-Evil:%201/info`,
      `${mosaic()}/tiles/WebMercatorQuad/5/17/11.png%0d%0aX-Evil:%201?assets=data`,
      '/colorMaps/viridis%0d%0aX-Evil:%201',
      '/algorithms/%0d%0aX-Evil:%201',
    ]) {
      const answer = await expectNoFault(path)
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
    }
  })

  test('of the client’s making breaks out of no document', async () => {
    const headers = {
      host: 'evil"><script>alert(1)</script>',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'javascript',
    }
    for (const path of [
      '/',
      '/docs',
      '/api',
      `${mosaic()}/WebMercatorQuad/map.html?assets=data`,
      `${mosaic()}/WMTSCapabilities.xml?assets=data`,
      `${mosaic()}/info`,
    ]) {
      const answer = await askSoon(path, { headers })
      expect(answer.status, path).toBeLessThan(500)
      if (/html|xml/.test(String(answer.headers['content-type']))) expect(answer.text).not.toContain('<script>alert')
      expect(answer.text).not.toContain('evil.example')
    }
  })

  test('of If-None-Match as long as may be is read at once', async () => {
    const tag = `${'W/"a",'.repeat(2_000)}"`
    await expectNoFault(`${mosaic()}/tiles/WebMercatorQuad/5/17/11.png?assets=data%7Cbidx=1`, {
      headers: { 'if-none-match': tag },
    })
  })
})

describe('an id', () => {
  const ids = [
    '../../etc/passwd',
    '..%2f..',
    '%00',
    '☃'.repeat(85),
    '😀'.repeat(60),
    "'; DROP TABLE items; --",
    '{{7*7}}',
    '*',
    '%',
    '_',
    '.',
    '..',
    '~',
    '__proto__',
    'a'.repeat(256),
    '�',
  ]

  test.each(ids)('%s is looked for and not found', async (id) => {
    const name = id.startsWith('%') || id.includes('%2f') ? id : encodeURIComponent(id)
    for (const path of [
      `/searches/${name}/info`,
      `/collections/${name}/tiles/WebMercatorQuad/5/17/11.png?assets=data`,
      `/collections/${collection}/items/${name}/tiles/WebMercatorQuad/5/17/11.png?assets=data`,
      `${item()}/assets/${name}/tiles/WebMercatorQuad/5/17/11.png`,
      `${item()}/assets/${name}/${name}/tilejson.json`,
      `${item()}/renders/${name}`,
      `/prerender-runs/${name}`,
      `/assets/${name}`,
      `/tileMatrixSets/${name}`,
    ]) {
      const answer = await expectNoFault(path)
      expect([400, 404, 422], `${path} ${answer.text}`).toContain(answer.status)
    }
  })
})

test('after all this both programs are as they were, and the cache is whole', async () => {
  expect(worker.isAlive()).toBe(true)
  const tile = await ask(api, `${mosaic()}/tiles/WebMercatorQuad/5/17/11.png?assets=data%7Cbidx=1&rescale=0,64`)
  expect(tile.status, tile.text).toBe(200)
  const health = (await ask(api, '/healthz')).json<{ status: string; cache_tiers: object }>()
  expect(health, JSON.stringify(health)).toMatchObject({ status: 'healthy' })
  for (const code of [
    'PARAMETER_INVALID',
    'ASSET_NAME_INVALID',
    'EXPRESSION_INVALID',
    'FORMAT_INVALID',
    'BAND_INVALID',
    'ITEM_NOT_FOUND',
    'OUTSIDE_BOUNDS',
    'COLLECTION_NOT_FOUND',
    'SEARCH_NOT_FOUND',
  ])
    system.announce({ code })
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})
