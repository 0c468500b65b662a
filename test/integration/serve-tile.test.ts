import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startRedis } from '../../apps/stack/services/redis.ts'
import { LayeredCache } from '../../src/cache/layered-cache.ts'
import { MemoryCache } from '../../src/cache/memory-cache.ts'
import { RedisCache } from '../../src/cache/redis-cache.ts'
import { createStoredTile } from '../../src/cache/stored-tile.ts'
import { TilepressError } from '../../src/errors.ts'
import { type TileSeries, tileKey } from '../../src/key/tile-key.ts'
import { publishTile } from '../../src/pipeline/publish-tile.ts'
import { TileService } from '../../src/pipeline/serve-tile.ts'
import { connectRedis, type Redis, whenReady } from '../../src/queue/connection.ts'
import { LayerGenerations } from '../../src/queue/layer-generations.ts'
import { jobOfTile, type RenderJob } from '../../src/queue/render-job.ts'
import { RenderQueue } from '../../src/queue/render-queue.ts'
import { RenderWorker } from '../../src/queue/render-worker.ts'
import { TileAnnouncer } from '../../src/queue/tile-announcer.ts'
import { TileWaiter } from '../../src/queue/tile-waiter.ts'
import { Releasers } from '../../src/release.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import type { TileRequest } from '../../src/request/tile-request.ts'
import { searchLimits } from '../support/search-limits.ts'
import { services, uniqueName } from '../support/services.ts'

const undone: Releasers[] = []

afterEach(async () => {
  for (const releasers of undone.splice(0).reverse()) await releasers.release()
})

/** A search of its own for each test, as the cache is shared. */
let search = ''

beforeEach(() => {
  search = uniqueName()
})

function request(x = 0): TileRequest {
  return new TileRequestParser(searchLimits).parse(
    { layer: { kind: 'search', id: search }, tileMatrixSetId: 'WebMercatorQuad', z: '10', x: String(x), y: '0' },
    'assets=a',
  )
}

const lifeOf = (softSeconds: number, hardSeconds: number) => () => ({ softSeconds, hardSeconds })

const never = () => new AbortController().signal

interface Setup {
  /** Called before each render with the number of renders so far. */
  readonly render?: (job: RenderJob, count: number, signal: AbortSignal) => Promise<void>
  readonly deadlineMs?: number
  readonly backlogLimit?: number
  readonly cacheUrl?: string
  readonly queueUrl?: string
  readonly withWorker?: boolean
  readonly staleWaitMs?: number
  /** Soft and hard age of tiles, seconds. */
  readonly ages?: readonly [number, number]
  /** Whether news carries the tile. */
  readonly withBytes?: boolean
}

