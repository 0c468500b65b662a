import { Queue } from 'bullmq'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { PrerenderRuns } from '../../src/prerender/prerender-runs.ts'
import { parseRunRequest } from '../../src/prerender/run-request.ts'
import type { Run } from '../../src/prerender/run-resource.ts'
import { jobsOf } from '../../src/prerender/run-spec.ts'
import { RunStore, type TileCounts } from '../../src/prerender/run-store.ts'
import { connectRedis, whenReady } from '../../src/queue/connection.ts'
import { LayerGenerations } from '../../src/queue/layer-generations.ts'
import { jobTiles, type RenderJob } from '../../src/queue/render-job.ts'
import { RenderQueue } from '../../src/queue/render-queue.ts'
import { RenderWorker } from '../../src/queue/render-worker.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { searchLimits } from '../support/search-limits.ts'
import { services, uniqueName } from '../support/services.ts'

const world: Bounds = [-180, -90, 180, 90]
const tms = tileMatrixSets.get('WebMercatorQuad')!

const undone: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const undo of undone.splice(0).reverse()) await undo()
})

interface System {
  readonly prefix: string
  readonly runs: PrerenderRuns
  readonly store: RunStore
  /** BullMQ's own view of the background queue. */
  readonly background: Queue
  readonly generations: LayerGenerations
  /** A worker process's parts; a tile takes the outcome that `render` gives. */
  startWorker(render: (job: RenderJob) => Promise<TileCounts>, concurrency?: number): void
}

async function connect() {
  const redis = connectRedis(services().queueRedisUrl, 'worker', { onError: () => undefined })
  undone.push(async () => redis.disconnect())
  await whenReady(redis, 5_000)
  return redis
}

async function start({ window = 8, tileLimit = 1_000_000, side = 4, attempts = 2 } = {}): Promise<System> {
  const prefix = `{${uniqueName()}}`
  const redis = await connect()
  const parts = async () => {
    const queue = new RenderQueue({ redis, prefix, attempts, liveBacklogLimit: 100 })
    const generations = new LayerGenerations(redis, prefix)
    const onError = (error: Error) => expect.unreachable(error.message)
    const runs = new PrerenderRuns({ redis, queue, generations, prefix, side, window, tileLimit, attempts, onError })
    undone.push(async () => {
      await runs.close()
      await queue.close()
    })
    return { runs, generations }
  }
  const background = new Queue('background', { connection: redis, prefix, skipMetasUpdate: true })
  undone.push(() => background.close())
  const { runs, generations } = await parts()
  return {
    prefix,
    runs,
    store: new RunStore(redis, prefix),
    background,
    generations,
    startWorker(render, concurrency = 4) {
      const worker = new RenderWorker({
        redis,
        prefix,
        concurrency: 1,
        backgroundConcurrency: concurrency,
        timeoutMs: 10_000,
        render: async (job) => {
          if (!(await runs.begin(job))) return
          await runs.onJobDone(job, await render(job))
        },
        fail: (job, error) => runs.onJobFailed(job, error),
        onError: () => undefined,
        onAttemptFailed: () => undefined,
      })
      undone.push(() => worker.close(0))
    },
  }
}

const parser = new TileRequestParser(searchLimits)

function request(fields: Record<string, unknown> = {}) {
  const layer = { search: 'f'.repeat(32) }
  return parseRunRequest({ ...layer, minzoom: 0, maxzoom: 3, parameters: { assets: 'a' }, ...fields }, parser)
}

const images = (job: RenderJob): TileCounts => ({ image: job.columns * job.rows, empty: 0, present: 0, failed: 0 })

async function ended(runs: PrerenderRuns, id: string): Promise<Run> {
  return vi.waitFor(
    async () => {
      const run = await runs.get(id)
      expect(run.state).not.toBe('running')
      return run
    },
    { timeout: 20_000, interval: 25 },
  )
}

async function refusal(promise: Promise<unknown>): Promise<TilepressError> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof TilepressError) return thrown
  throw new Error(`not refused: ${thrown}`)
}

