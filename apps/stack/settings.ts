import { resolve } from 'node:path'

/** What a person may say about the stack itself; the rest of the environment goes to API and workers as it is. */
export interface StackSettings {
  /** Of the API. */
  readonly port: number
  readonly host: string
  readonly workers: number
  readonly dataFolder: string
  /** Undefined = any free port. */
  readonly ports: {
    readonly postgres: number | undefined
    readonly queueRedis: number | undefined
    readonly cacheRedis: number | undefined
    readonly azurite: number | undefined
    readonly identity: number | undefined
  }
}

/** Throws one sentence that names the bad variable. */
export function readSettings(env: NodeJS.ProcessEnv, checkout: string): StackSettings {
  const number = (name: string, fallback: number, least: number, most: number) => {
    const text = env[name]?.trim()
    const value = text ? Number(text) : fallback
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new Error(`${name} is "${text}", and must be a whole number from ${least} to ${most}.`)
  }
  const optionalPort = (name: string) => (env[name]?.trim() ? number(name, 0, 1, 65_535) : undefined)
  return {
    port: number('PORT', 8000, 1, 65_535),
    // Write endpoints are open on a developer's machine, so nobody else's may reach them unless told so.
    host: env.HOST?.trim() || '127.0.0.1',
    workers: number('WORKERS', 2, 0, 64),
    dataFolder: resolve(checkout, env.DATA_DIR?.trim() || '.data'),
    ports: {
      postgres: optionalPort('POSTGRES_PORT'),
      queueRedis: optionalPort('QUEUE_REDIS_PORT'),
      cacheRedis: optionalPort('CACHE_REDIS_PORT'),
      azurite: optionalPort('AZURITE_PORT'),
      identity: optionalPort('IDENTITY_PORT'),
    },
  }
}