/** An API process’s parts (as many as asked for) and a worker that renders a byte or fails as told. */
async function pipeline(setup: Setup = {}, apiProcesses = 1) {
  const releasers = new Releasers()
  undone.push(releasers)
  const prefix = `{${uniqueName()}}`
  const queueUrl = setup.queueUrl ?? services().queueRedisUrl
  const connect = async (url: string, kind: 'fail-fast' | 'worker' | 'subscriber', wait = true) => {
    const redis = connectRedis(url, kind, { timeoutMs: 500, onError: () => undefined })
    releasers.add('redis', () => redis.disconnect())
    if (wait) await whenReady(redis, 5_000)
    return redis
  }
  const cacheRedis = await connect(
    setup.cacheUrl ?? services().cacheRedisUrl,
    'fail-fast',
    setup.cacheUrl === undefined,
  )
  const redisCache = () => new RedisCache(cacheRedis, { ttlSeconds: () => 60, timeoutMs: 500 })
  const apis: {
    redis: Redis
    generations: LayerGenerations
    cache: LayeredCache
    service: TileService
    waiter: TileWaiter
    queue: RenderQueue
  }[] = []
  for (let i = 0; i < apiProcesses; i++) {
    const memory = new MemoryCache({ maxBytes: 1e7, ttlMs: () => 60_000 })
    const redis = await connect(queueUrl, 'fail-fast')
    const queue = new RenderQueue({
      redis,
      prefix,
      attempts: 2,
      liveBacklogLimit: setup.backlogLimit ?? 1_000,
      deadlineMs: setup.deadlineMs ?? 5_000,
    })
    releasers.add('queue', () => queue.close())
    const subscriber = await connect(queueUrl, 'subscriber')
    const waiter = new TileWaiter({ subscriber, redis, prefix, registrationMs: 60_000 })
    const cache = new LayeredCache(memory, [redisCache()], () => undefined)
    const answers = new LayeredCache(null, [redisCache()], () => undefined)
    const generations = new LayerGenerations(redis, prefix)
    apis.push({
      redis,
      generations,
      cache,
      service: new TileService({
        ...{ cache, answers, generations, queue, waiter },
        deadlineMs: setup.deadlineMs ?? 5_000,
        blockSide: 1,
        ...(setup.ages && { lifeOf: lifeOf(...setup.ages) }),
        staleWaitMs: setup.staleWaitMs ?? 300,
        overzoomLevels: 2,
      }),
      waiter,
      queue,
    })
  }
  let renders = 0
  const announcer = new TileAnnouncer(await connect(queueUrl, 'worker'), prefix, 2)
  const workerCache = new LayeredCache(null, [redisCache()], () => undefined)
  const store = async (job: RenderJob) => {
    const key = tileKey(job.series, job)
    const tile = createStoredTile(
      { outcome: 'image', contentType: 'image/png', body: Buffer.from(key) },
      null,
      Date.now(),
      job.series.edition,
    )
    await publishTile({ cache: workerCache, announcer }, key, tile, setup.withBytes ?? true)
  }
  const startWorker = async () => {
    const worker = new RenderWorker({
      redis: await connect(queueUrl, 'worker'),
      prefix,
      concurrency: 4,
      backgroundConcurrency: 1,
      timeoutMs: 10_000,
      lockMs: 10_000,
      render: async (job, signal) => {
        const key = tileKey(job.series, job)
        const present = await workerCache.getBelow(key, 1)
        if (present && present.tile.renderedAt !== job.replaces)
          return await announcer.announce(key, { kind: 'cached' })
        renders++
        await setup.render?.(job, renders, signal)
        await store(job)
      },
      fail: (job, error) => announcer.announceFailure([tileKey(job.series, job)], error),
      onError: () => undefined,
      onTaken: () => undefined,
      onAttemptFailed: () => undefined,
    })
    releasers.add('worker', async () => void (await worker.close(0)))
    return worker
  }
  if (setup.withWorker !== false) await startWorker()
  const serve = async (api: number, wanted: TileRequest, signal = never()) => {
    const service = apis[api]!.service
    return await service.serve(await service.series(wanted), wanted, () => signal)
  }
  const series: TileSeries = { ...request(), generation: 0 }
  return {
    prefix,
    redis: (api: number) => apis[api]!.redis,
    apis,
    serve,
    store,
    series,
    startWorker,
    renders: () => renders,
    expected: (x = 0) => Buffer.from(tileKey(series, request(x).tile)),
  }
}

