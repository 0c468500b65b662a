import { LRUCache } from 'lru-cache'
import type { RenderJob } from '../queue/render-job.ts'
import type { RenderQueue } from '../queue/render-queue.ts'
import { jobsOf } from './run-spec.ts'
import type { RunStore } from './run-store.ts'

/** Runs whose jobs a process knows how to make. */
const REMEMBERED_RUNS = 200

/** Jobs sent to Redis in one pipeline. */
const JOBS_AT_A_TIME = 500

/**
 * Keeps a run's window of jobs in the queue. First the cursor moves and the jobs become outstanding, in one step; then they are
 * put into the queue. A crash between the two leaves outstanding jobs that the queue does not have, and `repair` puts them there.
 */
export class RunFeeder {
  readonly #store: RunStore
  readonly #queue: RenderQueue
  readonly #window: number
  readonly #jobs = new LRUCache<string, (index: number) => RenderJob>({ max: REMEMBERED_RUNS })

  constructor(store: RunStore, queue: RenderQueue, window: number) {
    this.#store = store
    this.#queue = queue
    this.#window = window
  }

  /** Puts the next jobs into the queue, as many as the window has room for; none when the run is over. */
  async feed(runId: string): Promise<void> {
    await this.#enqueue(runId, await this.#store.take(runId, this.#window))
  }

  /** Puts the outstanding jobs into the queue again, which keeps the living ones as they are, and feeds. */
  async repair(runId: string): Promise<void> {
    await this.#enqueue(runId, await this.#store.outstanding(runId))
    await this.feed(runId)
  }

  async #enqueue(runId: string, indexes: readonly number[]): Promise<void> {
    if (indexes.length === 0) return
    const jobAt = await this.#jobsOf(runId)
    if (!jobAt) return
    for (let from = 0; from < indexes.length; from += JOBS_AT_A_TIME) {
      await this.#queue.enqueueBackground(indexes.slice(from, from + JOBS_AT_A_TIME).map(jobAt))
    }
  }

  async #jobsOf(runId: string): Promise<((index: number) => RenderJob) | null> {
    const known = this.#jobs.get(runId)
    if (known) return known
    const run = await this.#store.get(runId, 0)
    if (!run) return null
    const jobAt = jobsOf(runId, run.spec)
    this.#jobs.set(runId, jobAt)
    return jobAt
  }
}
