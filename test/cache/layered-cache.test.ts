import { describe, expect, test } from 'vitest'
import { LayeredCache } from '../../src/cache/layered-cache.ts'
import { MemoryCache } from '../../src/cache/memory-cache.ts'
import { createStoredTile } from '../../src/cache/stored-tile.ts'
import { TierBusy } from '../../src/cache/tier-busy.ts'
import type { StoredTile, TileCache } from '../../src/cache/tile-cache.ts'

class MapTier implements TileCache {
  readonly tiles = new Map<string, StoredTile>()
  readonly name: 'redis' | 'blob'
  down = false
  /** Calls wait for it. */
  gate: PromiseWithResolvers<void> | null = null
  /** Asks for a rest of so many milliseconds. */
  busyMs = 0
  calls = 0
  constructor(name: 'redis' | 'blob') {
    this.name = name
  }
  async get(key: string) {
    await this.#call()
    return this.tiles.get(key) ?? null
  }
  async head(key: string) {
    return await this.get(key)
  }
  async put(key: string, tile: StoredTile) {
    await this.#call()
    this.tiles.set(key, tile)
  }
  async #call() {
    this.calls++
    if (this.down) throw new Error('down')
    if (this.busyMs > 0) throw new TierBusy(this.busyMs)
    await this.gate?.promise
  }
}

const tile = createStoredTile({ outcome: 'image', contentType: 'image/png', body: Buffer.from('x') }, null, Date.now())

function layers() {
  const memory = new MemoryCache({ maxBytes: 1e6, ttlMs: () => 60_000 })
  const [redis, blob] = [new MapTier('redis'), new MapTier('blob')]
  const failures: string[] = []
  const cache = new LayeredCache(memory, [redis, blob], (tier, operation) => failures.push(`${tier} ${operation}`))
  return { memory, redis, blob, cache, failures }
}

describe('the layered cache', () => {
  test('fills the upper tiers from a hit below', async () => {
    const { cache, redis, blob } = layers()
    blob.tiles.set('k', tile)
    expect(await cache.getBelow('k')).toEqual({ tile, tier: 'blob' })
    expect(cache.getFromMemory('k')).toEqual(tile)
    await expect.poll(() => redis.tiles.get('k')).toBe(tile)
    expect(await cache.getBelow('k')).toEqual({ tile, tier: 'redis' })
  })

  test('skips a tier that fails and tells its owner', async () => {
    const { cache, redis, blob, failures } = layers()
    redis.down = true
    blob.tiles.set('k', tile)
    expect((await cache.getBelow('k'))?.tier).toBe('blob')
    expect(failures).toContain('redis get')
    const { nearest, others } = await cache.put('k2', tile)
    expect([nearest, await others, blob.tiles.has('k2')]).toEqual([false, true, true])
  })

  test('stops asking a tier after five failures in a row', async () => {
    const { cache, redis } = layers()
    redis.down = true
    for (let i = 0; i < 20; i++) await cache.getBelow(`k${i}`)
    expect(redis.calls).toBe(5)
    expect(cache.states()).toEqual({ redis: 'open', blob: 'closed' })
  })

  test('is done when the nearest tier has the tile, and behind that with the others', async () => {
    const { cache, blob } = layers()
    blob.gate = Promise.withResolvers<void>()
    const { nearest, others } = await cache.put('k', tile)
    expect([nearest, blob.tiles.has('k')]).toEqual([true, false])
    blob.gate.resolve()
    expect([await others, blob.tiles.has('k')]).toEqual([true, true])
  })

  test('lets the others go without a tile when they are far behind, unless it is to stay', async () => {
    const { cache, blob, failures } = layers()
    blob.gate = Promise.withResolvers<void>()
    for (let i = 0; i < 256; i++) await cache.put(`k${i}`, tile)
    expect(failures).toEqual([])
    const one = await cache.put('one more', tile)
    expect([one.nearest, await one.others, failures]).toEqual([true, false, ['blob put']])
    const { others } = await cache.put('of a run', tile, true)
    blob.gate.resolve()
    expect(await others).toBe(true)
    expect(await cache.settle(5_000)).toBe(0)
    expect([blob.tiles.size, blob.tiles.has('one more')]).toEqual([257, false])
    expect(await (await cache.put('one more', tile)).others).toBe(true)
  })

  test('settles before the end: what is behind is written, or counted', async () => {
    const { cache, blob } = layers()
    blob.gate = Promise.withResolvers<void>()
    await cache.put('k', tile)
    expect(await cache.settle(20)).toBe(1)
    blob.gate.resolve()
    expect(await cache.settle(5_000)).toBe(0)
    expect(blob.tiles.has('k')).toBe(true)
  })

  test('leaves a tier alone for as long as it asks, and brings it then what it would not take', async () => {
    const { cache, blob, failures } = layers()
    blob.busyMs = 150
    const { others } = await cache.put('k', tile)
    await expect.poll(() => cache.states().blob, { interval: 1 }).toBe('open')
    const calls = blob.calls
    expect(await cache.getBelow('other')).toBeNull()
    expect(blob.calls).toBe(calls)
    blob.busyMs = 0
    expect([await others, blob.tiles.has('k'), cache.states().blob]).toEqual([true, true, 'closed'])
    expect(failures).toEqual(['blob put'])
  })

  test('gives a run’s tile to the last tier when only an upper one has it, and moves no body where it is', async () => {
    const { cache, redis, blob } = layers()
    redis.tiles.set('k', tile)
    expect(await cache.ensure('k')).toMatchObject({ etag: tile.etag })
    expect(blob.tiles.get('k')).toBe(tile)
    redis.calls = 0
    expect(await cache.ensure('k')).toMatchObject({ etag: tile.etag })
    expect(redis.calls).toBe(0)
    expect(await cache.ensure('missing')).toBeNull()
  })
})

