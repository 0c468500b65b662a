import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../apps/api/app.ts'
import { createRoutes, type RouteParts } from '../../apps/api/routes.ts'
import { createApiMetrics } from '../../src/metrics.ts'
import { colormapNames } from '../../src/render/colormap.ts'
import { algorithmNames } from '../../src/request/algorithm-table.ts'
import { ask } from '../support/http.ts'

let server: Server
let api: { url: string }

beforeAll(async () => {
  // The routes asked here need no part but the address.
  const routes = createRoutes({ publicUrl: 'https://tiles.example/' } as RouteParts)
  const log = pino({ level: 'silent' })
  const app = createApi({
    routes,
    metrics: createApiMetrics(),
    log,
    authorizeWrite: () => undefined,
    trustProxy: false,
  })
  server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  api = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})
afterAll(() => {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
})

interface Listed {
  readonly id: string
  readonly links: readonly { readonly href: string }[]
}

describe('the algorithms', () => {
  test('are listed with their addresses', async () => {
    const { algorithms } = (await ask(api, '/algorithms')).json<{ algorithms: Listed[] }>()
    expect(algorithms.map(({ id }) => id)).toEqual(algorithmNames)
    expect(algorithms[0]).toEqual({
      id: 'hillshade',
      links: [
        {
          href: 'https://tiles.example/algorithms/hillshade',
          rel: 'item',
          type: 'application/json',
          title: 'Definition of hillshade Algorithm',
        },
      ],
    })
  })

  test('are described each, parameters as JSON Schema', async () => {
    for (const name of algorithmNames) expect((await ask(api, `/algorithms/${name}`)).status).toBe(200)
    expect((await ask(api, '/algorithms/slope')).json()).toEqual({
      title: 'Slope',
      description: 'Steepness of heights, in degrees',
      inputs: { nbands: 1 },
      outputs: { nbands: 1, dtype: 'float32', min: [0], max: [90] },
      parameters: {
        buffer: { title: 'Buffer', type: 'integer', default: 3, minimum: 0, maximum: 99 },
        z_exaggeration: { title: 'Z Exaggeration', type: 'number', default: 1, minimum: 1e-6, maximum: 1e6 },
      },
    })
    expect((await ask(api, '/algorithms/terrarium')).json()).toMatchObject({
      parameters: {
        nodata_height: {
          default: null,
          anyOf: [{ type: 'number', minimum: -99999, maximum: 99999 }, { type: 'null' }],
        },
      },
    })
  })

  test('have no other name', async () => {
    const answer = await ask(api, '/algorithms/toString')
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([422, 'PARAMETER_INVALID'])
  })
})

describe('the colormaps', () => {
  test('are listed with their addresses', async () => {
    const { colormaps } = (await ask(api, '/colorMaps')).json<{ colormaps: Listed[] }>()
    expect(colormaps.map(({ id }) => id)).toEqual(colormapNames)
    expect(colormaps[0]?.links[0]?.href).toBe(`https://tiles.example/colorMaps/${colormapNames[0]}`)
  })

  test('are 256 colours each', async () => {
    const colors = (await ask(api, '/colorMaps/viridis')).json<Record<string, number[]>>()
    expect(Object.keys(colors)).toEqual(Array.from({ length: 256 }, (_, index) => String(index)))
    expect([colors['0'], colors['255']]).toEqual([
      [68, 1, 84, 255],
      [253, 231, 36, 255],
    ])
  })

  test.each([
    ['', 256, 20],
    ['&orientation=vertical', 20, 256],
    ['&width=100&height=7', 100, 7],
  ])('are images with f=png%s', async (query, width, height) => {
    const answer = await ask(api, `/colorMaps/viridis?f=png${query}`)
    expect(answer.headers['content-type']).toBe('image/png')
    expect(await sharp(answer.body).metadata()).toMatchObject({ width, height })
  })

  test.each([
    ['/colorMaps/nope', 'colormap'],
    ['/colorMaps/viridis?f=gif', 'f'],
    ['/colorMaps/viridis?f=png&width=0', 'width'],
    ['/colorMaps/viridis?f=png&height=1025', 'height'],
    ['/colorMaps/viridis?f=png&orientation=up', 'orientation'],
  ])('%s is refused by the name of what is wrong', async (path, parameter) => {
    const answer = await ask(api, path)
    expect(answer.status).toBe(422)
    expect(answer.json<{ detail: string }>().detail).toMatch(`parameter ${parameter} takes`)
  })
})
