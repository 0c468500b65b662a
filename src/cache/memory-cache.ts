import { LRUCache } from 'lru-cache'
import type { TileKey } from '../key/tile-key.ts'
import type { StoredTile } from './tile-cache.ts'

/** Bytes an entry costs beside its body: key, object and map slot, measured at about 400. */
const ENTRY_BYTES = 512

/** Tiles in this process, bounded by bytes; least recently used go first. Synchronous, as a hit must not wait. */
export class MemoryCache {
  readonly #tiles: LRUCache<TileKey, StoredTile> | null
  readonly #now: () => number
  readonly #ttlMs: (tile: StoredTile) => number

  constructor(options: { maxBytes: number; ttlMs: (tile: StoredTile) => number; now?: () => number }) {
    this.#ttlMs = options.ttlMs
    this.#now = options.now ?? Date.now
    this.#tiles =
      options.maxBytes > 0
        ? new LRUCache({ maxSize: options.maxBytes, sizeCalculation: (tile) => tile.body.length + ENTRY_BYTES })
        : null
  }

  /** The tile, unless it is older than its life. */
  get(key: TileKey): StoredTile | null {
    const tile = this.#tiles?.get(key)
    if (!tile) return null
    if (this.#now() - tile.renderedAt <= this.#ttlMs(tile)) return tile
    this.#tiles?.delete(key)
    return null
  }

  put(key: TileKey, tile: StoredTile): void {
    this.#tiles?.set(key, tile)
  }

  get bytes(): number {
    return this.#tiles?.calculatedSize ?? 0
  }

  get entries(): number {
    return this.#tiles?.size ?? 0
  }
}