describe('memory', () => {
  test('stays within its bytes and forgets the least recently used', () => {
    const memory = new MemoryCache({ maxBytes: 10_000, ttlMs: () => 60_000 })
    const big = createStoredTile(
      { outcome: 'image', contentType: 'image/png', body: Buffer.alloc(2_000) },
      null,
      Date.now(),
    )
    for (let i = 0; i < 100; i++) memory.put(`k${i}`, big)
    expect(memory.bytes).toBeLessThanOrEqual(10_000)
    expect(memory.get('k99')).toEqual(big)
    expect(memory.get('k0')).toBeNull()
  })

  test('does not give a tile past its life', () => {
    let now = 1_000
    const memory = new MemoryCache({ maxBytes: 10_000, ttlMs: () => 500, now: () => now })
    memory.put('k', createStoredTile({ outcome: 'empty' }, null, now))
    expect(memory.get('k')).not.toBeNull()
    now += 501
    expect(memory.get('k')).toBeNull()
    expect(memory.entries).toBe(0)
  })

  test('keeps a body that many tiles have once, and lets go of it with the last of them', () => {
    const memory = new MemoryCache({ maxBytes: 40 * 512 + 2_000, ttlMs: () => 60_000 })
    const ocean = () =>
      createStoredTile({ outcome: 'image', contentType: 'image/png', body: Buffer.alloc(1_700, 1) }, null, Date.now())
    for (let i = 0; i < 40; i++) memory.put(`ocean${i}`, ocean())
    expect([memory.entries, memory.bytes]).toEqual([40, 40 * 512 + 1_700])
    expect(memory.get('ocean0')?.body).toBe(memory.get('ocean39')?.body)
    for (let i = 0; i < 40; i++) memory.put(`ocean${i}`, ocean())
    expect([memory.entries, memory.bytes]).toEqual([40, 40 * 512 + 1_700])
    for (let i = 0; i < 4; i++)
      memory.put(
        `photo${i}`,
        createStoredTile(
          { outcome: 'image', contentType: 'image/png', body: Buffer.alloc(5_000, i) },
          null,
          Date.now(),
        ),
      )
    expect(memory.get('ocean39')).toBeNull()
    expect(memory.bytes).toBe(4 * 5_512)
  })

  test('bounds small bodies that differ, too', () => {
    const memory = new MemoryCache({ maxBytes: 100_000, ttlMs: () => 60_000 })
    for (let i = 0; i < 1_000; i++) {
      const body = Buffer.alloc(3_000, `${i} `)
      memory.put(`k${i}`, createStoredTile({ outcome: 'image', contentType: 'image/png', body }, null, Date.now()))
      expect(memory.bytes).toBeLessThanOrEqual(100_000)
    }
    expect(memory.entries).toBe(Math.floor(100_000 / 3_512))
  })

  test.each([1_000, 10_000])('keeps no more of what came with a body of %i bytes than the body', (length) => {
    const memory = new MemoryCache({ maxBytes: 1e6, ttlMs: () => 60_000 })
    const chunk = Buffer.alloc(65_536, 7)
    const body = chunk.subarray(100, 100 + length)
    memory.put('k', createStoredTile({ outcome: 'image', contentType: 'image/png', body }, null, Date.now()))
    expect(memory.get('k')?.body).toEqual(body)
    expect(memory.get('k')?.body.buffer.byteLength).toBe(length)
  })

  test('of no size keeps nothing', () => {
    const memory = new MemoryCache({ maxBytes: 0, ttlMs: () => 1_000 })
    memory.put('k', tile)
    expect(memory.get('k')).toBeNull()
  })
})
