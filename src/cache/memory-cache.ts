import { LRUCache } from 'lru-cache'
import type { TileKey } from '../key/tile-key.ts'
import type { StoredTile } from './tile-cache.ts'

/** Bytes an entry costs beside its body: key, object and map slot, measured at about 400. */
const ENTRY_BYTES = 512

/** Bodies up to this size are kept once: tiles of one colour are (PNG 1.7 kB, JPEG 1.6, WebP 0.3), and every empty one. */
const SHARED_BYTES = 4_096

interface Shared {
  readonly body: Buffer
  users: number
}

/** Tiles in this process, bounded by bytes; least recently used go first. Synchronous, as a hit must not wait. */
export class MemoryCache {
  readonly #tiles: LRUCache<TileKey, StoredTile> | null
  readonly #maxBytes: number
  readonly #now: () => number
  readonly #ttlMs: (tile: StoredTile) => number
  /** Small bodies by entity tag, which is a hash of them. */
  readonly #shared = new Map<string, Shared>()
  #sharedBytes = 0

  constructor(options: { maxBytes: number; ttlMs: (tile: StoredTile) => number; now?: () => number }) {
    this.#ttlMs = options.ttlMs
    this.#now = options.now ?? Date.now
    this.#maxBytes = options.maxBytes
    this.#tiles =
      options.maxBytes > 0
        ? new LRUCache({
            maxSize: options.maxBytes,
            sizeCalculation: ({ body }) => (isShared(body) ? 0 : body.length) + ENTRY_BYTES,
            dispose: (tile) => this.#leave(tile),
          })
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
    if (!this.#tiles) return
    this.#tiles.set(key, { ...tile, body: isShared(tile.body) ? this.#share(tile) : owned(tile.body) })
    while (this.bytes > this.#maxBytes && this.#tiles.pop());
  }

  get bytes(): number {
    return (this.#tiles?.calculatedSize ?? 0) + this.#sharedBytes
  }

  get entries(): number {
    return this.#tiles?.size ?? 0
  }

  #share({ etag, body }: StoredTile): Buffer {
    let shared = this.#shared.get(etag)
    if (!shared) {
      shared = { body: owned(body), users: 0 }
      this.#shared.set(etag, shared)
      this.#sharedBytes += body.length
    }
    shared.users++
    return shared.body
  }

  #leave({ etag, body }: StoredTile): void {
    const shared = isShared(body) ? this.#shared.get(etag) : undefined
    if (!shared || --shared.users > 0) return
    this.#shared.delete(etag)
    this.#sharedBytes -= body.length
  }
}

function isShared(body: Buffer): boolean {
  return body.length <= SHARED_BYTES
}

/**
 * The body in memory of its own. What comes from a socket is a slice of all that came with it: a tile of 1 kB would keep 64 kB that nobody counts.
 */
function owned(body: Buffer): Buffer {
  if (body.buffer.byteLength <= body.length + ENTRY_BYTES) return body
  const copy = Buffer.allocUnsafeSlow(body.length)
  body.copy(copy)
  return copy
}
