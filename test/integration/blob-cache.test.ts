import { ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BlobCache } from '../../src/cache/blob-cache.ts'
import { LayeredCache } from '../../src/cache/layered-cache.ts'
import { createStoredTile } from '../../src/cache/stored-tile.ts'
import type { StoredTile } from '../../src/cache/tile-cache.ts'
import { Releasers } from '../../src/release.ts'
import { createContainer, storageToken, type TestContainer, uniqueName } from '../support/services.ts'
import { type Fault, type StrictStorage, startStrictStorage } from '../support/strict-storage.ts'

const releasers = new Releasers()
const credential = {
  getToken: async () => ({ token: await storageToken(), expiresOnTimestamp: Date.now() + 3_600_000 }),
}
const options = { timeoutMs: 20_000, maxAgeSeconds: 3_600, ttlSeconds: 86_400 }
let container: TestContainer
let blob: BlobCache

beforeAll(async () => {
  container = await createContainer()
  blob = new BlobCache(new ContainerClient(container.url, credential), options)
})

afterAll(() => releasers.release())

const photo = (body: string, renderedAt = Date.now(), edition = 0): StoredTile =>
  createStoredTile(
    { outcome: 'image', contentType: 'image/webp', body: Buffer.from(body) },
    'items_limit',
    renderedAt,
    edition,
  )

const keyOf = () => `v1/search-${uniqueName()}/0/hash/WebMercatorQuad/webp/6/3/4`

describe('a tile in Blob', () => {
  test('comes back as it was, and its head without its body', async () => {
    const [key, tile] = [keyOf(), photo('tile', Date.now(), 7)]
    await blob.put(key, tile)
    expect(await blob.get(key)).toEqual(tile)
    const { body: _, ...head } = tile
    expect(await blob.head(key)).toEqual(head)
    expect([await blob.get(keyOf()), await blob.head(keyOf())]).toEqual([null, null])
  })

  test('is a plain image to whoever else serves the container', async () => {
    const key = keyOf()
    await blob.put(key, photo('the very bytes'))
    const answer = await fetch(`${container.url}/${key}`, {
      headers: { authorization: `Bearer ${await storageToken()}`, 'x-ms-version': '2021-08-06' },
    })
    expect([answer.status, await answer.text()]).toEqual([200, 'the very bytes'])
    expect(answer.headers.get('content-type')).toBe('image/webp')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(answer.headers.get('etag')).toBeTruthy()
  })

  test('that is empty costs no blob', async () => {
    const key = keyOf()
    await blob.put(key, createStoredTile({ outcome: 'empty' }, null, Date.now()))
    expect(await blob.get(key)).toBeNull()
  })

  test('past its life is none', async () => {
    const key = keyOf()
    await blob.put(key, photo('old', Date.now() - 86_401_000))
    expect([await blob.get(key), await blob.head(key)]).toEqual([null, null])
  })

  test('is none where somebody else wrote the blob', async () => {
    const key = keyOf()
    await container.upload(key, Buffer.from('a stranger’s'), 'image/webp')
    expect([await blob.get(key), await blob.head(key)]).toEqual([null, null])
    await blob.put(key, photo('ours'))
    expect((await blob.get(key))?.body.toString()).toBe('ours')
  })

  test('is not replaced by one whose render began before, however late it is written', async () => {
    const key = keyOf()
    const began = Date.now()
    await blob.put(key, photo('new', began))
    await blob.put(key, photo('slow and old', began - 30_000))
    expect((await blob.get(key))?.body.toString()).toBe('new')
    await blob.put(key, photo('newer', began + 1))
    expect((await blob.get(key))?.body.toString()).toBe('newer')
  })

  test('of a later edition of its layer stays, whatever the clocks say', async () => {
    const key = keyOf()
    const began = Date.now()
    await blob.put(key, photo('edition 2', began - 5_000, 2))
    await blob.put(key, photo('edition 1', began, 1))
    expect((await blob.get(key))?.body.toString()).toBe('edition 2')
    await blob.put(key, photo('edition 3', began - 60_000, 3))
    expect((await blob.get(key))?.body.toString()).toBe('edition 3')
  })

  test('written by ten at a time is the newest in the end', async () => {
    const key = keyOf()
    const began = Date.now()
    const tiles = Array.from({ length: 10 }, (_, i) => photo(`number ${i}`, began + i))
    await Promise.allSettled(tiles.toReversed().map((tile) => blob.put(key, tile)))
    await blob.put(key, tiles[9]!)
    expect((await blob.get(key))?.body.toString()).toBe('number 9')
  })
})

