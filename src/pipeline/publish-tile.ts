import type { LayeredCache } from '../cache/layered-cache.ts'
import { serializeTile } from '../cache/stored-tile.ts'
import type { StoredTile } from '../cache/tile-cache.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { TileAnnouncer } from '../queue/tile-announcer.ts'

export interface PublishParts {
  readonly cache: LayeredCache
  readonly announcer: TileAnnouncer
}

/** News carries tiles up to this size: one copy through the queue's Redis instead of another question to the cache's. */
const MOST_NEWS_BYTES = 64 * 1_024

/**
 * Stores, and announces as soon as the nearest tier has it: a waiter need not wait for Blob. Nor does its job (`wanted`); a run's does,
 * as it counts what stays. The news carries a small tile that somebody waits for, and any that the nearest tier
 * did not take.
 */
export async function publishTile(
  { cache, announcer }: PublishParts,
  key: TileKey,
  tile: StoredTile,
  wanted: boolean,
): Promise<void> {
  const { nearest, others } = await cache.put(key, tile, !wanted)
  const isCarried = !nearest || (wanted && tile.body.length <= MOST_NEWS_BYTES)
  await announcer.announce(key, isCarried ? { kind: 'bytes', bytes: serializeTile(tile) } : { kind: 'cached' })
  if (!wanted) await others
}
