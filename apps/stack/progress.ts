/** One line a step on the terminal: what is being done, and how long it took. */
export interface Progress {
  step<Result>(what: string, work: () => Promise<Result>): Promise<Result>
  say(text: string): void
}

export function startProgress(write: (text: string) => void): Progress {
  return {
    say: (text) => write(`${text}\n`),
    step: async (what, work) => {
      const began = performance.now()
      const result = await work()
      write(`  ${what} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`)
      return result
    },
  }
}
