import sharp from 'sharp'
import { afterEach, describe, expect, test } from 'vitest'
import { createStoredTile } from '../../src/cache/stored-tile.ts'
import { Releasers } from '../../src/release.ts'
import { ask } from '../support/http.ts'
import { CountingTier, searchId, startTileApi, type TileApiSetup } from '../support/tile-api.ts'

let releasers = new Releasers()

afterEach(async () => {
  await releasers.release()
  releasers = new Releasers()
})

const at = (place: string, query = 'assets=a') => `/searches/${searchId}/tiles/WebMercatorQuad/${place}?${query}`
const item = (query = 'assets=a') => `/collections/c/items/i/tiles/WebMercatorQuad/1/0/0.png?${query}`
const photo = (body = 'photo') =>
  createStoredTile({ outcome: 'image', contentType: 'image/jpeg', body: Buffer.from(body) }, null, Date.now())
const empty = () => createStoredTile({ outcome: 'empty' }, null, Date.now())

async function api(setup: Partial<TileApiSetup> = {}) {
  const redis = new CountingTier('redis')
  const started = await startTileApi({ tiers: [redis], ...setup }, releasers)
  return { ...started, redis }
}

describe('an empty tile', () => {
  async function answer(path: string, setup: Partial<TileApiSetup> = {}, headers: Record<string, string> = {}) {
    const { url, redis, keyOf } = await api(setup)
    redis.tiles.set(await keyOf(path), empty())
    return await ask({ url }, path, { headers })
  }

  test('of a mosaic is 204 as in titiler, and has a short life', async () => {
    const { status, body, headers } = await answer(at('1/0/0.png'))
    expect([status, body.length, headers['x-cache']]).toEqual([204, 0, 'HIT-REDIS'])
    expect(headers['cache-control']).toMatch(/^public, max-age=(5\d|6\d),/)
    expect(headers.etag).toMatch(/^"[\w-]{22}"$/)
  })

  test.each([
    ['empty=image', 256],
    ['empty=image&tilesize=512&buffer=2', 516],
  ])('is a transparent PNG of the tile’s size with %s', async (query, side) => {
    const { status, body, headers } = await answer(at('1/0/0.jpg', `assets=a&${query}`))
    expect([status, headers['content-type'], headers['content-length']]).toEqual([200, 'image/png', `${body.length}`])
    expect(headers['cache-control']).toMatch(/^public, max-age=(5\d|6\d),/)
    const { data, info } = await sharp(body).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([side, side])
    expect(data.filter((_, index) => index % 4 === 3).every((alpha) => alpha === 0)).toBe(true)
    expect(body.length).toBeLessThan(3_000)
  })

  test('that is a picture to this client has its own tag', async () => {
    const { url, redis, keyOf } = await api()
    redis.tiles.set(await keyOf(at('1/0/0.png')), empty())
    const tags = await Promise.all(
      ['', '&empty=image', '&empty=404'].map((query) => ask({ url }, at('1/0/0.png', `assets=a${query}`))),
    )
    expect(tags[0]?.headers.etag).not.toBe(tags[1]?.headers.etag)
    expect(tags[2]?.headers.etag).toBeUndefined()
    for (const [index, query] of ['', '&empty=image'].entries()) {
      const headers = { 'if-none-match': tags[index]?.headers.etag ?? '' }
      expect((await ask({ url }, at('1/0/0.png', `assets=a${query}`), { headers })).status).toBe(304)
    }
  })

  test('is a 404 that may be kept as long as a 204, when asked for', async () => {
    const { status, headers, json } = await answer(at('1/0/0.png', 'assets=a&empty=404'))
    expect([status, json()]).toEqual([404, { detail: 'nothing is on this tile', code: 'OUTSIDE_BOUNDS' }])
    expect(headers['cache-control']).toMatch(/^public, max-age=(5\d|6\d),/)
  })

  test('stays 204 for a format that holds data', async () => {
    expect((await answer(at('1/0/0.npy', 'assets=a&empty=image'))).status).toBe(204)
  })

  test.each([
    ['204', 204],
    ['image', 200],
    ['404', 404],
  ] as const)('is what is configured (%s), unless the request says otherwise', async (emptyTile, status) => {
    expect((await answer(at('1/0/0.png'), { emptyTile })).status).toBe(status)
    expect((await answer(at('1/0/0.png', 'assets=a&empty=204'), { emptyTile })).status).toBe(204)
  })

  test('of an item is an error as in titiler whatever is configured, unless the request says otherwise', async () => {
    const { status, headers } = await answer(item(), { emptyTile: 'image' })
    expect([status, headers['cache-control']]).toEqual([404, 'no-store'])
    expect((await answer(item('assets=a&empty=204'))).status).toBe(204)
    expect((await answer(item('assets=a&empty=image'))).headers['content-type']).toBe('image/png')
  })

  test('cannot be asked for as something else', async () => {
    const { status, json } = await answer(at('1/0/0.png', 'assets=a&empty=none'))
    expect([status, json().code]).toEqual([422, 'PARAMETER_INVALID'])
    expect(json().detail).toContain('204, image, 404')
  })

  test('shares its key with all answers for it', async () => {
    const { keyOf } = await api()
    expect(await keyOf(at('1/0/0.png', 'assets=a&empty=image'))).toBe(await keyOf(at('1/0/0.png')))
  })
})

