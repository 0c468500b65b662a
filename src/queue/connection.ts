import { Redis } from 'ioredis'
import type { RedisLogin } from './redis-login.ts'

export type { Redis } from 'ioredis'

/** What a connection is for decides how it meets an outage. */
export type ConnectionKind = 'fail-fast' | 'worker' | 'subscriber'

/** An answer is overdue after this long; BullMQ's blocking wait is answered within 10 s. */
const SILENCE_MS = 15_000

/** The same, where each command has a time-out of its own. */
const FAIL_FAST_SILENCE_MS = 2_000

const ASKING_MS = 5_000

/**
 * A connection to Redis. `fail-fast`: a command fails within `timeoutMs`, and at once while there is no connection, as a client
 * waits for it. `worker` and `subscriber`: wait for Redis as long as it takes (BullMQ demands `maxRetriesPerRequest: null`).
 * All reconnect for ever, after 50 ms to 2 s, also when an answer is overdue: a connection that a firewall has forgotten says nothing, and
 * the kernel gives it up after a quarter of an hour.
 */
export function connectRedis(
  url: string,
  kind: ConnectionKind,
  options: { timeoutMs?: number; onError: (error: Error) => void; login?: RedisLogin | null },
): Redis {
  const { timeoutMs = 1_000 } = options
  const failFast = kind === 'fail-fast'
  const redis = new Redis(url, {
    connectionName: `tilepress-${kind}`,
    maxRetriesPerRequest: failFast ? 0 : null,
    enableOfflineQueue: !failFast,
    connectTimeout: 5_000,
    retryStrategy: (attempt: number) => Math.min(2_000, 50 * attempt),
    socketTimeout: failFast ? Math.max(FAIL_FAST_SILENCE_MS, 2 * timeoutMs) : SILENCE_MS,
    ...(failFast ? { commandTimeout: timeoutMs } : {}),
    ...options.login?.credentialsFor(url),
  })
  if (kind === 'subscriber') keepAsking(redis)
  redis.on('error', options.onError)
  options.login?.attach(redis, decodeURIComponent(new URL(url).username) || null)
  return redis
}

/** A subscriber has nothing to ask, so it would never learn that its connection is dead. */
function keepAsking(redis: Redis): void {
  const timer = setInterval(() => {
    if (redis.status === 'ready') redis.ping().catch(() => undefined)
  }, ASKING_MS)
  timer.unref()
  redis.once('end', () => clearInterval(timer))
}

/** Resolves when the connection is usable, rejects after `timeoutMs`. */
export async function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => reject(new Error('Redis did not answer in time')), timeoutMs)
  const ready = () => resolve()
  redis.once('ready', ready)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    redis.off('ready', ready)
  }
}

/** The server's eviction policy, null where it may not be asked (INFO is allowed where CONFIG is not, yet some proxies answer neither). */
export async function evictionPolicy(redis: Redis): Promise<string | null> {
  const info = await redis.info('memory')
  return /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? null
}
