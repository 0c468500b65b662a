/**
 * An abort that follows others, and a clock if wanted, until it is released.
 *
 * AbortSignal.any and AbortSignal.timeout would do it in a line, but their signals stay with their sources until the garbage
 * collector finds them: a worker's shutdown signal, and a timer of a minute for each of 300 jobs a second.
 */
export class LinkedAbort {
  readonly #controller = new AbortController()
  readonly #sources: readonly AbortSignal[]
  readonly #follow: (event: Event) => void
  readonly #timer: NodeJS.Timeout | null

  constructor(sources: readonly AbortSignal[], timeout?: { ms: number; reason: () => Error }) {
    this.#sources = sources
    this.#follow = (event) => this.#controller.abort((event.target as AbortSignal).reason)
    this.#timer = timeout ? setTimeout(() => this.#controller.abort(timeout.reason()), timeout.ms) : null
    for (const source of sources) {
      if (source.aborted) this.#controller.abort(source.reason)
      else source.addEventListener('abort', this.#follow, { once: true })
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: Error): void {
    this.#controller.abort(reason)
  }

  /** Must be called: lets go of the sources and the clock. */
  release(): void {
    if (this.#timer) clearTimeout(this.#timer)
    for (const source of this.#sources) source.removeEventListener('abort', this.#follow)
  }
}
