/** Lets so many calls run at a time, and so many more wait for their turn; further ones are turned away. */
export class Turnstile {
  #running = 0
  readonly #waiting: (() => void)[] = []
  readonly #width: number
  readonly #mostWaiting: number

  constructor(options: { width: number; mostWaiting: number }) {
    this.#width = options.width
    this.#mostWaiting = options.mostWaiting
  }

  /** The call's result. Throws when too many wait already. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#running < this.#width) this.#running++
    else {
      if (this.#waiting.length >= this.#mostWaiting) throw new Error('too many calls wait for their turn')
      // Whoever leaves hands over its place.
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    try {
      return await call()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  get waiting(): number {
    return this.#waiting.length
  }
}
