/** Longest rest that a tier may ask for, milliseconds. */
const LONGEST_REST_MS = 60_000

/**
 * Keeps a failing tier from costing every request its time-out.
 *
 * CLOSED: calls pass; `threshold` failures in a row open it. OPEN: calls are refused until the rest has passed.
 * HALF-OPEN: one call passes as a probe; its success closes the breaker, its failure opens it for another rest.
 *
 * Whoever is admitted reports how the call ended: by `succeed` or `fail`.
 */
export class CircuitBreaker {
  #failures = 0
  #openUntil = 0
  /** What the tier asked for itself: calls from before that succeed do not shorten it. */
  #askedUntil = 0
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
    return this.#failures >= this.#threshold || this.#askedUntil > 0 ? 'open' : 'closed'
  }

  /** Milliseconds until the tier may be asked again by its own word; null where it did not give one, or has been asked since. */
  get askedRestMs(): number | null {
    return this.#askedUntil > 0 ? Math.max(0, this.#askedUntil - this.#now()) : null
  }

  /** Whether a call may be made now. */
  admit(): boolean {
    if (this.#failures < this.#threshold && this.#askedUntil === 0) return true
    if (this.#probing || this.#now() < Math.max(this.#openUntil, this.#askedUntil)) return false
    this.#probing = true
    return true
  }

  succeed(): void {
    this.#failures = 0
    this.#probing = false
    if (this.#askedUntil > 0 && this.#now() >= this.#askedUntil) this.#askedUntil = 0
  }

  /** `askedRestMs`: the tier says itself when it may be asked again (Retry-After), which opens the breaker at once. */
  fail(askedRestMs: number | null = null): void {
    this.#failures++
    this.#probing = false
    this.#openUntil = this.#now() + this.#restMs
    if (askedRestMs !== null) this.#askedUntil = this.#now() + Math.min(LONGEST_REST_MS, askedRestMs)
  }
}
