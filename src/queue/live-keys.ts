import { jobKey, type QueuedJob } from './render-job.ts'

/** BullMQ's keys of the live queue that scripts of our own touch (test/integration/serve-tile.test.ts holds them to BullMQ). */
export const liveKeys = {
  /** List of the ids of waiting jobs; its end is next. */
  waiting: (prefix: string) => `${prefix}:live:wait`,
  /** Before a job's id: the hash that it lies in. */
  jobs: (prefix: string) => `${prefix}:live:`,
  /** The id of the job that waits or runs for the same. */
  deduplication: (prefix: string, job: QueuedJob) => `${prefix}:live:de:${jobKey(job)}`,
} as const
