import type { TilepressError } from '../errors.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { Redis } from './connection.ts'
import { RedisScript } from './redis-script.ts'
import {
  claimKey,
  encodeFailure,
  encodeNews,
  failureKey,
  inboxPrefix,
  type TileNews,
  waitersKey,
} from './tile-channel.ts'

/** Keys: waiters, claim. Arguments: what inboxes begin with, the message. */
const announce = new RedisScript(`
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do redis.call('PUBLISH', ARGV[1] .. id, ARGV[2]) end
return redis.call('DEL', KEYS[1], KEYS[2])
`)

/** Keys: waiters, claim, failure record. Arguments: what inboxes begin with, the message, the record, seconds to keep it. */
const announceFailure = new RedisScript(`
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[4])
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do redis.call('PUBLISH', ARGV[1] .. id, ARGV[2]) end
return redis.call('DEL', KEYS[1], KEYS[2])
`)

/** Keys: waiters and claim of each tile. Argument: milliseconds to keep a claim. The places of the tiles that somebody waits for. */
const claim = new RedisScript(`
local wanted = {}
for i = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then wanted[#wanted + 1] = (i - 1) / 2
  else redis.call('SET', KEYS[i + 1], '', 'PX', ARGV[1]) end
end
return wanted
`)

/** Longer than the tiles of a square take; who waits for one of a worker that died asks anew after half a second. */
const CLAIM_MS = 5_000

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

  /**
   * A background job is about to render these tiles: until they are announced, whoever comes to wait for one gets no job of his own.
   * Resolves to those that somebody waits for already; they have one.
   */
  async claim(keys: readonly TileKey[]): Promise<ReadonlySet<TileKey>> {
    const wanted = await claim.run(
      this.#redis,
      keys.flatMap((key) => this.#keys(key)),
      [CLAIM_MS],
    )
    return new Set((wanted as number[]).flatMap((at) => keys[at] ?? []))
  }

  #keys(key: TileKey): string[] {
    return [waitersKey(this.#prefix, key), claimKey(this.#prefix, key)]
  }

  /** Announces a tile; call it after the tile is where a second look finds it. */
  async announce(key: TileKey, news: TileNews): Promise<void> {
    await announce.run(this.#redis, this.#keys(key), [this.#inboxes, encodeNews(key, news)])
  }

  /** Leaves the failure on record for seconds and tells the waiters. */
  async announceFailure(keys: readonly TileKey[], error: TilepressError): Promise<void> {
    const record = encodeFailure(error)
    await Promise.all(
      keys.map((key) =>
        announceFailure.run(
          this.#redis,
          [...this.#keys(key), failureKey(this.#prefix, key)],
          [this.#inboxes, encodeNews(key, { kind: 'failed', error }), record, this.#errorTtlSeconds],
        ),
      ),
    )
  }
}
