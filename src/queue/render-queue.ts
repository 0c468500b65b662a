import { randomUUID } from 'node:crypto'
import { Queue } from 'bullmq'
import { TilepressError } from '../errors.ts'
import { BacklogView } from './backlog-view.ts'
import type { Redis } from './connection.ts'
import { type Admission, type AdmissionRules, admit, type RefusalReason, waitMs } from './live-admission.ts'
import { jobKey, type QueuedJob, type RenderJob, type RenderJobPayload, toPayload } from './render-job.ts'
import { capacityKey } from './worker-pulse.ts'

/** `live`: somebody waits. `background`: pre-render runs. Each its own queue, so that workers can bound the second. */
export const queueNames = { live: 'live', background: 'background' } as const

/** Background jobs waiting above which no refresh is added: runs have up to 6,400 there. */
const BACKGROUND_LIMIT = 10_000

/** Keep few events: nobody reads BullMQ's stream, waiters have their own channel. */
const STREAM_EVENTS = 100

/** Failed jobs kept for the operator's eyes. */
const KEEP_FAILED = { age: 86_400, count: 1_000 }

/** Where a job is: `state` is BullMQ's (waiting, active, delayed …). */
export interface JobState {
  readonly queue: keyof typeof queueNames
  readonly state: string
}

export interface RenderQueueOptions {
  /** A `fail-fast` connection. */
  readonly redis: Redis
  readonly prefix: string
  readonly attempts: number
  readonly liveBacklogLimit: number
  /** How long a client waits for its tile. */
  readonly deadlineMs: number
  /** Called for each job that the live queue does not take. */
  readonly onRefused?: (reason: RefusalReason) => void
}

/** The producers' side of the two queues. */
export class RenderQueue {
  readonly #options: RenderQueueOptions
  readonly #rules: AdmissionRules
  readonly #live: Queue<RenderJobPayload>
  readonly #background: Queue<RenderJobPayload>
  readonly #backlog: BacklogView
  readonly #idPrefix = randomUUID().slice(0, 13)
  #jobs = 0

  constructor(options: RenderQueueOptions) {
    this.#options = options
    this.#rules = { limit: options.liveBacklogLimit, deadlineMs: options.deadlineMs }
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
    const keys = [this.#live.toKey('wait'), this.#background.toKey('wait'), capacityKey(options.prefix)] as const
    this.#backlog = new BacklogView(options.redis, keys)
    // Connection trouble is reported by the connection; without a listener Node would exit.
    for (const each of [this.#live, this.#background]) each.on('error', () => undefined)
  }

  /**
   * Throws QUEUE_FULL where `enqueueLive` would. It asks nobody, so that a crowd is turned away before it costs Redis anything.
   */
  requireRoom(): void {
    this.#admitted()
  }

  #judge(): Admission {
    this.#backlog.refresh()
    return admit(this.#backlog.live, this.#rules)
  }

  #admitted(): Admission {
    const admission = this.#judge()
    if (!admission.isRefused) return admission
    this.#options.onRefused?.(admission.reason)
    const { retryAfterSeconds } = admission
    throw new TilepressError('QUEUE_FULL', 'too many tiles are waiting to be rendered', { retryAfterSeconds })
  }

  /**
   * Puts a waiting client's job in the live queue, once: a job with its key that waits or runs serves all. Resolves to whether it
   * is a new one: then it will announce its tile; another may just have done so. `again`: the client waits already, and only makes sure
   * that its job was not lost; it is not turned away.
   * Throws QUEUE_FULL past the backlog limit and when the wait would be longer than the deadline, QUEUE_UNAVAILABLE when Redis does not
   * take it.
   */
  async enqueueLive(job: QueuedJob, again = false): Promise<boolean> {
    const admission = again ? this.#judge() : this.#admitted()
    if (!again) this.#backlog.addLive()
    try {
      // Ids of our own making: a job that was there already comes back with its own.
      const jobId = `${this.#idPrefix}-${this.#jobs++}`
      const lifo = !admission.isRefused && admission.newestFirst
      const options = { jobId, deduplication: { id: jobKey(job) }, ...(lifo ? { lifo } : {}) }
      const added = await this.#live.add('render', toPayload(job), options)
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
    this.#backlog.refresh()
    if (this.#backlog.background >= BACKGROUND_LIMIT) return false
    const options = { lifo: true, deduplication: { id: `refresh/${jobKey(job)}` } }
    return await this.#background.add('render', toPayload(job), options).then(
      () => true,
      () => false,
    )
  }

  /** Where the job is that a tile waits for, else its refresh; null when there is neither. */
  async find(live: RenderJob, refresh: RenderJob): Promise<JobState | null> {
    return (
      (await stateIn(this.#live, 'live', jobKey(live))) ??
      (await stateIn(this.#background, 'background', `refresh/${jobKey(refresh)}`))
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

  /** How long a job at the end of the live queue would wait, by the last look; null when nobody knows. */
  get liveWaitMs(): number | null {
    return waitMs(this.#backlog.live)
  }

  async close(): Promise<void> {
    await Promise.all([this.#live.close(), this.#background.close()])
  }
}

async function stateIn(
  queue: Queue<RenderJobPayload>,
  name: JobState['queue'],
  deduplicationId: string,
): Promise<JobState | null> {
  const id = await queue.getDeduplicationJobId(deduplicationId)
  const state = id === null ? 'unknown' : await queue.getJobState(id)
  return state === 'unknown' ? null : { queue: name, state }
}
