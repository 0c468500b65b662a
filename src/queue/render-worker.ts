import { setTimeout as sleep } from 'node:timers/promises'
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq'
import { TilepressError, toTilepressError } from '../errors.ts'
import { LinkedAbort } from '../linked-abort.ts'
import type { Redis } from './connection.ts'
import { OLDEST_FIRST_MS } from './live-admission.ts'
import { LiveFirst } from './live-first.ts'
import { liveKeys } from './live-keys.ts'
import {
  fromPayload,
  isQueryJob,
  type QueryJob,
  type QueuedJob,
  type RenderJob,
  type RenderJobPayload,
} from './render-job.ts'
import { queueNames } from './render-queue.ts'
import { WorkerPulse } from './worker-pulse.ts'

/** Time an aborted render gets to give its job back. */
const ABORT_MS = 2_000

/** Why a job ends before its time; it is given back to the queue. */
const shutdown = new Error('the worker is shutting down')

/**
 * A background job calls it before each piece of its work: resolves when no live job needs this process, or it has waited long; to whether
 * the next piece may be a large one.
 */
export type MakeWay = (signal: AbortSignal) => Promise<boolean>

export interface RenderWorkerOptions {
  /** A `worker` connection; BullMQ makes a second one of it for its blocking wait. */
  readonly redis: Redis
  readonly prefix: string
  readonly concurrency: number
  readonly backgroundConcurrency: number
  readonly timeoutMs: number
  /**
   * A worker that has not renewed its jobs' locks for this long is taken for dead, and another runs them. Two looks are needed for that,
   * one each half of it: a tile whose worker was killed is rendered anew after one to two times `lockMs`.
   */
  readonly lockMs: number
  /** Renders, stores and announces all the job's tiles. `makeWay`: null for a live job. */
  readonly render: (job: RenderJob, signal: AbortSignal, makeWay: MakeWay | null) => Promise<void>
  /** Called once for a job that will not be tried again, before the queue forgets it. */
  readonly fail: (job: RenderJob, error: TilepressError) => Promise<void>
  /** The same two for queries. */
  readonly queries?: {
    render(job: QueryJob, signal: AbortSignal): Promise<void>
    fail(job: QueryJob, error: TilepressError): Promise<void>
  }
  readonly onError: (error: Error) => void
  readonly onTaken: (queue: string, waitedMs: number) => void
  readonly onAttemptFailed: (job: QueuedJob | null, error: TilepressError, final: boolean) => void
}

/** The consumers' side: takes jobs of both queues and hands them to `render`. It knows nothing of pixels. */
export class RenderWorker {
  readonly #workers: Worker<RenderJobPayload, void>[]
  readonly #options: RenderWorkerOptions
  readonly #pulse: WorkerPulse
  readonly #liveFirst = new LiveFirst()
  readonly #closing = new AbortController()
  #isClosing = false
  readonly #running = new Set<Promise<void>>()
  /** Jobs that failed in our own hands, until BullMQ has said so too. */
  readonly #failedHere = new Set<string>()

