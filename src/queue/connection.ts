import { Redis } from 'ioredis'
import type { RedisLogin } from './redis-login.ts'

export type { Redis } from 'ioredis'

/** What a connection is for decides how it meets an outage. */
export type ConnectionKind = 'fail-fast' | 'worker' | 'subscriber'

/**
 * A connection to Redis. `fail-fast`: a command fails within `timeoutMs`, and at once while there is no connection, as a client
 * waits for it. `worker` and `subscriber`: wait for Redis as long as it takes (BullMQ demands `maxRetriesPerRequest: null`).
 * All reconnect for ever, after 50 ms to 2 s.
 */
export function connectRedis(
  url: string,
  kind: ConnectionKind,
  options: { timeoutMs?: number; onError: (error: Error) => void; login?: RedisLogin | null },
): Redis {
  const failFast = kind === 'fail-fast'
  const redis = new Redis(url, {
    connectionName: `tilepress-${kind}`,
    maxRetriesPerRequest: failFast ? 0 : null,
    enableOfflineQueue: !failFast,
    connectTimeout: 5_000,
    retryStrategy: (attempt: number) => Math.min(2_000, 50 * attempt),
    ...(failFast ? { commandTimeout: options.timeoutMs ?? 1_000 } : {}),
    ...options.login?.credentialsFor(url),
  })
  redis.on('error', options.onError)
  options.login?.attach(redis, decodeURIComponent(new URL(url).username) || null)
  return redis
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
