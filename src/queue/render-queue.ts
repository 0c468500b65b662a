import { randomUUID } from 'node:crypto'
import { Queue } from 'bullmq'
import { TilepressError } from '../errors.ts'
import type { Redis } from './connection.ts'
import { jobKey, type QueuedJob, type RenderJob, type RenderJobPayload, toPayload } from './render-job.ts'

/** `live`: somebody waits. `background`: pre-render runs. Each its own queue, so that workers can bound the second. */
export const queueNames = { live: 'live', background: 'background' } as const

/** Age at which the known backlog is asked anew; at 300 jobs/s a count this old is off by 60. */
const BACKLOG_AGE_MS = 200

/** Background jobs waiting above which no refresh is added: runs have up to 6,400 there. */
const BACKGROUND_LIMIT = 10_000

/** Keep few events: nobody reads BullMQ's stream, waiters have their own channel. */
const STREAM_EVENTS = 100

/** Failed jobs kept for the operator's eyes. */
const KEEP_FAILED = { age: 86_400, count: 1_000 }

export interface RenderQueueOptions {
  /** A `fail-fast` connection. */
  readonly redis: Redis
  readonly prefix: string
  readonly attempts: number
  readonly liveBacklogLimit: number
}

/** The producers' side of the two queues. */
export class RenderQueue {
  readonly #limit: number
  readonly #live: Queue<RenderJobPayload>
  readonly #background: Queue<RenderJobPayload>
  readonly #idPrefix = randomUUID().slice(0, 13)
  #jobs = 0
  #backlog = 0
  #backgroundBacklog = 0
  #backlogAt = Number.NEGATIVE_INFINITY

  constructor(options: RenderQueueOptions) {
    this.#limit = options.liveBacklogLimit
    const queue = (name: string) =>
      new Queue<RenderJobPayload>(name, {
        connection: options.redis,
        prefix: options.prefix,
        skipWaitingForReady: true,
        streams: { events: { maxLen: STREAM_EVENTS } },
        defaultJobOptions: {
          attempts: options.attempts,
          backoff: { type: 'exponential', delay: 200, jitter: 0.5 },
          removeOnComplete: true,
          removeOnFail: KEEP_FAILED,
          stackTraceLimit: 0,
        },
      })
    this.#live = queue(queueNames.live)
    this.#background = queue(queueNames.background)
    // Connection trouble is reported by the connection; without a listener Node would exit.
    for (const each of [this.#live, this.#background]) each.on('error', () => undefined)
  }

  /**
   * Puts a waiting client's job in the live queue, once: a job with its key that waits or runs serves all. Resolves to whether it
   * is a new one: then it will announce its tile; another may just have done so.
   * Throws QUEUE_FULL past the backlog limit, QUEUE_UNAVAILABLE when Redis does not take it.
   */
  async enqueueLive(job: QueuedJob): Promise<boolean> {
    this.#refreshBacklog()
    if (this.#backlog >= this.#limit)
      throw new TilepressError('QUEUE_FULL', 'too many tiles are waiting to be rendered')
    try {
      // Ids of our own making: a job that was there already comes back with its own.
      const jobId = `${this.#idPrefix}-${this.#jobs++}`
      const added = await this.#live.add('render', toPayload(job), { jobId, deduplication: { id: jobKey(job) } })
      return added.id === jobId
    } catch (cause) {
      throw new TilepressError('QUEUE_UNAVAILABLE', 'the render queue does not answer', { cause })
    }
  }

  /** Puts a run's jobs in the background queue, deduplicated among themselves. */
  async enqueueBackground(jobs: readonly RenderJob[]): Promise<void> {
    await this.#background.addBulk(
      jobs.map((job) => ({
        name: 'render',
        data: toPayload(job),
        opts: { deduplication: { id: `${job.runId}/${jobKey(job)}` } },
      })),
    )
  }

  /**
   * Asks for a tile anew behind its client's back (`force`), before the jobs of runs and the newest first; once, while another such job
   * waits or runs. Resolves to whether there will be one: false when too many jobs wait or Redis does not take it. Never rejects.
   */
  async enqueueRefresh(job: RenderJob): Promise<boolean> {
    this.#refreshBacklog()
    if (this.#backgroundBacklog >= BACKGROUND_LIMIT) return false
    const options = { lifo: true, deduplication: { id: `refresh/${jobKey(job)}` } }
    return await this.#background.add('render', toPayload(job), options).then(
      () => true,
      () => false,
    )
  }

  /** Jobs by state, for metrics and health. */
  async counts(): Promise<Record<keyof typeof queueNames, Record<string, number>>> {
    const [live, background] = await Promise.all([
      this.#live.getJobCounts('wait', 'active', 'delayed', 'failed'),
      this.#background.getJobCounts('wait', 'active', 'delayed', 'failed'),
    ])
    return { live, background }
  }

  async close(): Promise<void> {
    await Promise.all([this.#live.close(), this.#background.close()])
  }

  #refreshBacklog(): void {
    const now = performance.now()
    if (now - this.#backlogAt < BACKLOG_AGE_MS) return
    this.#backlogAt = now
    Promise.all([this.#live.getWaitingCount(), this.#background.getWaitingCount()]).then(
      ([live, background]) => {
        this.#backlog = live
        this.#backgroundBacklog = background
      },
      () => undefined,
    )
  }
}
