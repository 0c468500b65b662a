import type { LayeredCache } from '../cache/layered-cache.ts'
import { serializeTile } from '../cache/stored-tile.ts'
import type { StoredTile } from '../cache/tile-cache.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { TileAnnouncer } from '../queue/tile-announcer.ts'
import type { TileNews } from '../queue/tile-channel.ts'

export interface PublishParts {
  readonly cache: LayeredCache
  readonly announcer: TileAnnouncer
}

/** News carries tiles up to this size: one copy through the queue's Redis instead of another question to the cache's. */
const MOST_NEWS_BYTES = 64 * 1_024

/**
 * Stores, and announces as soon as the nearest tier has it: a waiter need not wait for Blob. The job does. The news carries a small
 * tile that somebody waits for (`wanted`), and any that no tier took.
 */
export async function publishTile(
  { cache, announcer }: PublishParts,
  key: TileKey,
  tile: StoredTile,
  wanted: boolean,
): Promise<void> {
  const bytes = (): TileNews => ({ kind: 'bytes', bytes: serializeTile(tile) })
  const cached = (): TileNews => (wanted && tile.body.length <= MOST_NEWS_BYTES ? bytes() : { kind: 'cached' })
  let announced: Promise<void> | null = null
  const kept = await cache.put(key, tile, () => {
    announced = announcer.announce(key, cached())
  })
  await (announced ?? announcer.announce(key, kept.length > 0 ? cached() : bytes()))
}
