import type { TileKey } from '../key/tile-key.ts'

/** A rendered tile as every tier keeps it. Errors are never stored here. */
export interface StoredTile {
  readonly outcome: 'image' | 'empty'
  readonly contentType: string
  /** Strong, quoted (RFC 9110 §8.8.3): a hash of the bytes, so that the same bytes rendered anew still answer 304. */
  readonly etag: string
  /** Milliseconds since 1970. */
  readonly renderedAt: number
  /** The search limit that cut the item list, if one did. */
  readonly truncated: string | null
  readonly body: Buffer
}

/** One tier. Misses and put-backs only: a tier that is down throws, and the layered cache goes on without it. */
export interface TileCache {
  readonly name: 'redis' | 'blob'
  get(key: TileKey): Promise<StoredTile | null>
  put(key: TileKey, tile: StoredTile): Promise<void>
}