describe('a missing tile', () => {
  test('asked for 400 times at once over two API processes is rendered once and answers all', async () => {
    const { serve, renders, expected, apis } = await pipeline({ render: async () => undefined }, 2)
    const answers = await Promise.all(Array.from({ length: 400 }, (_, i) => serve(i % 2, request())))
    expect(renders()).toBe(1)
    for (const { tile } of answers) expect(tile.body).toEqual(expected())
    expect(answers.filter((each) => each.cache === 'MISS').length).toBeLessThanOrEqual(2)
    expect(apis.map(({ waiter, service }) => [waiter.size, service.underWay])).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('whose news says only that it is in the cache is fetched from there', async () => {
    const { serve, expected } = await pipeline({ withBytes: false })
    expect((await serve(0, request())).tile.body).toEqual(expected())
  })

  test('is in memory after its news, and no list is left in Redis', async () => {
    const { serve, apis, series, redis, prefix, expected } = await pipeline()
    await serve(0, request())
    expect(apis[0]!.service.fromMemory(series, request())?.tile.body).toEqual(expected())
    expect(await redis(0).keys(`${prefix}:wait:*`)).toEqual([])
  })

  test('that is announced between the look and the registration is found by the second look', async () => {
    const { serve, store, series, renders, apis, expected } = await pipeline({ withWorker: false })
    const { waiter, queue } = apis[0]!
    const open = waiter.open.bind(waiter)
    waiter.open = (key, wanted) => {
      const wait = open(key, wanted)
      const register = async () => {
        // The job of another request has just stored and announced the tile, and is not yet done.
        const job = jobOfTile(series, request().tile)
        await queue.enqueueLive(job)
        await store(job)
        return await wait.register()
      }
      return { ...wait, register, next: () => new Promise(() => undefined) }
    }
    expect((await serve(0, request())).tile.body).toEqual(expected())
    expect(renders()).toBe(0)
  })

  test('whose job ends between the look and the registration is announced by the next job, and rendered once', async () => {
    const { serve, apis, renders, expected } = await pipeline({}, 2)
    const { waiter } = apis[1]!
    const open = waiter.open.bind(waiter)
    waiter.open = (key, job) => {
      const wait = open(key, job)
      const register = async () => {
        await serve(0, request())
        await expect.poll(async () => (await apis[0]!.queue.counts()).live.active).toBe(0)
        return await wait.register()
      }
      return { ...wait, register }
    }
    expect((await serve(1, request())).tile.body).toEqual(expected())
    expect(renders()).toBe(1)
  })

  test('whose news is lost is found by a slow look', async () => {
    const { serve, apis, expected } = await pipeline()
    const waiter = apis[0]!.waiter
    const open = waiter.open.bind(waiter)
    waiter.open = (key, job) => ({
      ...open(key, job),
      next: (ms) => new Promise((resolve) => setTimeout(resolve, ms, null)),
    })
    expect((await serve(0, request())).tile.body).toEqual(expected())
  })

  test('whose job was lost is enqueued again', async () => {
    const { serve, startWorker, apis, expected, redis, prefix } = await pipeline({ withWorker: false })
    const answer = serve(0, request())
    const { queue } = apis[0]!
    await expect.poll(async () => (await queue.counts()).live.wait).toBe(1)
    const jobs = new Queue('live', { connection: redis(0), prefix })
    await jobs.drain()
    await jobs.close()
    await startWorker()
    expect((await answer).tile.body).toEqual(expected())
  })

  test('that fails for good fails all its waiters with its code, and for a while whoever asks next', async () => {
    const failing = async () => {
      throw new TilepressError('ASSET_UNREADABLE', 'an asset cannot be read')
    }
    const { serve, renders } = await pipeline({ render: failing })
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => serve(0, request())))
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'ASSET_UNREADABLE' } })
    expect(renders()).toBe(1)
    await expect(serve(0, request())).rejects.toMatchObject({ code: 'ASSET_UNREADABLE' })
    expect(renders()).toBe(1)
  })

  test('whose first try fails in passing is rendered by the second', async () => {
    const { serve, renders, expected } = await pipeline({
      render: async (_, count) => {
        if (count === 1) throw new TilepressError('STORAGE_UNAVAILABLE', 'storage is busy')
      },
    })
    expect((await serve(0, request())).tile.body).toEqual(expected())
    expect(renders()).toBe(2)
  })

  test('that is not ready at the deadline is answered with a code, and is there later', async () => {
    const gate = Promise.withResolvers<void>()
    const { serve, expected } = await pipeline({ deadlineMs: 300, render: () => gate.promise })
    await expect(serve(0, request())).rejects.toMatchObject({ code: 'RENDER_TIMEOUT' })
    gate.resolve()
    expect((await serve(0, request())).tile.body).toEqual(expected())
  })

  test('is let go of when the client leaves', async () => {
    const { serve, apis, redis, prefix } = await pipeline({ withWorker: false })
    const client = new AbortController()
    const answer = serve(0, request(), client.signal)
    await expect.poll(() => apis[0]!.waiter.size).toBe(1)
    client.abort(new TilepressError('RENDER_ABANDONED', 'left'))
    await expect(answer).rejects.toMatchObject({ code: 'RENDER_ABANDONED' })
    await expect.poll(() => apis[0]!.waiter.size).toBe(0)
    await expect.poll(() => redis(0).keys(`${prefix}:wait:*`)).toEqual([])
  })

  test('is refused at once when too many wait', async () => {
    const { serve, apis } = await pipeline({ withWorker: false, backlogLimit: 1, deadlineMs: 60_000 })
    const client = new AbortController()
    const waiting = serve(0, request(1), client.signal).catch(() => undefined)
    await expect.poll(async () => (await apis[0]!.queue.counts()).live.wait).toBe(1)
    await expect
      .poll(async () => {
        const briefly = AbortSignal.timeout(250)
        return await serve(0, request(2), briefly).then(
          () => 'served',
          (error: { code?: unknown }) => error.code,
        )
      })
      .toBe('QUEUE_FULL')
    client.abort(new Error('done'))
    await waiting
  })
})

