import { setTimeout as sleep } from 'node:timers/promises'

/** A map asks for its tiles in bursts, and each answer brings the next question: so long after a live job another one may come. */
const QUIET_MS = 50

/** How long a piece of background work waits at most: a run beside a map that is never quiet goes on slowly, and never stands still. */
const MOST_WAIT_MS = 250

/** How often the end of a live job is looked for. */
const LOOK_MS = 5

/** Lets background work make way for the live jobs of its process. It costs no question to anybody. */
export class LiveFirst {
  #live = 0
  #lastAt = Number.NEGATIVE_INFINITY

  /** Runs a live job. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    this.#live++
    try {
      return await job()
    } finally {
      this.#live--
      this.#lastAt = performance.now()
    }
  }

  /**
   * Waits until live jobs have been quiet for QUIET_MS, and MOST_WAIT_MS at most. Resolves to whether it is quiet: then the next piece may
   * be a large one. Throws the signal's reason.
   */
  async makeWay(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    const end = performance.now() + MOST_WAIT_MS
    for (let now = performance.now(); now < end; now = performance.now()) {
      const quietIn = this.#live > 0 ? LOOK_MS : this.#lastAt + QUIET_MS - now
      if (quietIn <= 0) return true
      await sleep(Math.min(quietIn, end - now), undefined, { signal }).catch(() => signal.throwIfAborted())
    }
    return false
  }
}