describe('a store in trouble', () => {
  let storage: StrictStorage
  let fault: (method: string, path: string) => Fault | null = () => null
  const stored = new Map<string, Buffer>()
  const failures: string[] = []
  let cache: LayeredCache

  beforeAll(async () => {
    storage = await startStrictStorage({
      certificateFolder: process.env.TILEPRESS_TEST_CERTIFICATE ?? '',
      file: (path) => stored.get(path) ?? null,
      accepts: () => true,
      fault: (method, path) => fault(method, path),
      put: (path, body) => stored.set(path, body),
    })
    releasers.add('storage', () => storage.close())
  })

  beforeEach(() => {
    fault = () => null
    failures.length = 0
    const client = new ContainerClient(`${storage.endpoint}/tiles`, credential, { retryOptions: { maxTries: 1 } })
    const tier = new BlobCache(client, { ...options, timeoutMs: 500 })
    cache = new LayeredCache(null, [tier], (name, operation) => failures.push(`${name} ${operation}`))
  })

  const refuse: Fault = { kind: 'refuse', status: 503, code: 'ServerBusy', retryAfterSeconds: 1 }

  test('that throttles is left alone for as long as it says, by all calls, and asked again then', async () => {
    fault = () => refuse
    expect(await cache.getBelow(keyOf())).toBeNull()
    const asked = storage.counts.GET
    for (let i = 0; i < 20; i++) expect(await cache.getBelow(keyOf())).toBeNull()
    expect([storage.counts.GET, cache.states()]).toEqual([asked, { blob: 'open' }])
    fault = () => null
    await expect
      .poll(async () => [await cache.getBelow(keyOf()), cache.states()], { timeout: 10_000 })
      .toEqual([null, { blob: 'closed' }])
    expect(failures).toEqual(['blob get'])
  })

  test('that throttles a third of all writes has every tile in the end', async () => {
    let count = 0
    fault = (method) => (method === 'PUT' && ++count % 3 === 0 ? { ...refuse, retryAfterSeconds: 0.05 } : null)
    const upper = { name: 'redis' as const, get: async () => null, head: async () => null, put: async () => undefined }
    const client = new ContainerClient(`${storage.endpoint}/tiles`, credential, { retryOptions: { maxTries: 1 } })
    const tiers = [upper, new BlobCache(client, { ...options, timeoutMs: 5_000 })]
    const behind = new LayeredCache(null, tiers, (name, operation) => failures.push(`${name} ${operation}`))
    const keys = Array.from({ length: 60 }, keyOf)
    const writes = await Promise.all(keys.map((key) => behind.put(key, photo(key))))
    expect(await Promise.all(writes.map(({ others }) => others))).toEqual(keys.map(() => true))
    for (const key of keys) expect(stored.get(`tiles/${key}`)?.toString()).toBe(key)
  })

  test.each([
    ['stalls', { kind: 'stall' }],
    ['resets connections', { kind: 'reset' }],
    ['cuts bodies', { kind: 'truncate' }],
    ['fails', { kind: 'refuse', status: 500, code: 'InternalError' }],
  ] as const)('that %s costs no answer, is skipped after five failures, and is back by itself', async (_, trouble) => {
    const key = keyOf()
    stored.set(`tiles/${key}`, Buffer.alloc(50_000, 1))
    fault = () => trouble
    const started = performance.now()
    for (let i = 0; i < 20; i++) expect(await cache.getBelow(key)).toBeNull()
    expect([failures.length, cache.states()]).toEqual([5, { blob: 'open' }])
    expect(performance.now() - started).toBeLessThan(20_000)
    fault = () => null
    await expect
      .poll(async () => [await cache.getBelow(keyOf()), cache.states()], { timeout: 10_000 })
      .toEqual([null, { blob: 'closed' }])
  })
})