describe('a pre-render run', () => {
  test('renders every tile once, with several workers and never more jobs in the queue than its window', async () => {
    const { runs, store, background, startWorker } = await start({ window: 8 })
    const tiles: string[] = []
    let [mostOutstanding, mostWaiting, id] = [0, 0, '']
    const render = async (job: RenderJob) => {
      for (const { tile } of jobTiles(job, tms)) tiles.push(`${tile.z}/${tile.x}/${tile.y}`)
      mostOutstanding = Math.max(mostOutstanding, (await store.outstanding(id)).length)
      mostWaiting = Math.max(mostWaiting, await background.getWaitingCount())
      return { image: job.columns * job.rows - 1, empty: 1, present: 0, failed: 0 }
    }
    const created = await runs.create(request({ maxzoom: 6 }), world)
    id = created.id
    expect(created).toMatchObject({
      state: 'running',
      layer: { kind: 'search', id: 'f'.repeat(32) },
      bbox: world,
      zooms: [0, 1, 2, 3, 4, 5, 6],
      tiles: { total: 5_461, done: 0 },
      jobs: { total: 343, done: 0, outstanding: 8 },
      percent: 0,
      eta_seconds: null,
      finished_at: null,
    })
    startWorker(render)
    startWorker(render)
    const run = await ended(runs, id)
    expect(run).toMatchObject({
      state: 'done',
      tiles: { total: 5_461, done: 5_461, rendered: 5_461 - 343, empty: 343, present: 0, failed: 0 },
      jobs: { total: 343, done: 343, outstanding: 0 },
      percent: 100,
      failures: [],
    })
    expect(tiles).toHaveLength(5_461)
    expect(new Set(tiles).size).toBe(5_461)
    expect(mostOutstanding).toBe(8)
    expect(mostWaiting).toBeLessThanOrEqual(8)
    expect(await store.runningIds()).toEqual([])
    await vi.waitFor(async () => expect(await background.getJobCountByTypes('wait', 'active', 'delayed')).toBe(0))
  })

  test('hands its jobs the tile series of the request and the layer’s generation', async () => {
    const { runs, generations, startWorker } = await start()
    await generations.raise({ kind: 'collection', id: 'c' })
    const jobs: RenderJob[] = []
    startWorker(async (job) => {
      jobs.push(job)
      return images(job)
    })
    const fields = {
      search: undefined,
      collection: 'c',
      format: 'webp',
      force: true,
      parameters: 'assets=a&nodata=nan',
    }
    const run = await runs.create(request({ ...fields, bbox: [10, 50, 11, 51], minzoom: 5, maxzoom: 5 }), world)
    await ended(runs, run.id)
    expect(jobs).toHaveLength(1)
    expect(jobs[0]).toMatchObject({
      series: {
        layer: { kind: 'collection', id: 'c' },
        generation: 1,
        tileMatrixSetId: 'WebMercatorQuad',
        render: parser.parseRender('assets=a&nodata=nan'),
        format: 'webp',
      },
      z: 5,
      x: 16,
      y: 10,
      columns: 1,
      rows: 1,
      runId: run.id,
      runIndex: 0,
      force: true,
    })
  })

  test('counts a job once that ran twice', async () => {
    const { runs, store } = await start()
    const { id } = await runs.create(request({ minzoom: 3 }), world)
    const job = jobsOf(id, (await store.get(id, 0))!.spec)(0)
    expect(await runs.begin(job)).toBe(true)
    expect(await runs.begin(job)).toBe(true)
    await Promise.all([runs.onJobDone(job, images(job)), runs.onJobDone(job, images(job))])
    expect((await runs.get(id)).tiles.done).toBe(16)
    expect((await runs.get(id)).jobs).toEqual({ total: 4, done: 1, outstanding: 3 })
    // A third worker that gets it late does not even begin.
    expect(await runs.begin(job)).toBe(false)
  })

  test('loses no tile when jobs vanish from the queue or never got there', async () => {
    const { runs, store, background, startWorker } = await start({ window: 8 })
    const { id } = await runs.create(request({ minzoom: 5, maxzoom: 5 }), world)
    // As after a crash between the cursor's step and the queue: 4 more are outstanding, and nobody has them.
    expect(await store.take(id, 12)).toEqual([8, 9, 10, 11])
    await background.obliterate({ force: true })
    startWorker(async (job) => images(job))
    expect(await background.getJobCountByTypes('wait', 'active')).toBe(0)
    await runs.sweep()
    const run = await ended(runs, id)
    expect(run).toMatchObject({ state: 'done', tiles: { total: 1_024, done: 1_024, rendered: 1_024 } })
  })

  test('has no job twice in the queue when it is swept while all is well', async () => {
    const { runs, background } = await start({ window: 8 })
    await runs.create(request({ minzoom: 5, maxzoom: 5 }), world)
    await runs.sweep()
    expect(await background.getWaitingCount()).toBe(8)
  })

  test('is looked after by the workers’ sweep without being asked', async () => {
    const { runs, background, startWorker } = await start({ window: 8 })
    const { id } = await runs.create(request(), world)
    await background.obliterate({ force: true })
    startWorker(async (job) => images(job))
    runs.startSweep()
    // Every 2.5 to 7.5 s.
    expect(await ended(runs, id)).toMatchObject({ state: 'done', tiles: { rendered: 85 } })
  })

  test('is swept by one of all the workers at a time', async () => {
    const { runs, store, background } = await start()
    const { id } = await runs.create(request(), world)
    await runs.sweep()
    await background.obliterate({ force: true })
    await runs.sweep()
    expect(await background.getWaitingCount()).toBe(0)
    expect((await store.outstanding(id)).length).toBeGreaterThan(0)
  })

  test('stops when it is cancelled, and counts nothing after', async () => {
    const { runs, store, background, startWorker } = await start({ window: 8 })
    const { id } = await runs.create(request({ maxzoom: 9 }), world)
    let rendered = 0
    startWorker(async (job) => {
      rendered++
      await new Promise((resolve) => setTimeout(resolve, 20))
      return images(job)
    }, 2)
    await vi.waitFor(async () => expect((await runs.get(id)).jobs.done).toBeGreaterThan(3))
    const cancelled = await runs.cancel(id)
    const renderedThen = rendered
    expect(cancelled).toMatchObject({ state: 'cancelled', jobs: { outstanding: 0 }, eta_seconds: null })
    expect(cancelled.finished_at).not.toBeNull()
    await vi.waitFor(async () => expect(await background.getJobCountByTypes('wait', 'active', 'delayed')).toBe(0))
    // Those that had asked before the cancellation may still end.
    expect(rendered - renderedThen).toBeLessThanOrEqual(2)
    expect(await runs.get(id)).toEqual(cancelled)
    expect(await runs.cancel(id)).toEqual(cancelled)
    expect(await store.runningIds()).toEqual([])
  })

  test('tries a job again whose error may pass, and counts it once', async () => {
    const { runs, startWorker } = await start()
    const { id } = await runs.create(request(), world)
    let tries = 0
    startWorker(async (job) => {
      if (job.z === 3 && job.x === 0 && tries++ === 0) throw new TilepressError('STORAGE_UNAVAILABLE', 'no answer')
      return images(job)
    })
    expect(await ended(runs, id)).toMatchObject({ state: 'done', tiles: { done: 85, rendered: 85, failed: 0 } })
    expect(tries).toBeGreaterThan(1)
  })

  test('goes on after a job that failed for good, and tells which tiles and why', async () => {
    const { runs, startWorker } = await start()
    const { id } = await runs.create(request(), world)
    startWorker(async (job) => {
      if (job.z === 3 && job.x === 4 && job.y === 0)
        throw new TilepressError('ASSET_UNREADABLE', 'asset a is unreadable')
      return images(job)
    })
    const run = await ended(runs, id)
    expect(run).toMatchObject({ state: 'done', tiles: { total: 85, done: 85, rendered: 69, failed: 16 } })
    expect(run.failures).toHaveLength(16)
    const places = run.failures.map(({ z, x, y }) => `${z}/${x}/${y}`).sort()
    expect(places).toEqual([4, 5, 6, 7].flatMap((x) => [0, 1, 2, 3].map((y) => `3/${x}/${y}`)).sort())
    expect(run.failures[0]).toMatchObject({ code: 'ASSET_UNREADABLE', detail: 'asset a is unreadable' })
  })

  test('keeps a thousand failures of a run and shows twenty', async () => {
    const { runs, store, startWorker } = await start({ side: 16 })
    const { id } = await runs.create(request({ minzoom: 6, maxzoom: 6 }), world)
    startWorker(async () => {
      throw new TilepressError('ASSET_NOT_FOUND', 'asset a is missing')
    })
    const run = await ended(runs, id)
    expect(run.tiles.failed).toBe(4_096)
    expect(run.failures).toHaveLength(20)
    expect((await store.get(id, 10_000))?.failures).toHaveLength(1_000)
  })

  test('ends a job that was started again and again and never ended, as it may be what kills the workers', async () => {
    const { runs, store, startWorker } = await start({ attempts: 2 })
    const { id } = await runs.create(request({ minzoom: 0, maxzoom: 0 }), world)
    for (let start = 1; start <= 5; start++) expect(await store.begin(id, 0)).toBe(start)
    startWorker(async (job) => images(job))
    const run = await ended(runs, id)
    expect(run).toMatchObject({ state: 'done', tiles: { failed: 1, rendered: 0 } })
    expect(run.failures[0]?.code).toBe('RENDER_ABANDONED')
  })

  test('leaves jobs of waiting clients alone', async () => {
    const { runs } = await start()
    const series = {
      layer: { kind: 'search', id: 's' },
      generation: 0,
      tileMatrixSetId: tms.id,
      render: parser.parseRender('assets=a'),
      format: 'auto',
    } as const
    const job = { series, z: 0, x: 0, y: 0, columns: 1, rows: 1, runId: null, runIndex: null, force: false }
    expect(await runs.begin(job)).toBe(true)
    await runs.onJobDone(job, images(job))
    await runs.onJobFailed(job, new TilepressError('INTERNAL', 'x'))
    expect(await runs.list(10)).toEqual([])
  })
})

