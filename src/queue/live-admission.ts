/** What a process knows of the live queue. */
export interface LiveBacklog {
  /** Jobs that wait. */
  readonly waiting: number
  /** Live jobs that all workers together end in a millisecond; null while none has told. */
  readonly jobsPerMs: number | null
}

export interface AdmissionRules {
  /** Jobs that may wait, however fast the workers are (LIVE_BACKLOG_LIMIT). */
  readonly limit: number
  /** How long a client waits for its tile (RENDER_DEADLINE_MS). */
  readonly deadlineMs: number
}

export type Admission =
  /** `newestFirst`: it goes before all that wait, else behind them. */
  | { readonly isRefused: false; readonly newestFirst: boolean }
  | { readonly isRefused: true; readonly reason: RefusalReason; readonly retryAfterSeconds: number }

/** `limit`: too many jobs wait. `deadline`: the last of them would be late. */
export type RefusalReason = 'limit' | 'deadline'

/**
 * Share of the deadline that the backlog may take. An estimate is off by some, and who is told at the deadline that there is no tile
 * has waited in vain: at 1.0 a crowd of patient viewers got 42 % of its tiles in time, at 0.8 59 % (test/queue/live-admission.test.ts).
 */
const SHARE_OF_DEADLINE = 0.8

/**
 * A backlog of this much work is served oldest first: nobody has left yet, and the slowest answers come soonest. Above it the newest
 * go first: of the oldest many have no client any more, and oldest first would serve every tile to nobody.
 */
export const OLDEST_FIRST_MS = 1_000

/** For a client that is refused while nobody knows how fast the workers are. */
const RETRY_AFTER_SECONDS = 2
const MOST_RETRY_AFTER_SECONDS = 60

/** Milliseconds until a job at the end of the backlog begins; null when it is not known. */
export function waitMs({ waiting, jobsPerMs }: LiveBacklog): number | null {
  return waiting === 0 ? 0 : jobsPerMs && waiting / jobsPerMs
}

/** Whether one more job may wait, and where. */
export function admit(backlog: LiveBacklog, { limit, deadlineMs }: AdmissionRules): Admission {
  const wait = waitMs(backlog)
  const isLate = wait !== null && wait > deadlineMs * SHARE_OF_DEADLINE
  if (!isLate && backlog.waiting < limit) return { isRefused: false, newestFirst: (wait ?? 0) > OLDEST_FIRST_MS }
  const seconds = wait === null ? RETRY_AFTER_SECONDS : Math.ceil(wait / 1_000)
  return {
    isRefused: true,
    reason: isLate ? 'deadline' : 'limit',
    // By then what waits now has been worked off.
    retryAfterSeconds: Math.min(MOST_RETRY_AFTER_SECONDS, Math.max(1, seconds)),
  }
}
