import type { StoredTile } from '../../src/cache/tile-cache.ts'
import type { LifeOf } from '../../src/freshness/tile-freshness.ts'
import type { CacheResult } from '../../src/pipeline/serve-tile.ts'

/** How long a client may show an old tile when we cannot answer, seconds. */
const STALE_IF_ERROR = 86_400

/** Longest that it may show one while it asks for the new one. */
const STALE_WHILE_REVALIDATE = 86_400

/** Empty tiles are asked again soon: imagery may arrive. */
const EMPTY_MAX_AGE = 60

/** The new tile of a stale one is there in seconds; MapLibre asks again when max-age has passed, others when they next need the tile. */
const STALE_MAX_AGE = 10

/** An enlarged ancestor is there for want of something better, which comes any moment. */
const OVERZOOM = 'public, max-age=5'

export interface HttpCacheRules {
  readonly maxAgeSeconds: number
  readonly lifeOf: LifeOf
}

/**
 * Cache-Control of a tile. It is fresh for no longer than the tile is here, shown while it is asked for anew (RFC 5861) for no longer than the tile
 * lives here, and after that only when this server fails. `spread`: lifeSpread of the tile's place, so that what a map fetched together
 * does not come back together.
 */
export function cacheControl(
  tile: Pick<StoredTile, 'outcome' | 'renderedAt'>,
  cache: CacheResult,
  { maxAgeSeconds, lifeOf }: HttpCacheRules,
  spread: number,
  now: number,
): string {
  if (cache === 'OVERZOOM') return OVERZOOM
  const { softSeconds, hardSeconds } = lifeOf(tile)
  const age = Math.max(0, (now - tile.renderedAt) / 1_000)
  const longest = tile.outcome === 'empty' ? Math.min(EMPTY_MAX_AGE, maxAgeSeconds) : maxAgeSeconds
  const soft = softSeconds * spread
  const isStale = cache === 'STALE'
  const maxAge = wholeSeconds(Math.min(longest * spread, isStale ? STALE_MAX_AGE : soft - age))
  // Of a fresh tile the same at every age, so that its answers are alike; max-age ends no later than its freshness.
  const left = wholeSeconds(Math.min(STALE_WHILE_REVALIDATE, hardSeconds - (isStale ? age + maxAge : soft)))
  return `public, max-age=${maxAge}, stale-while-revalidate=${left}, stale-if-error=${STALE_IF_ERROR}`
}

function wholeSeconds(seconds: number): number {
  return Math.max(0, Math.floor(seconds))
}
