import type { LayeredCache } from '../cache/layered-cache.ts'
import { serializeTile } from '../cache/stored-tile.ts'
import type { StoredTile } from '../cache/tile-cache.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { TileAnnouncer } from '../queue/tile-announcer.ts'

export interface PublishParts {
  readonly cache: LayeredCache
  readonly announcer: TileAnnouncer
}

/**
 * Stores, and announces as soon as the nearest tier has it: a waiter need not wait for Blob. The job does. Where no tier took it
 * the news carries it.
 */
export async function publishTile({ cache, announcer }: PublishParts, key: TileKey, tile: StoredTile): Promise<void> {
  let announced: Promise<void> | null = null
  const kept = await cache.put(key, tile, () => {
    announced = announcer.announce(key, { kind: 'cached' })
  })
  await (announced ??
    announcer.announce(key, kept.length > 0 ? { kind: 'cached' } : { kind: 'bytes', bytes: serializeTile(tile) }))
}
