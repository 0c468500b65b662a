import type { AccessToken, TokenCredential } from '@azure/identity'
import { TilepressError } from '../errors.ts'

/** Entra tokens live an hour or a day; a new one is asked for at half life, and ten minutes before the end at the latest. */
const REFRESH_BEFORE_MS = 600_000

/** Pause between tries while the identity endpoint fails. */
const RETRY_MS = { first: 1_000, most: 30_000 }

/** A caller who needs a token that isn't there waits no longer than this, and not at all while the last try failed. */
const WAIT_MS = 2_000

export interface TokenState {
  readonly status: 'none' | 'valid' | 'expired'
  readonly expiresInSeconds: number | null
  readonly lastError: string | null
}

/**
 * One scope's token, always at hand. It implements TokenCredential, so that the Blob client uses it too.
 *
 * The SDK's own caching has no single flight, rejects while its token is still good when the identity endpoint is down, and its
 * background refresh can end the process; hence ours: one request at a time, refreshed well before expiry, the last good token
 * kept through an outage, never a rejection once primed.
 */
export class TokenProvider implements TokenCredential {
  readonly scope: string
  readonly #credential: TokenCredential
  readonly #onChange: (token: AccessToken) => void
  readonly #onFailure: (error: Error) => void
  #token: AccessToken | null = null
  #request: Promise<AccessToken> | null = null
  /** When the request under way began; the SDK tries for a quarter of a minute before it gives up. */
  #askedAt = 0
  #timer: NodeJS.Timeout | null = null
  #failures = 0
  /** The last try failed, or took too long. */
  #failing = false
  #lastError: string | null = null
  #closed = false

  constructor(options: {
    credential: TokenCredential
    scope: string
    /** Called with each new token, before any caller gets it. */
    onChange?: (token: AccessToken) => void
    onFailure?: (error: Error) => void
  }) {
    this.scope = options.scope
    this.#credential = options.credential
    this.#onChange = options.onChange ?? (() => undefined)
    this.#onFailure = options.onFailure ?? (() => undefined)
  }

  /** The token in hand, expired or not; waits only when there has never been one. Throws TOKEN_UNAVAILABLE. */
  async getToken(): Promise<AccessToken> {
    if (this.#token) {
      if (this.#token.expiresOnTimestamp <= Date.now()) void this.#refresh().catch(() => undefined)
      return this.#token
    }
    try {
      return await this.#awaitRefresh()
    } catch (cause) {
      throw new TilepressError('TOKEN_UNAVAILABLE', 'no access token could be had', { cause })
    }
  }

  /** Asks for a new token after one was refused, unless there is a newer one already. Keeps the old one when that fails. */
  async replace(refused: string): Promise<void> {
    if (this.#token === null || this.#token.token === refused) await this.#awaitRefresh().catch(() => undefined)
  }

  state(): TokenState {
    const left = this.#token ? Math.round((this.#token.expiresOnTimestamp - Date.now()) / 1_000) : null
    const status = left === null ? 'none' : left > 0 ? 'valid' : 'expired'
    return { status, expiresInSeconds: left, lastError: this.#lastError }
  }

  close(): void {
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  /** The next token, when it comes soon: an identity endpoint that is down or slow must not hold up every caller in turn. */
  async #awaitRefresh(): Promise<AccessToken> {
    const underWay = this.#request === null ? 0 : performance.now() - this.#askedAt
    const wait = this.#failing ? 0 : Math.max(0, WAIT_MS - underWay)
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      this.#failing = true
      reject(new Error('the identity endpoint did not answer in time'))
    }, wait)
    try {
      return await Promise.race([this.#refresh(), late])
    } finally {
      clearTimeout(timer)
    }
  }

  #refresh(): Promise<AccessToken> {
    if (this.#request === null) {
      this.#askedAt = performance.now()
      this.#request = this.#ask().finally(() => {
        this.#request = null
      })
    }
    return this.#request
  }

  async #ask(): Promise<AccessToken> {
    try {
      const token = await this.#credential.getToken(this.scope)
      if (!token || token.expiresOnTimestamp <= Date.now())
        throw new Error('the identity endpoint gave an expired token')
      this.#failures = 0
      this.#failing = false
      this.#lastError = null
      if (token.token !== this.#token?.token && !this.#closed) this.#onChange(token)
      this.#token = token
      this.#schedule(refreshDelay(token, Date.now()))
      return token
    } catch (thrown) {
      this.#failures++
      this.#failing = true
      // The SDK's messages may quote the endpoint's answer: only the error's name is shown.
      this.#lastError = thrown instanceof Error ? thrown.name : 'Error'
      this.#schedule(Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** (this.#failures - 1)))
      this.#onFailure(thrown instanceof Error ? thrown : new Error(String(thrown)))
      throw thrown
    }
  }

  #schedule(delayMs: number): void {
    if (this.#timer) clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => void this.#refresh().catch(() => undefined), delayMs)
    this.#timer.unref()
  }
}

/**
 * When to ask for the next token, milliseconds: at half life or 10 min before the end, whichever is sooner (a quarter of the life
 * for a token that lives less than that), and up to 10 % sooner still, so that replicas do not ask together.
 */
export function refreshDelay(token: AccessToken, now: number, random = Math.random): number {
  const life = token.expiresOnTimestamp - now
  const delay = Math.min(Math.max(life / 2, 0), Math.max(life - REFRESH_BEFORE_MS, life / 4))
  return Math.max(1_000, delay * (1 - 0.1 * random()))
}
