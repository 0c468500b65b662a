import type { Redis } from 'ioredis'
import type { TileKey } from '../key/tile-key.ts'
import { deserializeTile, serializeTile } from './stored-tile.ts'
import type { StoredTile, TileCache } from './tile-cache.ts'

/** Tiles in an evicting Redis: raw bytes behind a small header, one round trip each way, the life set by the same command. */
export class RedisCache implements TileCache {
  readonly name = 'redis'
  readonly #redis: Redis
  readonly #ttlSeconds: (tile: StoredTile) => number

  constructor(redis: Redis, ttlSeconds: (tile: StoredTile) => number) {
    this.#redis = redis
    this.#ttlSeconds = ttlSeconds
  }

  async get(key: TileKey): Promise<StoredTile | null> {
    const bytes = await this.#redis.getBuffer(`tile:${key}`)
    return bytes && deserializeTile(bytes)
  }

  async put(key: TileKey, tile: StoredTile): Promise<void> {
    await this.#redis.set(`tile:${key}`, serializeTile(tile), 'EX', this.#ttlSeconds(tile))
  }
}
