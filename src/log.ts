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
