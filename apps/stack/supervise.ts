import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, type ChildOptions, startChild } from './services/child.ts'

/** A program that died is started again after 0.5, 1, 2 … 30 s; one that lived a minute counts as healthy again. */
const firstDelayMs = 500
const longestDelayMs = 30_000
const healthyAfterMs = 60_000
/** So many deaths in a row, and it is given up. */
const patience = 8

export interface Supervised {
  /** Settles with a sentence when the program was given up; never when it was stopped. */
  readonly lost: Promise<string>
  stop(): Promise<void>
}

/**
 * Keeps a program running until stop().
 * @param first the process, already started with the same options and found ready
 */
export function supervise(first: Child, options: ChildOptions, say: (text: string) => void): Supervised {
  const stopping = new AbortController()
  let child = first
  const untilLost = async (): Promise<string> => {
    for (let deaths = 0; ; ) {
      const began = performance.now()
      const { code, signal } = await child.exited
      if (stopping.signal.aborted) return never
      deaths = performance.now() - began > healthyAfterMs ? 1 : deaths + 1
      const words = (await child.lastWords()).replace(/[.\s]*$/, '.')
      const how = `${options.name} ended (${signal ?? `code ${code}`}): ${words}`
      if (deaths > patience) return `${how} It was started again ${patience} times in vain.`
      const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** (deaths - 1))
      say(`${how} Starting it again in ${delay / 1000} s.`)
      await sleep(delay, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return never
      child = await startChild({ ...options, appendLog: true })
      if (stopping.signal.aborted) await child.stop()
    }
  }
  return {
    lost: untilLost().catch(String),
    stop: async () => {
      stopping.abort()
      await child.stop()
    },
  }
}

const never = new Promise<never>(() => undefined)
