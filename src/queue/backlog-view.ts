import type { Redis } from './connection.ts'
import type { LiveBacklog } from './live-admission.ts'
import { RedisScript } from './redis-script.ts'

/** Age at which the backlog is asked anew, while jobs are added; at 300 jobs/s a count this old is off by 60. */
const FRESH_MS = 200

/** What was seen so long ago says nothing any more: the first client after a pause is not turned away for a crowd of then. */
const FORGOTTEN_MS = 1_000

/** Keys: waiting live jobs, waiting background jobs, capacity. The three. */
const look = new RedisScript(`
return {redis.call('LLEN', KEYS[1]), redis.call('LLEN', KEYS[2]), redis.call('GET', KEYS[3])}
`)

/** What a process knows of the backlogs without asking: a look some time ago, and what it has added since. */
export class BacklogView {
  readonly #redis: Redis
  readonly #keys: readonly string[]
  #waiting = 0
  #waitingInBackground = 0
  #jobsPerMs: number | null = null
  #askedAt = Number.NEGATIVE_INFINITY
  #seenAt = Number.NEGATIVE_INFINITY

  /** `keys`: of the lists of waiting live and background jobs, and of the capacity. */
  constructor(redis: Redis, keys: readonly [live: string, background: string, capacity: string]) {
    this.#redis = redis
    this.#keys = keys
  }

  /** Looks again, behind the caller's back, if the last look is not a fresh one. */
  refresh(): void {
    const now = performance.now()
    if (now - this.#askedAt < FRESH_MS) return
    this.#askedAt = now
    look.run(this.#redis, this.#keys, []).then(
      (answer) => {
        const [live, background, jobsPerMs] = answer as [number, number, string | null]
        this.#waiting = live
        this.#waitingInBackground = background
        this.#jobsPerMs = jobsPerMs === null ? null : Number(jobsPerMs)
        this.#seenAt = performance.now()
      },
      () => undefined,
    )
  }

  /** The live queue as it should be now. */
  get live(): LiveBacklog {
    this.#forget()
    return { waiting: this.#waiting, jobsPerMs: this.#jobsPerMs }
  }

  /** Background jobs that wait. */
  get background(): number {
    this.#forget()
    return this.#waitingInBackground
  }

  /** A live job was added here: a burst counts itself until the next look. */
  addLive(): void {
    this.#waiting++
  }

  #forget(): void {
    if (performance.now() - this.#seenAt < FORGOTTEN_MS || this.#seenAt === Number.NEGATIVE_INFINITY) return
    this.#waiting = 0
    this.#waitingInBackground = 0
    this.#jobsPerMs = null
    this.#seenAt = Number.NEGATIVE_INFINITY
  }
}