describe('a client that has the tile', () => {
  const known = { headers: { 'if-none-match': photo().etag } }

  test('is answered 304 from memory without a question to a tier', async () => {
    const { url, redis, cache, keyOf } = await api()
    cache.keep(await keyOf(at('1/0/0.jpg')), photo())
    const { status, body, headers } = await ask({ url }, at('1/0/0.jpg'), known)
    expect([status, body.length, headers['x-cache'], redis.asked]).toEqual([304, 0, 'HIT-MEMORY', []])
    expect(headers).toMatchObject({ etag: photo().etag, 'cache-control': expect.stringContaining('public, max-age=') })
    expect(headers['content-type']).toBeUndefined()
  })

  test('is answered 304 by what a tier says of it, without its bytes', async () => {
    const { url, redis, keyOf } = await api()
    redis.tiles.set(await keyOf(at('1/0/0.jpg')), photo())
    const { status, headers } = await ask({ url }, at('1/0/0.jpg'), known)
    expect([status, headers['x-cache'], redis.asked]).toEqual([304, 'HIT-REDIS', ['head']])
    expect(headers['server-timing']).toMatch(/^cache;dur=\d+\.\d, total;dur=\d+\.\d$/)
  })

  test('is answered from Blob with all of the tile, which Redis then has', async () => {
    const [redis, blob] = [new CountingTier('redis'), new CountingTier('blob')]
    const { url, keyOf } = await startTileApi({ tiers: [redis, blob], withMemory: false }, releasers)
    blob.tiles.set(await keyOf(at('1/0/0.jpg')), photo())
    const { status, headers } = await ask({ url }, at('1/0/0.jpg'), known)
    expect([status, headers['x-cache'], blob.asked]).toEqual([304, 'HIT-BLOB', ['get']])
    expect((await ask({ url }, at('1/0/0.jpg'), known)).headers['x-cache']).toBe('HIT-REDIS')
    expect(blob.asked).toEqual(['get'])
  })

  test('gets the new one where it is another', async () => {
    const { url, redis, keyOf } = await api()
    redis.tiles.set(await keyOf(at('1/0/0.jpg')), photo('other'))
    const { status, text, headers } = await ask({ url }, at('1/0/0.jpg'), known)
    expect([status, text, headers['x-cache']]).toEqual([200, 'other', 'HIT-REDIS'])
  })

  test('is asked about anew when the layer’s generation is raised: 304 only for the same bytes', async () => {
    const { url, redis, cache, state, keyOf } = await api()
    cache.keep(await keyOf(at('1/0/0.jpg')), photo())
    cache.keep(await keyOf(at('1/1/0.jpg')), photo())
    state.current = { ...state.current, generation: 1 }
    // There is no worker: the old one stands in.
    const { status, headers } = await ask({ url }, at('1/0/0.jpg'), known)
    expect([status, headers['x-cache']]).toEqual([304, 'STALE'])
    redis.tiles.set(await keyOf(at('1/0/0.jpg')), photo())
    redis.tiles.set(await keyOf(at('1/1/0.jpg')), photo('other'))
    expect((await ask({ url }, at('1/0/0.jpg'), known)).status).toBe(304)
    expect((await ask({ url }, at('1/1/0.jpg'), known)).text).toBe('other')
  })

  test('is asked about anew when its region was invalidated', async () => {
    const { url, redis, cache, state, keyOf } = await api()
    cache.keep(await keyOf(at('1/0/0.jpg')), photo())
    redis.tiles.set(await keyOf(at('1/0/0.jpg')), photo())
    const boxes = [[-180, 0, 0, 85]] as const
    const region = { edition: 1, minZoom: 0, maxZoom: 20, boxes } as never
    state.current = { ...state.current, edition: 1, regions: [region] }
    // There is no worker: the old one stands in.
    const { status, headers } = await ask({ url }, at('1/0/0.jpg'), known)
    expect([status, headers['x-cache']]).toEqual([304, 'STALE'])
  })
})

