import { setTimeout as sleep } from 'node:timers/promises'
import { TilepressError } from '../errors.ts'
import type { Redis } from '../queue/connection.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import { jobTiles, type RenderJob } from '../queue/render-job.ts'
import type { RenderQueue } from '../queue/render-queue.ts'
import { toCanonical } from '../request/canonical.ts'
import type { Bounds } from '../tile/bounds.ts'
import { describeRun, summarizeRun } from './describe-run.ts'
import { RunFeeder } from './run-feeder.ts'
import type { RunRequest } from './run-request.ts'
import type { Run, RunSummary } from './run-resource.ts'
import { planOf, type RunSpec } from './run-spec.ts'
import { RunStore, type TileCounts, type TileFailure } from './run-store.ts'

/** What a crash left behind waits this long at most, and half as long again. */
const SWEEP_MS = 5_000

const SHOWN_FAILURES = 20

/** Starts of a job beyond the tries its errors are given: a worker may die under it, but a job that kills every worker must end. */
const STARTS_TO_SPARE = 3

export interface PrerenderRunsOptions {
  /** `fail-fast` in the API, `worker` in a worker. */
  readonly redis: Redis
  readonly queue: RenderQueue
  readonly generations: LayerGenerations
  readonly prefix: string
  /** Tiles along a job's side (BACKGROUND_METATILE). */
  readonly side: number
  /** Jobs of one run in the queue at a time (RUN_WINDOW). */
  readonly window: number
  /** RUN_TILE_LIMIT. */
  readonly tileLimit: number
  /** RENDER_ATTEMPTS. */
  readonly attempts: number
  /** Trouble that the next sweep repairs. */
  readonly onError: (error: Error) => void
}

/** Longest wait for a sweep's end. */
const CLOSE_MS = 1_000

/**
 * Pre-render runs. A run is a cursor over its jobs and a few counters in the queue's Redis. It has no controller: whoever ends a
 * job puts the next one into the queue, and any worker's sweep repairs what a crash left behind.
 */
export class PrerenderRuns {
  readonly #options: PrerenderRunsOptions
  readonly #store: RunStore
  readonly #feeder: RunFeeder
  readonly #closing = new AbortController()
  #sweeping: Promise<void> = Promise.resolve()

  constructor(options: PrerenderRunsOptions) {
    this.#options = options
    this.#store = new RunStore(options.redis, options.prefix)
    this.#feeder = new RunFeeder(this.#store, options.queue, options.window)
  }

  /**
   * Starts a run over the request's box, else over `layerBounds` (degrees). Throws PARAMETER_INVALID when no tile lies there,
   * RUN_TOO_LARGE, QUEUE_FULL, QUEUE_UNAVAILABLE.
   */
  async create(request: RunRequest, layerBounds: Bounds): Promise<Run> {
    const { layer, tileMatrixSetId, zooms, format, force } = request
    const { generation, edition } = await this.#options.generations.state(layer)
    const spec: RunSpec = {
      v: 1,
      layer,
      generation,
      edition,
      tileMatrixSetId,
      bbox: [...(request.bbox ?? layerBounds)],
      zooms,
      side: this.#options.side,
      render: toCanonical(request.render),
      format,
      force,
    }
    const { tilesTotal, jobsTotal } = planOf(spec)
    const { tileLimit } = this.#options
    if (tilesTotal === 0)
      throw new TilepressError('PARAMETER_INVALID', `parameter bbox covers no tile of ${tileMatrixSetId}`)
    if (tilesTotal > tileLimit) {
      const detail = `the run would have ${tilesTotal} tiles, of at most ${tileLimit}: take a smaller bbox or fewer zooms`
      throw new TilepressError('RUN_TOO_LARGE', detail)
    }
    const id = await this.#answered(this.#store.create(spec, tilesTotal, jobsTotal))
    await this.#feed(id)
    return this.get(id)
  }

  /** Throws RUN_NOT_FOUND, QUEUE_UNAVAILABLE. */
  async get(id: string): Promise<Run> {
    const record = await this.#answered(this.#store.get(id, SHOWN_FAILURES))
    if (!record) throw notFound(id)
    return describeRun(record)
  }

  /** The newest runs, newest first. Throws QUEUE_UNAVAILABLE. */
  async list(limit: number): Promise<RunSummary[]> {
    return (await this.#answered(this.#store.list(limit))).map(summarizeRun)
  }

  /** Stops a run: jobs at work end, no other begins. A run that is over stays as it is. Throws RUN_NOT_FOUND, QUEUE_UNAVAILABLE. */
  async cancel(id: string): Promise<Run> {
    if (!(await this.#answered(this.#store.cancel(id)))) throw notFound(id)
    return this.get(id)
  }

  /**
   * The worker asks before it renders a job: false means drop it, as its run is over or another worker has done it. Always true
   * for a waiting client's job. Throws RENDER_ABANDONED for one that was started again and again and never ended.
   */
  async begin(job: RenderJob): Promise<boolean> {
    if (job.runId === null || job.runIndex === null) return true
    const starts = await this.#store.begin(job.runId, job.runIndex)
    if (starts > this.#options.attempts + STARTS_TO_SPARE) {
      throw new TilepressError('RENDER_ABANDONED', `the render was started ${starts - 1} times and never ended`)
    }
    return starts > 0
  }

  /** The worker tells how the job's tiles ended, before the queue forgets the job. Nothing for a waiting client's job. */
  async onJobDone(job: RenderJob, counts: TileCounts, failures: readonly TileFailure[] = []): Promise<void> {
    if (job.runId === null || job.runIndex === null) return
    await this.#store.finish(job.runId, job.runIndex, counts, failures)
    await this.#feed(job.runId)
  }

  /** The worker tells that the job will not be tried again: all its tiles count as failed. */
  async onJobFailed(job: RenderJob, { code, detail }: TilepressError): Promise<void> {
    const tiles = jobTiles(job)
    const failures = tiles.map(({ tile }) => ({ ...tile, code, detail }))
    await this.onJobDone(job, { image: 0, empty: 0, present: 0, failed: failures.length }, failures)
  }

  /** Begins to look after all runs every few seconds, as one of all the workers. End it with `close`. */
  startSweep(): void {
    this.#sweeping = this.#sweepForever(this.#closing.signal)
  }

  /** Puts every running run's missing jobs into the queue, unless a sweep has just done so. */
  async sweep(): Promise<void> {
    if (!(await this.#store.claimSweep(SWEEP_MS * 0.8))) return
    for (const id of await this.#store.runningIds()) {
      await this.#feeder.repair(id).catch((error: Error) => this.#options.onError(error))
    }
  }

  /** A sweep that waits for a Redis that is away is left alone: the next one, anywhere, makes up for it. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.race([this.#sweeping, sleep(CLOSE_MS, undefined, { ref: false })])
  }

  async #sweepForever(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Jittered, so that workers that started together do not ask together.
      await sleep(SWEEP_MS * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) await this.sweep().catch((error: Error) => this.#options.onError(error))
    }
  }

  /** What fails here, the next sweep makes up for. */
  async #feed(id: string): Promise<void> {
    await this.#feeder.feed(id).catch((error: Error) => this.#options.onError(error))
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (cause) {
      if (cause instanceof TilepressError) throw cause
      throw new TilepressError('QUEUE_UNAVAILABLE', 'the render queue does not answer', { cause })
    }
  }
}

function notFound(id: string): TilepressError {
  return new TilepressError('RUN_NOT_FOUND', `there is no pre-render run ${id.slice(0, 64)}`)
}
