import type { TilepressError } from '../errors.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { Redis } from './connection.ts'
import { encodeFailure, encodeNews, failureKey, type TileNews, tileChannel } from './tile-channel.ts'

/** The workers' voice towards those who wait. */
export class TileAnnouncer {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #errorTtlSeconds: number

  constructor(redis: Redis, prefix: string, errorTtlSeconds: number) {
    this.#redis = redis
    this.#prefix = prefix
    this.#errorTtlSeconds = errorTtlSeconds
  }

  /** Announces a tile; call it after the tile is where the news says it is. */
  async announce(key: TileKey, news: TileNews): Promise<void> {
    await this.#redis.publish(tileChannel(this.#prefix, key), encodeNews(news))
  }

  /** Leaves the failure on record for seconds and tells the waiters, in one round trip. */
  async announceFailure(keys: readonly TileKey[], error: TilepressError): Promise<void> {
    const commands = this.#redis.pipeline()
    for (const key of keys) {
      commands.set(failureKey(this.#prefix, key), encodeFailure(error), 'EX', this.#errorTtlSeconds)
      commands.publish(tileChannel(this.#prefix, key), encodeNews({ kind: 'failed', error }))
    }
    await commands.exec()
  }
}
