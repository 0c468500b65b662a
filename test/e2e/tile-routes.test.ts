import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crsUri } from '../../src/tile/crs.ts'
import { canonicalTile, hasTile, tileBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { type Answer, ask, decode } from '../support/http.ts'
import { metric, type Program, type System, startSystem, until } from '../support/programs.ts'
import { storageToken, uniqueName } from '../support/services.ts'
import { column, createTwoAccounts, row } from '../support/two-accounts.ts'

let system: System
let api: Program
/** A second API process, without a memory of its own. */
let other: Program
let worker: Program
const collection = uniqueName('two-accounts-')
let search: string

const tile = '5/16/15'

beforeAll(async () => {
  system = await startSystem()
  await createTwoAccounts(system.database, collection)
  ;[api, other, worker] = await Promise.all([
    system.startApi(),
    system.startApi({ MEMORY_CACHE_MB: '0' }),
    system.startWorker(),
  ])
  search = await register({ collections: [collection] })
})
afterAll(() => system?.release())

async function register(body: object): Promise<string> {
  const answer = await ask(api, '/searches/register', { method: 'POST', body })
  expect(answer.status).toBe(200)
  return answer.json<{ id: string }>().id
}

/** A visible pixel of a picture in gray, as it is decoded. */
const gray = (value: number) => [value, value, value, 255]

/** A tile of the registered search. */
function get(query: string, { at = tile, from = api, headers = {}, method = 'GET' } = {}): Promise<Answer> {
  return ask(from, `/searches/${search}/tiles/WebMercatorQuad/${at}?${query}`, { headers, method })
}

async function picture(query: string, at = `${tile}.png`) {
  const answer = await get(query, { at })
  expect(answer.status, answer.text).toBe(200)
  return decode(answer.body)
}

describe('a tile', () => {
  test('is rendered once, and then comes from memory, from Redis and from Blob with the same bytes', async () => {
    const rendered = await metric(worker, 'tilepress_rendered_tiles_total')
    const first = await get('assets=rgb')
    expect(first.status, first.text).toBe(200)
    expect(first.headers['x-cache']).toBe('MISS')
    expect(first.headers['server-timing']).toMatch(/cache;dur=[\d.]+, render;dur=[\d.]+, total;dur=[\d.]+/)
    const memory = await get('assets=rgb')
    const redis = await get('assets=rgb', { from: other })
    await blobOf(first)
    await flushCache()
    const blob = await get('assets=rgb', { from: other })
    expect([memory, redis, blob].map((each) => each.headers['x-cache'])).toEqual([
      'HIT-MEMORY',
      'HIT-REDIS',
      'HIT-BLOB',
    ])
    for (const each of [memory, redis, blob]) {
      expect(each.status).toBe(200)
      expect(each.body.equals(first.body)).toBe(true)
      for (const name of ['etag', 'content-type', 'cache-control', 'content-bbox', 'content-crs']) {
        expect(each.headers[name], name).toBe(first.headers[name])
      }
      const known = { headers: { 'if-none-match': each.headers.etag ?? '' } }
      expect((await get('assets=rgb', known)).status).toBe(304)
    }
    expect((await metric(worker, 'tilepress_rendered_tiles_total')) - rendered).toBe(1)
    await until('the tile is in Redis again', async () => {
      return (await get('assets=rgb', { from: other })).headers['x-cache'] === 'HIT-REDIS'
    })
  })

  test('answers 304 from every tier to a client that has it, and 200 to one that has another', async () => {
    const query = 'assets=rgb&resampling=bilinear'
    const first = await get(query)
    const etag = first.headers.etag ?? ''
    expect(etag).toMatch(/^"[\w-]{22}"$/)
    await blobOf(first)
    const ask304 = async (from: Program, known: string) => get(query, { from, headers: { 'if-none-match': known } })
    const answers = [await ask304(api, etag), await ask304(other, `"x", W/${etag}`)]
    await flushCache()
    answers.push(await ask304(other, '*'))
    expect(answers.map((each) => [each.status, each.headers['x-cache'], each.body.length, each.headers.etag])).toEqual([
      [304, 'HIT-MEMORY', 0, etag],
      [304, 'HIT-REDIS', 0, etag],
      [304, 'HIT-BLOB', 0, etag],
    ])
    expect((await ask304(api, '"another"')).status).toBe(200)
    expect((await get(query, { headers: { 'if-none-match': '"x", "y"' } })).status).toBe(200)
  })

  test('of every tile matrix set shows what lies there, under its own coordinates', async () => {
    const seen: string[] = []
    for (const tms of tileMatrixSets.values()) {
      const [x, y] = tms.transform.fromLonLat(1.5, 6)
      const span = tms.crs === 'EPSG:4326' || tms.crs === 'OGC:CRS84' ? 3 : 300_000
      const matrix = tms.levels.find(({ cellSize, tileSize }) => cellSize * tileSize < span)!
      const { originX, originY, cellSize, tileSize } = matrix
      const [column, row] = [(x - originX) / (cellSize * tileSize), (originY - y) / (cellSize * tileSize)]
      const at = canonicalTile(tms, { z: matrix.zoom, x: Math.floor(column), y: Math.floor(row) })
      if (!hasTile(tms, at)) continue
      const path = `/searches/${search}/tiles/${tms.id}/${at.z}/${at.x}/${at.y}.png?assets=rgb`
      const answer = await ask(api, path)
      expect(answer.status, `${tms.id} ${answer.text}`).toBe(200)
      const [left, bottom, right, top] = tileBounds(tms, at)
      expect(answer.headers['content-bbox']).toBe([left, bottom, right, top].join(','))
      expect(answer.headers['content-crs']).toBe(`<${crsUri(tms.crs)}>`)
      const image = await decode(answer.body)
      expect([image.width, image.height]).toEqual([tileSize, tileSize])
      const pixel = [((x - left) / (right - left)) * tileSize, ((top - y) / (top - bottom)) * tileSize] as const
      expect(image.at(Math.floor(pixel[0]), Math.floor(pixel[1])), tms.id).toEqual([10, 20, 30, 255])
      seen.push(tms.id)
    }
    // Europe’s and New Zealand’s do not reach the Gulf of Guinea, nor do the finer matrices of Canada’s and the Ross Sea’s.
    const elsewhere = ['CanadianNAD83_LCC', 'EuropeanETRS89_LAEAQuad', 'LINZAntarticaMapTilegrid', 'NZTM2000Quad']
    expect([...tileMatrixSets.keys()].filter((id) => !seen.includes(id))).toEqual(elsewhere)
  })

  test('is described to HEAD as to GET, without its bytes', async () => {
    const whole = await get('assets=rgb')
    const head = await get('assets=rgb', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.body.length).toBe(0)
    for (const name of ['etag', 'content-type', 'content-length', 'cache-control', 'content-bbox']) {
      expect(head.headers[name], name).toBe(whole.headers[name])
    }
    expect((await get('assets=rgb&nodata=1', { method: 'HEAD' })).headers['x-cache']).toBe('MISS')
  })

  test('may be kept by clients and proxies, and shown while a new one is fetched', async () => {
    expect((await get('assets=rgb')).headers['cache-control']).toMatch(
      /^public, max-age=3[2-9]\d\d, stale-while-revalidate=4\d{4}, stale-if-error=86400$/,
    )
  })

  test('tells its place, and allows any page to read it', async () => {
    const { headers } = await get('assets=rgb')
    const [left, bottom, right, top] = (headers['content-bbox'] as string).split(',').map(Number)
    expect([left, bottom]).toEqual([0, 0])
    expect(right).toBeCloseTo(1252344.2714, 3)
    expect(top).toBeCloseTo(1252344.2714, 3)
    expect(headers['content-crs']).toBe('<http://www.opengis.net/def/crs/EPSG/0/3857>')
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(headers['access-control-expose-headers']).toMatch(/\bETag\b.*\bX-Cache\b.*\bContent-Bbox\b/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test('tells the place that its algorithm leaves of it', async () => {
    const whole = 1252344.271424327
    const { headers } = await get('assets=rgb&algorithm=hillshade&algorithm_params={"buffer":64}&buffer=1')
    const [left, , right] = (headers['content-bbox'] as string).split(',').map(Number)
    expect(left).toBeCloseTo((whole * 63) / 256, 3)
    expect(right).toBeCloseTo(whole - (whole * 63) / 256, 3)
  })

  test('may be asked for from any page: the preflight request is answered', async () => {
    const answer = await get('assets=rgb', {
      method: 'OPTIONS',
      headers: { origin: 'https://map.example', 'access-control-request-method': 'GET' },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.headers['access-control-allow-methods']).toMatch(/GET/)
    expect(answer.headers['access-control-allow-headers']).toMatch(/If-None-Match/)
  })

  test('without any item under it is 204, kept for a short time', async () => {
    const answer = await get('assets=rgb', { at: '5/2/2.png' })
    expect(answer.status).toBe(204)
    expect(answer.body.length).toBe(0)
    expect(answer.headers['cache-control']).toMatch(/max-age=(5[4-9]|6[0-6])\b/)
    expect((await get('assets=rgb', { at: '5/2/2.png' })).headers['x-cache']).toBe('HIT-MEMORY')
  })

  test('has one address by its search and one by its collection, with the same picture', async () => {
    const bySearch = await get('assets=rgb', { at: `${tile}.png` })
    const path = `/collections/${collection}/tiles/WebMercatorQuad/${tile}.png?assets=rgb`
    const byCollection = await ask(api, path)
    expect(byCollection.status, byCollection.text).toBe(200)
    expect(byCollection.body.equals(bySearch.body)).toBe(true)
    expect((await ask(api, path)).headers['x-cache']).toBe('HIT-MEMORY')
  })

  test('has one key whatever the order of its parameters, and another for another order of assets', async () => {
    await get('assets=rgb&nodata=3&rescale=0,255')
    expect((await get('rescale=0,255&assets=rgb&nodata=3')).headers['x-cache']).toBe('HIT-MEMORY')
    expect((await get('rescale=0,255&assets=rgb&nodata=3&_=1234')).headers['x-cache']).toBe('HIT-MEMORY')
    await get('assets=rgb|bidx=1&assets=rgb|bidx=2&assets=rgb|bidx=3')
    expect((await get('assets=rgb|bidx=2&assets=rgb|bidx=1&assets=rgb|bidx=3')).headers['x-cache']).toBe('MISS')
  })
})

describe('the format', () => {
  test.each([
    ['png', 'image/png'],
    ['jpg', 'image/jpg'],
    ['jpeg', 'image/jpeg'],
    ['webp', 'image/webp'],
  ])('%s is what the extension says', async (extension, type) => {
    const answer = await get('assets=rgb', { at: `${tile}.${extension}` })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe(type)
    const { at } = await decode(answer.body)
    for (const [channel, value] of [10, 20, 30].entries()) {
      expect(Math.abs((at(column.west, row.south)[channel] ?? 0) - value)).toBeLessThanOrEqual(
        extension === 'png' ? 0 : 4,
      )
    }
  })

  test('without an extension is JPEG where every pixel is there, else PNG', async () => {
    const full = await get('assets=rgb')
    expect(full.headers['content-type']).toBe('image/jpeg')
    expect((await decode(full.body)).channels).toBe(3)
    const partial = await get('assets=rgb', { at: '5/17/15' })
    expect(partial.headers['content-type']).toBe('image/png')
    const { at } = await decode(partial.body)
    expect(at(5, row.south)).toEqual([110, 120, 130, 255])
    expect(at(250, row.south)).toEqual([0, 0, 0, 0])
  })

  test('is 256 pixels wide, or 512 when asked', async () => {
    expect(await picture('assets=rgb')).toMatchObject({ width: 256, height: 256 })
    const { width, height, at } = await picture('assets=rgb&tilesize=512')
    expect([width, height]).toEqual([512, 512])
    expect(at(2 * column.west, 2 * row.south)).toEqual([10, 20, 30, 255])
    expect(at(2 * column.east, 2 * row.south)).toEqual([110, 120, 130, 255])
  })
})

describe('the pixels', () => {
  test('come from the first item that has them, over both accounts', async () => {
    const { at } = await picture('assets=rgb')
    expect(at(column.west, row.south)).toEqual([10, 20, 30, 255])
    expect(at(column.overlap, row.south)).toEqual([10, 20, 30, 255])
    expect(at(column.east, row.south)).toEqual([110, 120, 130, 255])
  })

  test('follow the order that the search gives', async () => {
    const oldest = await register({ collections: [collection], sortby: [{ field: 'datetime', direction: 'asc' }] })
    const answer = await ask(api, `/searches/${oldest}/tiles/WebMercatorQuad/${tile}.png?assets=rgb`)
    const { at } = await decode(answer.body)
    expect(at(column.west, row.south)).toEqual([10, 20, 30, 255])
    expect(at(column.overlap, row.south)).toEqual([110, 120, 130, 255])
  })

  test('have the bands in the order asked', async () => {
    const { at } = await picture('assets=rgb|bidx=3,1,2')
    expect(at(column.west, row.south)).toEqual([30, 10, 20, 255])
    const joined = await picture('assets=rgb%7Cbidx%3D2&assets=rgb|bidx=2&assets=rgb|bidx=1')
    expect(joined.at(column.east, row.south)).toEqual([120, 120, 110, 255])
  })

  test('are stretched by rescale: one range for all bands, or one a band', async () => {
    const one = await picture('assets=dn&rescale=0,3000')
    expect(one.at(column.west, row.south)).toEqual(gray(127))
    expect(one.at(column.east, row.south)).toEqual(gray(255))
    const each = await picture('assets=rgb&rescale=0,20&rescale=20,40&rescale=0,60')
    expect(each.at(column.west, row.south)).toEqual([127, 0, 127, 255])
  })

  test('are coloured by a colormap after they are stretched', async () => {
    const { at } = await picture('assets=dn&rescale=1500,3000&colormap_name=viridis')
    expect(at(column.west, row.south)).toEqual([68, 1, 84, 255])
    expect(at(column.east, row.south)).toEqual([253, 231, 36, 255])
  })

  test('are transparent where every item has nodata, and show what lies below where one has not', async () => {
    const { at } = await picture('assets=dn&rescale=0,3000')
    expect(at(column.west, row.north)).toEqual([0, 0, 0, 0])
    expect(at(column.overlap, row.north)).toEqual(gray(255))
  })

  test('compare with nodata before they are stretched, also with one given in the request', async () => {
    const { at } = await picture('assets=dn&rescale=0,3000&nodata=1500')
    expect(at(column.west, row.south)).toEqual([0, 0, 0, 0])
    expect(at(column.overlap, row.south)).toEqual(gray(255))
  })

  test('keep 16 bits in a PNG that is not stretched, and none of the alpha when none is asked', async () => {
    const plain = await get('assets=dn', { at: `${tile}.png` })
    expect(plain.body[24]).toBe(16)
    expect((await picture('assets=rgb&return_mask=false')).channels).toBe(3)
  })
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})

async function flushCache(): Promise<void> {
  const redis = new Redis(system.cacheRedis.url)
  await redis.flushall()
  await redis.quit()
}

/** Resolves once Blob has a tile with this entity tag: the worker announces a tile before its last tier has it. */
async function blobOf({ headers }: Answer): Promise<void> {
  const authorization = `Bearer ${await storageToken()}`
  await until('the tile is in Blob', async () => {
    const url = `${system.tiles.url}?restype=container&comp=list&include=metadata`
    const list = await fetch(url, { headers: { authorization, 'x-ms-version': '2021-08-06' } })
    return (await list.text()).includes(String(headers.etag).slice(1, -1))
  })
}
