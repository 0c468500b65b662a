import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** JSON lines on standard output. Names under which a secret could slip in are censored whatever their value. */
export function createLog(level: string, program: string): Logger {
  return pino({
    level,
    base: { program, pid: process.pid },
    redact: {
      paths: ['token', '*.token', 'authorization', '*.authorization', 'password', '*.password'],
      censor: '***',
    },
  })
}

/** An outage says the same thing at every reconnection, several times a second; once in this time is enough. */
const OUTAGE_MS = 30_000

/** Warns at once of what is new, then of the same only now and then, with how often it happened since. */
export class OutageLog {
  readonly #log: Pick<Logger, 'warn'>
  readonly #now: () => number
  /** By message and kind; both come from our own code, so there are few. */
  readonly #seen = new Map<string, { saidAt: number; since: number }>()

  constructor(log: Pick<Logger, 'warn'>, now: () => number = () => performance.now()) {
    this.#log = log
    this.#now = now
  }

  /** `kind` tells apart what the message does not: the server, the tier. */
  warn(kind: string, details: Readonly<Record<string, unknown>>, message: string): void {
    const key = `${kind} ${message}`
    const seen = this.#seen.get(key)
    if (seen && this.#now() - seen.saidAt < OUTAGE_MS) {
      seen.since++
      return
    }
    this.#log.warn(seen?.since ? { ...details, times: seen.since + 1 } : details, message)
    this.#seen.set(key, { saidAt: this.#now(), since: 0 })
  }
}
