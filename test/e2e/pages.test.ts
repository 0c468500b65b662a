import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  emptyParameter,
  imageParameters,
  itemFilterParameters,
  tileJsonParameters,
} from '../../apps/api/parameter-docs.ts'
import { errorTable } from '../../src/errors.ts'
import { ask, expectError } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { uniqueName } from '../support/services.ts'
import { createTwoAccounts } from '../support/two-accounts.ts'
import { elementsNamed, parseXml } from '../support/xml.ts'

let system: System
let api: Program
const collection = uniqueName('pages-')
const name = 'Two <accounts> & "one" map'
let search: string
let mosaic: string

// No worker: none of these pages may wait for a tile.
beforeAll(async () => {
  system = await startSystem()
  await createTwoAccounts(system.database, collection)
  api = await system.startApi()
  const metadata = {
    name,
    bounds: [-1, -1, 12, 12],
    minzoom: 3,
    maxzoom: 9,
    // pgSTAC's jsonb puts the shorter name first.
    defaults: { colours: { assets: ['rgb'], rescale: [[0, 255]] }, broken: { expression: 'a/b' } },
  }
  const answer = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection], metadata } })
  search = answer.json<{ id: string }>().id
  mosaic = `/searches/${search}`
})
afterAll(() => system?.release())

interface Link {
  readonly rel: string
  readonly href: string
}

interface TileJson {
  readonly tilejson: string
  readonly tiles: string[]
  readonly minzoom: number
  readonly maxzoom: number
  readonly bounds: number[]
  readonly center: number[]
  readonly tileSize: number
  readonly name: string
}

describe('the list of searches', () => {
  const list = async (path: string) => {
    const answer = await ask(api, path)
    expect(answer.status, answer.text).toBe(200)
    return answer.json<{
      searches: { search: { hash: string }; links: Link[] }[]
      links: Link[]
      context: { returned: number; limit: number; matched: number }
    }>()
  }

  test('has pages that lead to one another, and all there are', async () => {
    for (const name of ['one', 'two', 'three']) {
      const body = { collections: [collection], metadata: { name, owner: 'list of searches' } }
      expect((await ask(api, '/searches/register', { method: 'POST', body })).status).toBe(200)
    }
    const found: string[] = []
    let path = '/searches/?owner=list%20of%20searches&limit=2&sortby=name'
    for (let pages = 0; path !== '' && pages < 5; pages++) {
      const { searches, links, context } = await list(path)
      expect(context).toMatchObject({ limit: 2, matched: 3, returned: searches.length })
      found.push(...searches.map(({ search }) => search.hash))
      expect(searches[0]?.links.map(({ rel }) => rel)).toEqual(['metadata', 'tilejson'])
      const next = links.find(({ rel }) => rel === 'next')
      path = next ? next.href.slice(api.url.length) : ''
    }
    expect(new Set(found).size).toBe(3)
    expect((await list('/searches/list?owner=list%20of%20searches&offset=2')).links.map(({ rel }) => rel)).toEqual([
      'self',
      'prev',
    ])
  })

  test('refuses pages that are none', async () => {
    for (const query of [
      'limit=0',
      'limit=1001',
      'offset=-1',
      'limit=x',
      `sortby=${'a,'.repeat(20)}`,
      `a=${'x'.repeat(300)}`,
    ]) {
      expectError(await ask(api, `/searches?${query}`), 422, 'PARAMETER_INVALID')
    }
  })
})

describe('registering a search', () => {
  test('gives the same id for the same search, and links that work', async () => {
    const body = { collections: [collection], 'filter-lang': 'cql2-json' }
    const [one, two] = await Promise.all([1, 2].map(() => ask(api, '/searches/register', { method: 'POST', body })))
    const { id, links } = one!.json<{ id: string; links: Link[] }>()
    expect(two!.json()).toEqual(one!.json())
    expect(id).toMatch(/^([0-9a-f]{32}|[0-9a-f]{64})$/)
    expect(links.map(({ rel }) => rel)).toEqual(['metadata', 'tilejson', 'map', 'wmts'])
    for (const { href } of links) {
      const url = new URL(href.replace('{tileMatrixSetId}', 'WebMercatorQuad'))
      expect(url.origin).toBe(api.url)
      expect((await ask(api, `${url.pathname}?assets=rgb`)).status).toBe(200)
    }
  })

  test('offers a link for each of its defaults that a tile can be drawn with', async () => {
    const { links } = (await ask(api, `${mosaic}/info`)).json<{ links: Link[] }>()
    const layers = links.filter(({ href }) => href.includes('?'))
    expect(layers.map(({ rel }) => rel)).toEqual(['tilejson', 'map'])
    expect(layers[0]?.href).toMatch(/\?(assets=rgb&rescale=0%2C255|rescale=0%2C255&assets=rgb)$/)
  })
})

