import type { TileKey } from '../key/tile-key.ts'
import type { Redis } from './connection.ts'
import { decodeNews, type TileNews, tileChannel } from './tile-channel.ts'

/** One caller's wait for one tile. */
export interface Wait {
  /** The next news, or null when `timeoutMs` have passed without. */
  next(timeoutMs: number, signal: AbortSignal): Promise<TileNews | null>
  /** Must be called; leaves the channel when nobody else waits on it. */
  close(): void
}

type Listener = (news: TileNews) => void

/**
 * Waits for tiles over the process's one subscriber connection: SUBSCRIBE on the first wait for a tile, UNSUBSCRIBE after the last.
 *
 * The caller subscribes first, then looks into the cache again, then enqueues: whatever order worker and caller run in, the
 * tile is either seen or announced. After a lost connection ioredis subscribes again; what was announced meanwhile is found by
 * the caller's next look.
 */
export class TileWaiter {
  readonly #subscriber: Redis
  readonly #prefix: string
  readonly #listeners = new Map<string, Set<Listener>>()

  constructor(subscriber: Redis, prefix: string) {
    this.#subscriber = subscriber
    this.#prefix = prefix
    subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => this.#deliver(channel.toString(), message))
  }

  /** Resolves once subscribed. Rejects when Redis does not confirm within `timeoutMs`. */
  async open(key: TileKey, timeoutMs: number): Promise<Wait> {
    const channel = tileChannel(this.#prefix, key)
    const heard: TileNews[] = []
    let wake: (() => void) | null = null
    const listener: Listener = (news) => {
      heard.push(news)
      wake?.()
    }
    const listeners = this.#listeners.get(channel) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(channel, listeners)
    const close = () => this.#close(channel, listener)
    try {
      await within(this.#subscriber.subscribe(channel), timeoutMs)
    } catch (error) {
      close()
      throw error
    }
    const next: Wait['next'] = async (ms, signal) => {
      const ready = heard.shift()
      if (ready) return ready
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const abort = () => reject(signal.reason)
      const timer = setTimeout(resolve, ms)
      wake = resolve
      signal.addEventListener('abort', abort, { once: true })
      try {
        await promise
      } finally {
        wake = null
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
      }
      return heard.shift() ?? null
    }
    return { next, close }
  }

  /** Tiles being waited for. */
  get size(): number {
    return this.#listeners.size
  }

  #deliver(channel: string, message: Buffer): void {
    const news = decodeNews(message)
    if (!news) return
    for (const listener of this.#listeners.get(channel) ?? []) listener(news)
  }

  #close(channel: string, listener: Listener): void {
    const listeners = this.#listeners.get(channel)
    if (!listeners?.delete(listener) || listeners.size > 0) return
    this.#listeners.delete(channel)
    // SUBSCRIBE and UNSUBSCRIBE of one connection keep their order, so a newcomer's later SUBSCRIBE stands.
    this.#subscriber.unsubscribe(channel).catch(() => undefined)
  }
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