  constructor(options: RenderWorkerOptions) {
    this.#options = options
    // BullMQ hands over an AbortSignal only to a processor that declares all three parameters.
    const process = (job: Job<RenderJobPayload>, token?: string, signal?: AbortSignal) =>
      this.#process(job, token, signal)
    const worker = (name: string, concurrency: number) =>
      new Worker<RenderJobPayload, void>(name, process, {
        connection: options.redis,
        prefix: options.prefix,
        concurrency,
        lockDuration: options.lockMs,
        stalledInterval: options.lockMs / 2,
        maxStalledCount: 2,
        metrics: { maxDataPoints: 0 },
      })
    this.#workers = [
      worker(queueNames.live, options.concurrency),
      worker(queueNames.background, options.backgroundConcurrency),
    ]
    const { redis, prefix, concurrency: slots } = options
    this.#pulse = new WorkerPulse({
      redis,
      prefix,
      slots,
      liveKey: liveKeys.waiting(prefix),
      onBacklog: (_, workMs) => this.#holdBackground((workMs ?? 0) > OLDEST_FIRST_MS),
    })
    for (const each of this.#workers) {
      each.on('error', options.onError)
      each.on('failed', (job) => {
        if (job?.id === undefined || this.#failedHere.delete(job.id)) return
        this.#stalled(job).catch(options.onError)
      })
    }
  }

  /**
   * Takes no more jobs and waits for those under way. A background job ends with the tiles at hand, any other at `graceMs`: they go back
   * to the queue, where they are next, without the loss of a try. Where Redis does not answer BullMQ would wait for it; we don't.
   * Resolves to the number of renders that have not ended: a read that waits for its storage cannot be told to stop.
   */
  async close(graceMs: number): Promise<number> {
    this.#isClosing = true
    this.#pulse.close()
    const { promise: late, resolve: giveUp } = Promise.withResolvers<void>()
    const timers = [setTimeout(() => this.#closing.abort(shutdown), graceMs), setTimeout(giveUp, graceMs + ABORT_MS)]
    try {
      const closed = Promise.all(this.#workers.map((worker) => worker.close()))
      await Promise.race([closed, this.#idle(), late])
    } finally {
      for (const timer of timers) clearTimeout(timer)
    }
    return this.#running.size
  }

  /** Resolves when no job has run for a while: all that BullMQ can still wait for is Redis. */
  async #idle(): Promise<void> {
    do {
      await Promise.allSettled(this.#running)
      await sleep(ABORT_MS, undefined, { ref: false })
    } while (this.#running.size > 0)
  }

  #track(job: Promise<void>): Promise<void> {
    const end = () => this.#running.delete(job)
    this.#running.add(job)
    job.then(end, end)
    return job
  }

  async #process(job: Job<RenderJobPayload>, token = '', cancelled?: AbortSignal): Promise<void> {
    const { timeoutMs, onAttemptFailed, onTaken } = this.#options
    const sources = cancelled ? [this.#closing.signal, cancelled] : [this.#closing.signal]
    const abort = new LinkedAbort(sources, { ms: timeoutMs, reason: () => new Error(`${timeoutMs} ms have passed`) })
    const started = performance.now()
    let renderJob: QueuedJob | null = null
    try {
      onTaken(job.queueName, (job.processedOn ?? Date.now()) - job.timestamp)
      renderJob = fromPayload(job.data)
      const render = this.#track(this.#render(renderJob, abort.signal, job.queueName === queueNames.live))
      await Promise.race([render, stopOf(abort.signal)]).catch((error: unknown) => {
        throw abort.signal.aborted ? reasonOf(abort.signal) : error
      })
    } catch (thrown) {
      if (thrown === shutdown) return await giveBack(job, token)
      if (job.id !== undefined) this.#failedHere.add(job.id)
      const error = toTilepressError(thrown)
      const final = !error.retryable || job.attemptsMade + 1 >= (job.opts.attempts ?? 1)
      onAttemptFailed(renderJob, error, final)
      if (!final) throw new Error(error.code)
      if (renderJob) await this.#fail(renderJob, error)
      // Only the code goes to Redis: no stack, no path.
      throw new UnrecoverableError(error.code)
    } finally {
      abort.release()
      if (job.queueName === queueNames.live) this.#pulse.onLiveJob(performance.now() - started)
    }
  }

  async #render(job: QueuedJob, signal: AbortSignal, isLive: boolean): Promise<void> {
    const { render, queries } = this.#options
    if (isQueryJob(job)) {
      if (!queries) throw new Error('this worker answers no queries')
      await this.#liveFirst.run(() => queries.render(job, signal))
    } else if (isLive) await this.#liveFirst.run(() => render(job, signal, null))
    else await render(job, signal, (aborted) => this.#makeWay(aborted))
  }

  async #makeWay(signal: AbortSignal): Promise<boolean> {
    const isQuiet = await this.#liveFirst.makeWay(signal)
    if (this.#isClosing) throw shutdown
    return isQuiet
  }

  /** Above a second of waiting live work no background job begins. */
  #holdBackground(isHeld: boolean): void {
    const background = this.#workers[1]
    if (!background || this.#isClosing || isHeld === background.isPaused()) return
    if (isHeld) background.pause(true).catch(this.#options.onError)
    else void background.resume()
  }

  async #fail(job: QueuedJob, error: TilepressError): Promise<void> {
    await (isQueryJob(job) ? this.#options.queries?.fail(job, error) : this.#options.fail(job, error))
  }

  /** A job whose lock was lost again and again is failed by BullMQ itself, without asking us: its waiters must hear of it too. */
  async #stalled(job: Job<RenderJobPayload>): Promise<void> {
    const error = new TilepressError('RENDER_ABANDONED', 'the render was started again and again and never ended')
    const renderJob = fromPayload(job.data)
    this.#options.onAttemptFailed(renderJob, error, true)
    await this.#fail(renderJob, error)
  }
}

/** Rejects when the worker's grace ends: a job goes back also while its render hangs. Of one job's signal, so that it goes with the job. */
function stopOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => signal.reason === shutdown && reject(shutdown)
  signal.addEventListener('abort', stop, { once: true })
  return promise
}

function reasonOf(signal: AbortSignal): Error {
  if (signal.reason === shutdown) return shutdown
  return new TilepressError('RENDER_ABANDONED', 'the render was stopped before it ended', { cause: signal.reason })
}

/** Throws what tells BullMQ that the job waits again. */
async function giveBack(job: Job<RenderJobPayload>, token: string): Promise<never> {
  await job.moveToWait(token)
  throw new WaitingError()
}
