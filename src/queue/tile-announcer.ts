import type { TilepressError } from '../errors.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { Redis } from './connection.ts'
import { RedisScript } from './redis-script.ts'
import { encodeFailure, encodeNews, failureKey, inboxPrefix, type TileNews, waitersKey } from './tile-channel.ts'

/** Keys: waiters. Arguments: what inboxes begin with, the message. */
const announce = new RedisScript(`
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do redis.call('PUBLISH', ARGV[1] .. id, ARGV[2]) end
return redis.call('DEL', KEYS[1])
`)

/** Keys: waiters, failure record. Arguments: what inboxes begin with, the message, the record, seconds to keep it. */
const announceFailure = new RedisScript(`
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do redis.call('PUBLISH', ARGV[1] .. id, ARGV[2]) end
return redis.call('DEL', KEYS[1])
`)

/** The workers' voice towards those who wait: a message to each process that has put itself on the tile's list. */
export class TileAnnouncer {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #inboxes: string
  readonly #errorTtlSeconds: number

  constructor(redis: Redis, prefix: string, errorTtlSeconds: number) {
    this.#redis = redis
    this.#prefix = prefix
    this.#inboxes = inboxPrefix(prefix)
    this.#errorTtlSeconds = errorTtlSeconds
  }

  /** Announces a tile; call it after the tile is where a second look finds it. */
  async announce(key: TileKey, news: TileNews): Promise<void> {
    await announce.run(this.#redis, [waitersKey(this.#prefix, key)], [this.#inboxes, encodeNews(key, news)])
  }

  /** Leaves the failure on record for seconds and tells the waiters. */
  async announceFailure(keys: readonly TileKey[], error: TilepressError): Promise<void> {
    const record = encodeFailure(error)
    await Promise.all(
      keys.map((key) =>
        announceFailure.run(
          this.#redis,
          [waitersKey(this.#prefix, key), failureKey(this.#prefix, key)],
          [this.#inboxes, encodeNews(key, { kind: 'failed', error }), record, this.#errorTtlSeconds],
        ),
      ),
    )
  }
}