describe('the mosaic', () => {
  test('is described at /info, by its search and by its collection', async () => {
    const bySearch = (await ask(api, `${mosaic}/info`)).json<{ search: Record<string, unknown>; links: Link[] }>()
    expect(bySearch.search).toMatchObject({
      hash: search,
      search: { collections: [collection] },
      metadata: { type: 'mosaic', name, minzoom: 3, maxzoom: 9 },
    })
    expect(bySearch.links[0]).toMatchObject({ rel: 'self', href: `${api.url}${mosaic}/info` })
    const byCollection = await ask(api, `/collections/${collection}/info`)
    expect(byCollection.json()).toMatchObject({ search: { search: { collections: [collection] } } })
  })

  test('has a TileJSON whose tile URLs carry the image parameters', async () => {
    const answer = await ask(
      api,
      `${mosaic}/WebMercatorQuad/tilejson.json?assets=rgb|bidx=3,2,1&rescale=0,255&tilesize=256`,
    )
    const tileJson = answer.json<TileJson>()
    expect(tileJson).toMatchObject({
      tilejson: '3.0.0',
      name,
      minzoom: 3,
      maxzoom: 9,
      bounds: [-1, -1, 12, 12],
      center: [5.5, 5.5, 3],
      tileSize: 256,
    })
    const [url = ''] = tileJson.tiles
    expect(url).toContain(`${api.url}${mosaic}/tiles/WebMercatorQuad/{z}/{x}/{y}?`)
    expect([...new URL(url).searchParams]).toEqual([
      ['assets', 'rgb|bidx=3,2,1'],
      ['rescale', '0,255'],
      ['tilesize', '256'],
    ])
  })

  test('has a TileJSON with the zooms and the format that are asked for', async () => {
    const query = 'assets=rgb&minzoom=1&maxzoom=4&tile_format=webp'
    const tileJson = (await ask(api, `${mosaic}/WebMercatorQuad/tilejson.json?${query}`)).json<TileJson>()
    expect(tileJson).toMatchObject({ minzoom: 1, maxzoom: 4, center: [5.5, 5.5, 1] })
    const url = new URL(tileJson.tiles[0] ?? '')
    expect(url.pathname).toMatch(/\/%7By%7D\.webp$/)
    expect([...url.searchParams.keys()]).toEqual(['assets', 'tilesize'])
  })

  test('of a collection has its TileJSON below the collection', async () => {
    const { tiles, bounds } = (
      await ask(api, `/collections/${collection}/WebMercatorQuad/tilejson.json?assets=rgb`)
    ).json<TileJson>()
    expect(tiles[0]).toContain(`${api.url}/collections/${collection}/tiles/WebMercatorQuad/{z}/{x}/{y}?assets=rgb`)
    expect(bounds).toEqual([-1, -1, 12, 12])
  })

  test('has tile sets, whose links work, for its search and its collection', async () => {
    for (const place of [mosaic, `/collections/${collection}`]) {
      const list = (await ask(api, `${place}/tiles?assets=rgb`)).json<{ tilesets: { links: Link[] }[] }>()
      expect(list.tilesets).toHaveLength(13)
      for (const { links } of list.tilesets) {
        for (const { href } of links.filter(({ rel }) => rel !== 'tile')) {
          const url = new URL(href)
          expect((await ask(api, url.pathname + url.search)).status).toBe(200)
        }
      }
      const web = (await ask(api, `${place}/tiles/WebMercatorQuad?assets=rgb&maxzoom=4`)).json<{
        tileMatrixSetLimits: { tileMatrix: string }[]
      }>()
      expect(web.tileMatrixSetLimits.at(-1)).toMatchObject({ tileMatrix: '4', minTileCol: 7, maxTileCol: 8 })
    }
  })

  test('has tile sets in a coordinate reference system that can hold them', async () => {
    const { tilesets } = (await ask(api, `${mosaic}/tiles?crs=EPSG:3857`)).json<{
      tilesets: { boundingBox: object }[]
    }>()
    expect(tilesets[0]?.boundingBox).toEqual({
      lowerLeft: [expect.closeTo(-111319.49, 1), expect.closeTo(-111325.14, 1)],
      upperRight: [expect.closeTo(1335833.89, 1), expect.closeTo(1345708.41, 1)],
      crs: 'http://www.opengis.net/def/crs/EPSG/0/3857',
    })
    for (const query of ['crs=EPSG:99999', 'crs=/etc/passwd']) {
      expectError(await ask(api, `${mosaic}/tiles?${query}`), 422, 'PARAMETER_INVALID')
    }
    expectError(await ask(api, `${mosaic}/tiles/WebMercatorQuad?minzoom=31`), 422, 'PARAMETER_INVALID')
    expectError(await ask(api, `${mosaic}/tiles/Mars`), 404, 'TILE_MATRIX_SET_NOT_FOUND')
  })

  test('has WMTS capabilities whose tiles are those of the mosaic, for its search and its collection', async () => {
    for (const place of [mosaic, `/collections/${collection}`]) {
      const answer = await ask(api, `${place}/WMTSCapabilities.xml?assets=rgb&zooms=*::5,6&tile_format=webp`)
      expect(answer.headers['content-type']).toBe('application/xml; charset=utf-8')
      const root = parseXml(answer.text)
      const layer = elementsNamed(root, 'Layer').find((each) =>
        each.children[0]?.text.endsWith('_WebMercatorQuad_default'),
      )
      const [resource] = elementsNamed(layer!, 'ResourceURL')
      const template = `${api.url}${place}/tiles/WebMercatorQuad/{TileMatrix}/{TileCol}/{TileRow}.webp?assets=rgb`
      expect(resource?.attributes).toEqual({ format: 'image/webp', resourceType: 'tile', template })
      expect(elementsNamed(layer!, 'TileMatrix').map(({ text }) => text)).toEqual(['5', '6'])
    }
    const byDefault = await ask(api, `${mosaic}/WMTSCapabilities.xml`)
    expect(byDefault.text).toContain(`${search}_WebMercatorQuad_colours`)
    expect(byDefault.text).not.toContain('_default')
    for (const query of ['', 'assets=rgb&tile_format=gif', 'assets=rgb&use_epsg=x', 'assets=rgb&zooms=5']) {
      const place = query === '' ? `/collections/${collection}` : mosaic
      expectError(await ask(api, `${place}/WMTSCapabilities.xml?${query}`), 422, 'PARAMETER_INVALID')
    }
  })

  test('has a map in Web Mercator alone, and says so', async () => {
    const detail = expectError(await ask(api, `${mosaic}/WGS1984Quad/map.html`), 422, 'PARAMETER_INVALID')
    expect(detail).toContain('WebMercatorQuad')
  })

  test('has no TileJSON for parameters that no tile takes', async () => {
    const path = `${mosaic}/WebMercatorQuad/tilejson.json`
    for (const query of ['', 'assets=rgb&tile_format=gif', 'assets=rgb&maxzoom=99', 'assets=rgb&colormap_name=grue']) {
      expectError(await ask(api, `${path}?${query}`), 422, 'PARAMETER_INVALID')
    }
  })

  test('has a map that draws its first default and loads nothing from other hosts', async () => {
    const { status, headers, text } = await ask(api, `${mosaic}/WebMercatorQuad/map.html`)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toMatch(/default-src 'self'/)
    expect(text).toContain('assets=rgb')
    expect(text).toContain('Two &lt;accounts&gt; &amp; &quot;one&quot; map')
    expect(text).not.toContain('<accounts>')
    expect(hostsIn(text)).toEqual([new URL(api.url).host])
    for (const path of assetsIn(text)) expect((await ask(api, path)).status, path).toBe(200)
  })
})