describe('a tile past its soft age', () => {
  test('is served as it is, and rendered anew once behind its clients’ backs', async () => {
    const { serve, renders, expected } = await pipeline({ ages: [0.3, 3_600] }, 2)
    const first = await serve(0, request())
    await sleep(350)
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => serve(i % 2, request())))
    expect(new Set(answers.map(({ cache }) => cache))).toEqual(new Set(['STALE']))
    for (const { tile } of answers) expect(tile.renderedAt).toBe(first.tile.renderedAt)
    await expect.poll(renders).toBe(2)
    const fresh = async () => (await serve(0, request())).cache
    await expect.poll(fresh).toBe('HIT-REDIS')
    expect((await serve(0, request())).tile.body).toEqual(expected())
    expect(renders()).toBe(2)
  })

  test('is served from memory while its refresh is on its way, and by no more than one look a while', async () => {
    const { serve, apis, series } = await pipeline({ ages: [0, 3_600], withWorker: false })
    const cache = apis[0]!.cache
    cache.keep(tileKey(series, request().tile), createStoredTile({ outcome: 'empty' }, null, Date.now() - 1_000))
    await cache.put(tileKey(series, request().tile), createStoredTile({ outcome: 'empty' }, null, Date.now() - 1_000))
    expect(apis[0]!.service.fromMemory(series, request())).toBeNull()
    expect((await serve(0, request())).cache).toBe('STALE')
    for (let i = 0; i < 5; i++) expect(apis[0]!.service.fromMemory(series, request())?.cache).toBe('STALE')
    await expect.poll(async () => (await apis[0]!.queue.counts()).background.wait).toBe(1)
  })

  test('is not served past its hard age', async () => {
    const { serve, renders } = await pipeline({ ages: [0.1, 0.2] })
    const first = await serve(0, request())
    await sleep(250)
    const second = await serve(0, request())
    expect(second.cache).toBe('MISS')
    expect(second.tile.renderedAt).toBeGreaterThan(first.tile.renderedAt)
    expect(renders()).toBe(2)
  })
})

