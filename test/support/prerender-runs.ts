import { Queue } from 'bullmq'
import { expect, vi } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { PrerenderRuns } from '../../src/prerender/prerender-runs.ts'
import { parseRunRequest } from '../../src/prerender/run-request.ts'
import type { Run } from '../../src/prerender/run-resource.ts'
import { RunStore, type TileCounts } from '../../src/prerender/run-store.ts'
import { connectRedis, whenReady } from '../../src/queue/connection.ts'
import { LayerGenerations } from '../../src/queue/layer-generations.ts'
import type { RenderJob } from '../../src/queue/render-job.ts'
import { RenderQueue } from '../../src/queue/render-queue.ts'
import { RenderWorker } from '../../src/queue/render-worker.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { searchLimits } from './search-limits.ts'
import { services, uniqueName } from './services.ts'

export const world: Bounds = [-180, -90, 180, 90]
export const tms = tileMatrixSets.get('WebMercatorQuad')!

const undone: (() => Promise<unknown>)[] = []

/** For afterEach: ends all that startRuns started. */
export async function endRuns(): Promise<void> {
  for (const undo of undone.splice(0).reverse()) await undo()
}

export interface RunSystem {
  readonly runs: PrerenderRuns
  readonly store: RunStore
  /** BullMQ's own view of the background queue. */
  readonly background: Queue
  readonly generations: LayerGenerations
  /** A worker process's parts; a tile takes the outcome that `render` gives. */
  startWorker(render: (job: RenderJob) => Promise<TileCounts>, concurrency?: number): void
}

/** Runs in the test's Redis, under a prefix of their own. */
export async function startRuns({
  window = 8,
  tileLimit = 1_000_000,
  side = 4,
  attempts = 2,
} = {}): Promise<RunSystem> {
  const prefix = `{${uniqueName()}}`
  const redis = connectRedis(services().queueRedisUrl, 'worker', { onError: () => undefined })
  undone.push(async () => redis.disconnect())
  await whenReady(redis, 5_000)
  const queue = new RenderQueue({ redis, prefix, attempts, liveBacklogLimit: 100, deadlineMs: 10_000 })
  undone.push(() => queue.close())
  const background = new Queue('background', { connection: redis, prefix, skipMetasUpdate: true })
  undone.push(() => background.close())
  const generations = new LayerGenerations(redis, prefix)
  const onError = (error: Error) => expect.unreachable(error.message)
  const runs = new PrerenderRuns({ redis, queue, generations, prefix, side, window, tileLimit, attempts, onError })
  undone.push(() => runs.close())
  return {
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
        lockMs: 10_000,
        render: async (job) => {
          if (!(await runs.begin(job))) return
          await runs.onJobDone(job, await render(job))
        },
        fail: (job, error) => runs.onJobFailed(job, error),
        onError: () => undefined,
        onTaken: () => undefined,
        onAttemptFailed: () => undefined,
      })
      undone.push(() => worker.close(0))
    },
  }
}

export const parser = new TileRequestParser(searchLimits)

/** Zooms 0 to 3, of the world 85 tiles in 7 jobs of up to 4 × 4, but for the fields given. */
export function runRequest(fields: Record<string, unknown> = {}) {
  const layer = { search: 'f'.repeat(32) }
  return parseRunRequest({ ...layer, minzoom: 0, maxzoom: 3, parameters: { assets: 'a' }, ...fields }, parser)
}

/** Every tile became an image. */
export const images = (job: RenderJob): TileCounts => ({
  image: job.columns * job.rows,
  empty: 0,
  present: 0,
  failed: 0,
})

/** The run once it is over. */
export async function ended(runs: PrerenderRuns, id: string): Promise<Run> {
  return vi.waitFor(
    async () => {
      const run = await runs.get(id)
      expect(run.state).not.toBe('running')
      return run
    },
    { timeout: 20_000, interval: 25 },
  )
}

/** What the promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<TilepressError> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof TilepressError) return thrown
  throw new Error(`not refused: ${thrown}`)
}
