import { afterEach, describe, expect, test, vi } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { jobsOf } from '../../src/prerender/run-spec.ts'
import { jobTiles, type RenderJob } from '../../src/queue/render-job.ts'
import { ended, endRuns, images, parser, runRequest, startRuns, tms, world } from '../support/prerender-runs.ts'

afterEach(endRuns)

describe('a pre-render run', () => {
  test('renders every tile once, with several workers and never more jobs in the queue than its window', async () => {
    const { runs, store, background, startWorker } = await startRuns({ window: 8 })
    const tiles: string[] = []
    let [mostOutstanding, mostWaiting, id] = [0, 0, '']
    const render = async (job: RenderJob) => {
      for (const { tile } of jobTiles(job)) tiles.push(`${tile.z}/${tile.x}/${tile.y}`)
      mostOutstanding = Math.max(mostOutstanding, (await store.outstanding(id)).length)
      mostWaiting = Math.max(mostWaiting, await background.getWaitingCount())
      return { image: job.columns * job.rows - 1, empty: 1, present: 0, failed: 0 }
    }
    const created = await runs.create(runRequest({ maxzoom: 6 }), world)
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
    const { runs, generations, startWorker } = await startRuns()
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
    const run = await runs.create(runRequest({ ...fields, bbox: [10, 50, 11, 51], minzoom: 5, maxzoom: 5 }), world)
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
    const { runs, store } = await startRuns()
    const { id } = await runs.create(runRequest({ minzoom: 3 }), world)
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
    const { runs, store, background, startWorker } = await startRuns({ window: 8 })
    const { id } = await runs.create(runRequest({ minzoom: 5, maxzoom: 5 }), world)
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
    const { runs, background } = await startRuns({ window: 8 })
    await runs.create(runRequest({ minzoom: 5, maxzoom: 5 }), world)
    await runs.sweep()
    expect(await background.getWaitingCount()).toBe(8)
  })

  test('is looked after by the workers’ sweep without being asked', async () => {
    const { runs, background, startWorker } = await startRuns({ window: 8 })
    const { id } = await runs.create(runRequest(), world)
    await background.obliterate({ force: true })
    startWorker(async (job) => images(job))
    runs.startSweep()
    // Every 2.5 to 7.5 s.
    expect(await ended(runs, id)).toMatchObject({ state: 'done', tiles: { rendered: 85 } })
  })

  test('is swept by one of all the workers at a time', async () => {
    const { runs, store, background } = await startRuns()
    const { id } = await runs.create(runRequest(), world)
    await runs.sweep()
    await background.obliterate({ force: true })
    await runs.sweep()
    expect(await background.getWaitingCount()).toBe(0)
    expect((await store.outstanding(id)).length).toBeGreaterThan(0)
  })

  test('stops when it is cancelled, and counts nothing after', async () => {
    const { runs, store, background, startWorker } = await startRuns({ window: 8 })
    const { id } = await runs.create(runRequest({ maxzoom: 9 }), world)
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
    const { runs, startWorker } = await startRuns()
    const { id } = await runs.create(runRequest(), world)
    let tries = 0
    startWorker(async (job) => {
      if (job.z === 3 && job.x === 0 && tries++ === 0) throw new TilepressError('STORAGE_UNAVAILABLE', 'no answer')
      return images(job)
    })
    expect(await ended(runs, id)).toMatchObject({ state: 'done', tiles: { done: 85, rendered: 85, failed: 0 } })
    expect(tries).toBeGreaterThan(1)
  })

  test('goes on after a job that failed for good, and tells which tiles and why', async () => {
    const { runs, startWorker } = await startRuns()
    const { id } = await runs.create(runRequest(), world)
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
    const { runs, store, startWorker } = await startRuns({ side: 16 })
    const { id } = await runs.create(runRequest({ minzoom: 6, maxzoom: 6 }), world)
    startWorker(async () => {
      throw new TilepressError('ASSET_NOT_FOUND', 'asset a is missing')
    })
    const run = await ended(runs, id)
    expect(run.tiles.failed).toBe(4_096)
    expect(run.failures).toHaveLength(20)
    expect((await store.get(id, 10_000))?.failures).toHaveLength(1_000)
  })

  test('ends a job that was started again and again and never ended, as it may be what kills the workers', async () => {
    const { runs, store, startWorker } = await startRuns({ attempts: 2 })
    const { id } = await runs.create(runRequest({ minzoom: 0, maxzoom: 0 }), world)
    for (let start = 1; start <= 5; start++) expect(await store.begin(id, 0)).toBe(start)
    startWorker(async (job) => images(job))
    const run = await ended(runs, id)
    expect(run).toMatchObject({ state: 'done', tiles: { failed: 1, rendered: 0 } })
    expect(run.failures[0]?.code).toBe('RENDER_ABANDONED')
  })

  test('leaves jobs of waiting clients alone', async () => {
    const { runs } = await startRuns()
    const series = {
      layer: { kind: 'search', id: 's' },
      generation: 0,
      tileMatrixSetId: tms.id,
      render: parser.parseRender('assets=a'),
      format: 'auto',
    } as const
    const job = {
      series,
      z: 0,
      x: 0,
      y: 0,
      columns: 1,
      rows: 1,
      first: null,
      runId: null,
      runIndex: null,
      force: false,
    }
    expect(await runs.begin(job)).toBe(true)
    await runs.onJobDone(job, images(job))
    await runs.onJobFailed(job, new TilepressError('INTERNAL', 'x'))
    expect(await runs.list(10)).toEqual([])
  })
})