describe('runs', () => {
  test('that would be too large, or have no tile, are refused before anything is stored', async () => {
    const { runs } = await start({ tileLimit: 84 })
    const tooLarge = await refusal(runs.create(request(), world))
    expect(tooLarge.code).toBe('RUN_TOO_LARGE')
    expect(tooLarge.detail).toContain('85')
    expect(tooLarge.detail).toContain('84')
    const empty = await refusal(runs.create(request({ bbox: [0, 86, 1, 87] }), world))
    expect(empty).toMatchObject({ code: 'PARAMETER_INVALID', detail: expect.stringContaining('bbox') })
    expect(await runs.list(10)).toEqual([])
  })

  test('that are unknown are not found', async () => {
    const { runs } = await start()
    for (const id of ['mjuzs000-0a1b2c3d', 'x', '../runs', '']) {
      expect((await refusal(runs.get(id))).code).toBe('RUN_NOT_FOUND')
      expect((await refusal(runs.cancel(id))).code).toBe('RUN_NOT_FOUND')
    }
  })

  test('are listed newest first', async () => {
    const { runs } = await start()
    const ids: string[] = []
    for (let i = 0; i < 3; i++) {
      ids.unshift((await runs.create(request(), world)).id)
      // The order within one millisecond is left to chance.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect((await runs.list(10)).map(({ id }) => id)).toEqual(ids)
    expect((await runs.list(2)).map(({ id }) => id)).toEqual(ids.slice(0, 2))
    expect(ids.toSorted().reverse()).toEqual(ids)
  })

  test('work a hundred at a time, and one more is refused', async () => {
    const { runs, store } = await start({ window: 1 })
    const ids: string[] = []
    for (let i = 0; i < 100; i++) ids.push((await runs.create(request(), world)).id)
    expect((await refusal(runs.create(request(), world))).code).toBe('QUEUE_FULL')
    expect(await store.runningIds()).toHaveLength(100)
    await runs.cancel(ids[50]!)
    await runs.create(request(), world)
  })

  test('are forgotten a thousand later, but not while they work', async () => {
    const { runs, store } = await start({ window: 1 })
    const first = await runs.create(request(), world)
    const { spec } = (await store.get(first.id, 0))!
    const over: string[] = []
    for (let i = 0; i < 1_002; i++) {
      const id = await store.create(spec, 85, 7)
      await store.cancel(id)
      over.push(id)
    }
    expect(await store.list(2_000)).toHaveLength(1_000)
    expect(await store.get(first.id, 0)).not.toBeNull()
    expect((await refusal(runs.get(over[0]!))).code).toBe('RUN_NOT_FOUND')
    expect((await runs.get(over.at(-1)!)).state).toBe('cancelled')
  })

  test('cannot be made or seen while Redis is away, and the caller is told at once', async () => {
    const redis = connectRedis('redis://127.0.0.1:1', 'fail-fast', { timeoutMs: 500, onError: () => undefined })
    undone.push(async () => redis.disconnect())
    const prefix = `{${uniqueName()}}`
    const queue = new RenderQueue({ redis, prefix, attempts: 1, liveBacklogLimit: 1 })
    const generations = new LayerGenerations(redis, prefix)
    const onError = () => undefined
    const limits = { side: 4, window: 8, tileLimit: 1_000, attempts: 1 }
    const runs = new PrerenderRuns({ redis, queue, generations, prefix, ...limits, onError })
    for (const asked of [runs.create(request(), world), runs.get('mjuzs000-0a1b2c3d'), runs.list(5)]) {
      expect((await refusal(asked)).code).toBe('QUEUE_UNAVAILABLE')
    }
  })
})
