import type { TokenCredential } from '@azure/identity'
import { AnonymousCredential, ContainerClient } from '@azure/storage-blob'
import type { Redis } from 'ioredis'
import type { Config } from '../config.ts'
import { BlobCache } from './blob-cache.ts'
import { RedisCache } from './redis-cache.ts'
import type { TileCache, TileHead } from './tile-cache.ts'

/** One try and one more: a tier that needs longer is skipped. */
const BLOB_TRIES = 2

/** Life of a tile, seconds. */
export function tileTtlSeconds(config: Pick<Config, 'TILE_TTL_SECONDS' | 'EMPTY_TTL_SECONDS'>) {
  return (tile: TileHead) => (tile.outcome === 'empty' ? config.EMPTY_TTL_SECONDS : config.TILE_TTL_SECONDS)
}

/** The only tier of answers to queries: they are asked again soon or never. */
export function createAnswerTier(
  config: Pick<Config, 'QUERY_TTL_SECONDS' | 'CACHE_TIMEOUT_MS'>,
  redis: Redis,
): TileCache {
  return new RedisCache(redis, { ttlSeconds: () => config.QUERY_TTL_SECONDS, timeoutMs: config.CACHE_TIMEOUT_MS })
}

/**
 * A connection's own limit for the tiles' Redis, milliseconds: the tier gives up earlier, and looks once more before it does.
 */
export function connectionTimeoutMs({ CACHE_TIMEOUT_MS }: Pick<Config, 'CACHE_TIMEOUT_MS'>): number {
  return CACHE_TIMEOUT_MS * 4
}

/** The tiers below memory that are configured: Redis, then Blob. */
export function createTiers(config: Config, redis: Redis, credential: TokenCredential | null): TileCache[] {
  const tiers: TileCache[] = [
    new RedisCache(redis, { ttlSeconds: tileTtlSeconds(config), timeoutMs: config.CACHE_TIMEOUT_MS }),
  ]
  if (config.TILE_CONTAINER_URL !== undefined) {
    const container = new ContainerClient(config.TILE_CONTAINER_URL, credential ?? new AnonymousCredential(), {
      retryOptions: { maxTries: BLOB_TRIES, retryDelayInMs: 100, maxRetryDelayInMs: 400 },
    })
    tiers.push(
      new BlobCache(container, {
        // A blob is farther than a Redis: four times its patience.
        timeoutMs: config.CACHE_TIMEOUT_MS * 4,
        maxAgeSeconds: config.CACHE_MAX_AGE_SECONDS,
        ttlSeconds: config.TILE_TTL_SECONDS,
      }),
    )
  }
  return tiers
}