describe('the head of an answer', () => {
  test('is asked for by HEAD, with the length of what GET would send', async () => {
    const { url, cache, keyOf } = await api()
    cache.keep(await keyOf(at('1/0/0.jpg')), photo())
    const head = await ask({ url }, at('1/0/0.jpg'), { method: 'HEAD' })
    const get = await ask({ url }, at('1/0/0.jpg'))
    const { date: _, ...same } = get.headers
    expect([head.status, head.body.length]).toEqual([200, 0])
    expect(head.headers).toMatchObject(same)
    expect(head.headers['content-length']).toBe('5')
  })

  test('of a miss that ends in an error is not to be kept, and has nothing of a tile', async () => {
    const { url } = await api()
    const { status, headers } = await ask({ url }, at('1/0/0.jpg'))
    expect([status, headers['cache-control'], headers['retry-after']]).toEqual([503, 'no-store', '2'])
    for (const name of ['etag', 'x-cache', 'content-bbox', 'server-timing']) expect(headers).not.toHaveProperty(name)
    expect(headers['access-control-allow-origin']).toBe('*')
  })

  test('tells any page what it may read, whatever the answer is', async () => {
    const { url, cache, redis, keyOf } = await api()
    cache.keep(await keyOf(at('1/0/0.jpg')), photo())
    redis.tiles.set(await keyOf(at('1/1/1.jpg')), empty())
    const known = { headers: { 'if-none-match': '*' } }
    const paths = [at('1/0/0.jpg'), at('1/1/1.jpg'), at('1/1/0.jpg'), at('1/9/0.jpg'), '/none']
    const answers = await Promise.all([
      ...paths.map((path) => ask({ url }, path)),
      ask({ url }, at('1/0/0.jpg'), known),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 503, 404, 404, 304])
    for (const { headers } of answers) {
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(headers['access-control-expose-headers']).toContain('X-Cache')
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
  })
})

test('a path whose percent-encoding is broken, or in absolute form, is taken as any other', async () => {
  const { url, cache, keyOf } = await api()
  cache.keep(await keyOf(at('1/0/0.jpg')), photo())
  expect((await ask({ url }, '/searches/%zz/tiles/WebMercatorQuad/1/0/0.jpg?assets=a')).status).toBe(404)
  expect((await ask({ url }, url + at('1/0/0.jpg'))).status).toBe(200)
})