describe('the pages of the service', () => {
  test('begin with one that lists the mosaics', async () => {
    const { status, headers, text } = await ask(api, '/')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(text).toContain('Two &lt;accounts&gt; &amp; &quot;one&quot; map')
    expect(text).toContain(`${mosaic}/WebMercatorQuad/map.html?rescale=0%2C255&amp;assets=rgb`)
    expect(hostsIn(text)).toEqual([new URL(api.url).host])
  })

  test('tell programs what there is, in links that work', async () => {
    const asked = await ask(api, '/', { headers: { accept: 'application/json' } })
    expect((await ask(api, '/?f=json')).json()).toEqual(asked.json())
    const { links } = asked.json<{ links: (Link & { templated?: boolean })[] }>()
    for (const { href, templated } of links) {
      expect(href.startsWith(api.url)).toBe(true)
      if (!templated) expect((await ask(api, href.slice(api.url.length))).status, href).toBe(200)
    }
    expect((await ask(api, '/?f=html', { headers: { accept: 'application/json' } })).headers['content-type']).toMatch(
      /^text\/html/,
    )
    for (const path of ['/docs', '/api.html']) expect((await ask(api, path)).text).toContain('swagger')
  })

  test('have the addresses of the request itself, and those of a proxy only where it is trusted', async () => {
    const headers = { host: 'inner:80', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'tiles.example' }
    const hostOf = async (from: Program) => {
      const { links } = (await ask(from, `${mosaic}/info`, { headers })).json<{ links: Link[] }>()
      return new Set(links.map(({ href }) => new URL(href.replace(/[{}]/g, '')).origin))
    }
    expect(await hostOf(api)).toEqual(new Set(['http://inner:80'].map((url) => new URL(url).origin)))
    const proxied = await system.startApi({ TRUST_PROXY: 'true' })
    expect(await hostOf(proxied)).toEqual(new Set(['https://tiles.example']))
    const configured = await system.startApi({ PUBLIC_URL: 'https://maps.example/tiles/' })
    const { links } = (await ask(configured, `${mosaic}/info`)).json<{ links: Link[] }>()
    for (const { href } of links) expect(href).toMatch(/^https:\/\/maps\.example\/tiles\/searches\//)
  })

  test('list the tile matrix sets, each with a link to its definition', async () => {
    const list = (await ask(api, '/tileMatrixSets')).json<{ tileMatrixSets: { id: string; links: Link[] }[] }>()
    expect(list.tileMatrixSets).toHaveLength(13)
    for (const { id, links } of list.tileMatrixSets) {
      const definition = await ask(api, new URL(links[0]?.href ?? '').pathname)
      expect(definition.json()).toMatchObject({ id, crs: expect.any(String), tileMatrices: expect.any(Array) })
    }
    expectError(await ask(api, '/tileMatrixSets/Mars'), 404, 'TILE_MATRIX_SET_NOT_FOUND')
  })

  test('have the API to read and try, which works without any other server', async () => {
    const { status, text } = await ask(api, '/docs')
    expect(status).toBe(200)
    expect(hostsIn(text)).toEqual([new URL(api.url).host])
    expect(assetsIn(text).length).toBeGreaterThan(1)
    for (const path of assetsIn(text)) expect((await ask(api, path)).status, path).toBe(200)
  })
})

describe('the files of the pages', () => {
  test('are those of the list, with their type and an entity tag', async () => {
    const types = {
      'maplibre-gl.mjs': 'text/javascript; charset=utf-8',
      'maplibre-gl-worker.mjs': 'text/javascript; charset=utf-8',
      'maplibre-gl-shared.mjs': 'text/javascript; charset=utf-8',
      'maplibre-gl.css': 'text/css; charset=utf-8',
      'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
      'swagger-ui.css': 'text/css; charset=utf-8',
    }
    for (const [file, type] of Object.entries(types)) {
      const answer = await ask(api, `/assets/${file}`)
      expect([answer.status, answer.headers['content-type']], file).toEqual([200, type])
      const again = await ask(api, `/assets/${file}`, { headers: { 'if-none-match': answer.headers.etag ?? '' } })
      expect(again.status, file).toBe(304)
    }
  })

  test('are no others', async () => {
    const others = [
      'package.json',
      '..%2fpackage.json',
      '%2e%2e/package.json',
      '../package.json',
      'constructor',
      '__proto__',
      '%00',
    ]
    for (const file of [...others, '..%5c..%5cpackage.json', 'maplibre-gl.mjs/..', 'maplibre-gl.mjs.map', '']) {
      expectError(await ask(api, `/assets/${file}`), 404, 'ROUTE_NOT_FOUND')
    }
  })
})

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: object; description: string }[]
  readonly requestBody?: { content: Record<string, { schema: object }> }
  readonly responses: Record<string, unknown>
  readonly security?: unknown
}

