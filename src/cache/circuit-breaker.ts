/**
 * Keeps a failing tier from costing every request its time-out.
 *
 * CLOSED: calls pass; `threshold` failures in a row open it. OPEN: calls are refused until `restMs` have passed.
 * HALF-OPEN: one call passes as a probe; its success closes the breaker, its failure opens it for another rest.
 */
export class CircuitBreaker {
  #failures = 0
  #openUntil = 0
  #probing = false
  readonly #threshold: number
  readonly #restMs: number
  readonly #now: () => number

  constructor(options: { threshold?: number; restMs?: number; now?: () => number } = {}) {
    this.#threshold = options.threshold ?? 5
    this.#restMs = options.restMs ?? 1_000
    // The monotonic clock: a machine whose time is set back must not rest for that long.
    this.#now = options.now ?? (() => performance.now())
  }

  get state(): 'closed' | 'open' {
    return this.#failures >= this.#threshold ? 'open' : 'closed'
  }

  /** Runs the call, or returns `refused` at once while open. A failure is thrown on. */
  async run<T, R>(call: () => Promise<T>, refused: R): Promise<T | R> {
    if (this.#failures >= this.#threshold) {
      if (this.#probing || this.#now() < this.#openUntil) return refused
      this.#probing = true
    }
    try {
      const result = await call()
      this.#failures = 0
      return result
    } catch (error) {
      this.#failures++
      this.#openUntil = this.#now() + this.#restMs
      throw error
    } finally {
      this.#probing = false
    }
  }
}
