import { createHash } from 'node:crypto'
import type { Redis } from './connection.ts'

/** Steps in Lua that are one step for everybody else; sent by their hash, and in full to a server that doesn't know them yet. */
export class RedisScript {
  readonly #lua: string
  readonly #hash: string

  constructor(lua: string) {
    this.#lua = lua
    this.#hash = createHash('sha1').update(lua).digest('hex')
  }

  /** What the script returns: strings, numbers, lists of them, or null. */
  async run(redis: Redis, keys: readonly string[], values: readonly (string | number | Buffer)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#hash, keys.length, ...keys, ...values)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return await redis.eval(this.#lua, keys.length, ...keys, ...values)
    }
  }
}