interface OpenApi {
  readonly openapi: string
  readonly info: { title: string; version: string }
  readonly servers: { url: string }[]
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { schemas: { Error: { properties: { code: { enum: string[] } } } } }
}

describe('the OpenAPI document', () => {
  let document: OpenApi
  beforeAll(async () => {
    const answer = await ask(api, '/api')
    expect(answer.headers['content-type']).toBe('application/vnd.oai.openapi+json;version=3.1')
    document = answer.json<OpenApi>()
  })

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    )

  test('is version 3.1 of this server, with every error code', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.servers).toEqual([{ url: api.url }])
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(document.components.schemas.Error.properties.code.enum.sort()).toEqual(Object.keys(errorTable).sort())
  })

  test('has each route once, with an id of its own and all that OpenAPI demands', () => {
    expect(operations().length).toBeGreaterThan(20)
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
      const documented = operation.parameters.filter((parameter) => parameter.in === 'path')
      expect(documented.map((parameter) => parameter.name).sort(), path).toEqual(inPath.sort())
      expect(
        documented.every((parameter) => parameter.required),
        path,
      ).toBe(true)
      const names = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`)
      expect(new Set(names).size, path).toBe(names.length)
      expect(
        operation.parameters.every((parameter) => typeof parameter.schema === 'object'),
        path,
      ).toBe(true)
      expect(Object.keys(operation.responses), path).toEqual(['2XX', 'default'])
      expect(operation.summary, path).not.toBe('')
    }
  })

  test('has the parameters of a tile and of a TileJSON document', () => {
    const query = (path: string) =>
      document.paths[path]?.get?.parameters
        .filter((parameter) => parameter.in === 'query')
        .map((parameter) => parameter.name)
    const image = imageParameters.map((parameter) => parameter.name)
    const filters = itemFilterParameters.map((parameter) => parameter.name)
    for (const [root, more] of [
      ['/searches/{layer}', []],
      ['/collections/{layer}', filters],
    ] as const) {
      expect(query(`${root}/tiles/{tms}/{z}/{x}/{y}`)).toEqual([...image, emptyParameter.name, ...more])
      const own = tileJsonParameters.map((each) => each.name)
      expect(query(`${root}/{tms}/tilejson.json`)).toEqual([...own, ...image, emptyParameter.name, ...more])
    }
  })

  test('says which bodies the write endpoints take, and that they need a key', () => {
    const writing = operations().filter(({ operation }) => operation.security !== undefined)
    const layers = ['/collections/{layer}', '/searches/{layer}']
    expect(writing.map(({ path }) => path).sort()).toEqual(
      [
        ...['/prerender-runs', '/prerender-runs/{run}/cancel', '/searches/register'],
        ...layers.flatMap((root) => [`${root}/invalidate`, `${root}/refresh`, `${root}/tiles/{tms}/{z}/{x}/{y}/dirty`]),
      ].sort(),
    )
    const schemas = writing.flatMap(({ operation }) => operation.requestBody?.content['application/json']?.schema ?? [])
    expect(schemas).toHaveLength(6)
    for (const schema of schemas) expect(Object.keys(schema)).toContain('properties')
  })
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})

/** Hosts of all absolute URLs in a page, each once, but for the names of XML's vocabularies. */
function hostsIn(html: string): string[] {
  return [...new Set([...html.matchAll(/https?:\/\/([^/"'\s<>)]+)/g)].map(([, host]) => host ?? ''))].filter(
    (host) => host !== 'www.w3.org',
  )
}

function assetsIn(html: string): string[] {
  return [...html.matchAll(/["'](?:https?:\/\/[^/"']+)?(\/assets\/[^"']+)["']/g)].map(([, path]) => path ?? '')
}
