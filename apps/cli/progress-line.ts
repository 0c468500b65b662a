import type { CliContext } from './context.ts'

/** A plain log gets a line this often. */
const PLAIN_MS = 10_000

/** How things stand: one line that is redrawn on a terminal, else a plain line every 10 s. */
export class ProgressLine {
  readonly #context: CliContext
  #drawn = false
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(context: CliContext) {
    this.#context = context
  }

  update(text: string): void {
    const { terminal, say } = this.#context
    if (terminal) {
      // The line must not wrap, or the next would not cover it. ESC [K clears what a longer one left.
      terminal.write(`\r${text.slice(0, Math.max(20, terminal.columns - 1))}\u001b[K`)
      this.#drawn = true
      return
    }
    const now = performance.now()
    if (now - this.#saidAt < PLAIN_MS) return
    this.#saidAt = now
    say(text)
  }

  /** Leaves the line as it stands; what is said next begins below it. */
  end(): void {
    if (this.#drawn) this.#context.terminal?.write('\n')
    this.#drawn = false
  }
}
