import type { Redis } from 'ioredis'

/** A user and a password that is good for a while. */
interface Credentials {
  readonly username: string
  readonly password: string
}

/**
 * Signs connections in with a token as the password. Azure's Redis ends a connection when the token that opened it expires, unless it was
 * signed in anew before (ioredis knows no changing password: redis/ioredis#2022), so each new token is given to every live connection,
 * those that BullMQ duplicates included.
 */
export class RedisLogin {
  readonly #connections = new Map<Redis, string | null>()
  /** Those that may be signing in with the token before. */
  readonly #behind = new Set<Redis>()
  readonly #onError: (error: Error) => void
  #token: string | null = null

  constructor(onError: (error: Error) => void) {
    this.#onError = onError
  }

  /** Connections signed in and kept so. */
  get size(): number {
    return this.#connections.size
  }

  /** For connections from now on, and at once for those that there are. */
  use(token: string): void {
    this.#token = token
    for (const [redis, username] of this.#connections) this.#renew(redis, this.#credentials(username))
  }

  /** What a connection must begin with: ioredis signs in with the options it was made with. A user in its URL goes before the token's own. */
  credentialsFor(url: string): Credentials | Record<never, never> {
    return this.#credentials(decodeURIComponent(new URL(url).username) || null) ?? {}
  }

  /** Keeps the connection signed in until it ends. */
  attach(redis: Redis, username: string | null): void {
    this.#connections.set(redis, username)
    redis.once('end', () => {
      this.#connections.delete(redis)
      this.#behind.delete(redis)
    })
    redis.on('ready', () => {
      if (this.#behind.delete(redis)) this.#renew(redis, this.#credentials(username))
    })
    const duplicate = redis.duplicate.bind(redis)
    redis.duplicate = (override) => {
      const copy = duplicate(override)
      this.attach(copy, username)
      return copy
    }
  }

  #credentials(username: string | null): Credentials | null {
    if (this.#token === null) return null
    return { username: username ?? objectIdOf(this.#token) ?? 'default', password: this.#token }
  }

  #renew(redis: Redis, credentials: Credentials | null): void {
    if (credentials === null) return
    // What a reconnection signs in with.
    Object.assign(redis.options, credentials)
    if (redis.status !== 'ready') return void this.#behind.add(redis)
    // A subscriber may send no AUTH (RESP2); it comes back in milliseconds, and what it misses is looked for.
    if (redis.mode === 'subscriber') redis.disconnect(true)
    else {
      redis.auth(credentials.username, credentials.password).catch((error: Error) => {
        // A connection that has ended meanwhile signs in anew when it comes back.
        if (redis.status === 'ready') this.#onError(error)
      })
    }
  }
}

/** The identity's object id, which is its user name at Azure's Redis: the `oid` claim of its token. */
export function objectIdOf(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const oid = typeof claims === 'object' && claims !== null && 'oid' in claims ? claims.oid : null
    return typeof oid === 'string' ? oid : null
  } catch {
    return null
  }
}
