import { setImmediate } from 'node:timers/promises'

/** How long one piece of work may hold the event loop, milliseconds. */
const TURN_MS = 2

/** Keeps a long computation from holding the event loop: `if (turns.isLong) await turns.next()` now and then. */
export class Turns {
  #started = performance.now()

  get isLong(): boolean {
    return performance.now() - this.#started > TURN_MS
  }

  async next(): Promise<void> {
    await setImmediate()
    this.#started = performance.now()
  }
}
