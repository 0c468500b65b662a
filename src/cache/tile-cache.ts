import type { TileKey } from '../key/tile-key.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'

/** What every tier knows of a tile beside its bytes. */
export interface TileHead {
  readonly outcome: 'image' | 'empty'
  readonly contentType: string
  /** Strong, quoted (RFC 9110 §8.8.3): a hash of the bytes, so that the same bytes rendered anew still answer 304. */
  readonly etag: string
  /** Milliseconds since 1970. */
  readonly renderedAt: number
  /** The layer's edition that it was rendered in (src/freshness/layer-state.ts); 0 when absent. */
  readonly edition?: number
  /** The search limit that cut the item list, if one did. */
  readonly truncated: string | null
  /** Where an image lies, when its request alone does not tell. */
  readonly place?: ImagePlace
}

/** A rendered tile, or the answer to a query (`image` may then be a document), as every tier keeps it. Errors are never stored here. */
export interface StoredTile extends TileHead {
  readonly body: Buffer
}

export interface ImagePlace {
  readonly bounds: Bounds
  readonly crs: Crs
}

/** One tier. Misses and put-backs only: a tier that is down throws, and the layered cache goes on without it. */
export interface TileCache {
  readonly name: 'redis' | 'blob'
  get(key: TileKey): Promise<StoredTile | null>
  /** The tile without its body, for a client that may have it; null also where the tier cannot tell. */
  head(key: TileKey): Promise<TileHead | null>
  put(key: TileKey, tile: StoredTile): Promise<void>
}