describe('a tile that was made outdated', () => {
  const area = { minZoom: 0, maxZoom: 20, boxes: [[-180, -90, 180, 90]] as const }

  test('is rendered anew, and its older copy is not taken for it', async () => {
    const { serve, apis, renders } = await pipeline({ withBytes: false })
    const first = await serve(0, request())
    await apis[0]!.generations.invalidate(request().layer, area)
    const second = await serve(0, request())
    expect(second.cache).toBe('MISS')
    expect(second.tile.renderedAt).toBeGreaterThan(first.tile.renderedAt)
    expect((await serve(0, request())).cache).toBe('HIT-REDIS')
    expect(renders()).toBe(2)
  })

  test.each([
    ['in an area', area],
    ['with its layer', null],
    ['with its layer, twice', null],
  ])('%s is served stale when the new one is late, which is in the cache later', async (times, of) => {
    const gate = Promise.withResolvers<void>()
    const { serve, apis, renders } = await pipeline({
      deadlineMs: 20_000,
      staleWaitMs: 200,
      render: async (_, count) => (count > 1 ? gate.promise : undefined),
    })
    const first = await serve(0, request())
    for (let i = times.endsWith('twice') ? 0 : 1; i < 2; i++) await apis[0]!.generations.invalidate(request().layer, of)
    const answers = await Promise.all([serve(0, request()), serve(0, request())])
    for (const { cache, tile } of answers) {
      expect(cache).toBe('STALE')
      expect(tile.body).toEqual(first.tile.body)
    }
    gate.resolve()
    await expect.poll(async () => (await serve(0, request())).cache).not.toBe('STALE')
    expect(renders()).toBe(2)
  })

  test('is served stale at once when the queue is away, and not past its hard age', async () => {
    const { serve, apis } = await pipeline({ ages: [0.9, 1], deadlineMs: 20_000, staleWaitMs: 20_000 })
    await serve(0, request())
    await apis[0]!.generations.invalidate(request().layer, null)
    apis[0]!.redis.disconnect()
    const began = performance.now()
    expect((await serve(0, request())).cache).toBe('STALE')
    expect(performance.now() - began).toBeLessThan(5_000)
    await sleep(1_100)
    await expect(serve(0, request())).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  })

  test('is served stale while storage fails, but an error that will not pass is told', async () => {
    let code: 'STORAGE_UNAVAILABLE' | 'ASSET_UNREADABLE' | null = null
    const { serve, apis } = await pipeline({
      deadlineMs: 20_000,
      staleWaitMs: 20_000,
      render: async () => {
        if (code) throw new TilepressError(code, 'an asset')
      },
    })
    for (const x of [0, 1]) await serve(0, request(x))
    await apis[0]!.generations.invalidate(request().layer, area)
    code = 'STORAGE_UNAVAILABLE'
    expect((await serve(0, request(0))).cache).toBe('STALE')
    code = 'ASSET_UNREADABLE'
    await expect(serve(0, request(1))).rejects.toMatchObject({ code })
  })
})

describe('a tile that cannot be had in time', () => {
  const gray = async () =>
    await sharp(Buffer.alloc(256 * 256, 77), { raw: { width: 256, height: 256, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer()

  test('is a part of its ancestor in the cache, for as long as it is missing', async () => {
    const gate = Promise.withResolvers<void>()
    const { serve, apis, series, expected } = await pipeline({ deadlineMs: 300, render: () => gate.promise })
    const body = await gray()
    const parent = createStoredTile({ outcome: 'image', contentType: 'image/png', body }, null, Date.now())
    await apis[0]!.cache.put(tileKey(series, { z: 8, x: 0, y: 0 }), parent)
    const coarse = await serve(0, request())
    expect(coarse.cache).toBe('OVERZOOM')
    expect((await sharp(coarse.tile.body).raw().toBuffer())[1_000]).toBe(77)
    gate.resolve()
    await expect.poll(async () => (await serve(0, request())).tile.body.toString()).toBe(expected().toString())
  })

  test('is that at once when the queue is full or away', async () => {
    const { serve, apis, series } = await pipeline({ withWorker: false, deadlineMs: 20_000 })
    const parent = createStoredTile(
      { outcome: 'image', contentType: 'image/png', body: await gray() },
      null,
      Date.now(),
    )
    await apis[0]!.cache.put(tileKey(series, { z: 9, x: 0, y: 0 }), parent)
    apis[0]!.redis.disconnect()
    expect((await serve(0, request())).cache).toBe('OVERZOOM')
    await expect(serve(0, request(900))).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  })
})

describe('an outage', () => {
  test('of the cache does not keep a tile from its client', async () => {
    const { serve, expected } = await pipeline({ cacheUrl: 'redis://127.0.0.1:1' })
    expect((await serve(0, request())).tile.body).toEqual(expected())
  })

  test('of the queue is answered with a code within a second or so, and ends by itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tilepress-redis-'))
    const releasers = new Releasers()
    undone.push(releasers)
    releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
    const first = await startRedis({ folder, policy: 'noeviction', aof: false })
    const { serve, startWorker, expected } = await pipeline({
      queueUrl: first.url,
      withWorker: false,
      deadlineMs: 60_000,
    })
    await first.stop()
    await expect(serve(0, request())).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    const second = await startRedis({ folder, port: first.port, policy: 'noeviction', aof: false })
    releasers.add('redis', () => second.stop())
    await startWorker()
    const served = () =>
      serve(0, request()).then(
        ({ tile }) => tile.body.toString(),
        () => null,
      )
    await expect.poll(served, { timeout: 10_000 }).toBe(expected().toString())
  })
})
