import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { TilepressError } from '../errors.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { Redis } from './connection.ts'
import { liveKeys } from './live-keys.ts'
import { RedisScript } from './redis-script.ts'
import { isQueryJob, jobTiles, type QueuedJob } from './render-job.ts'
import {
  claimKey,
  decodeFailure,
  decodeNews,
  failureKey,
  inboxPrefix,
  type TileNews,
  waitersKey,
} from './tile-channel.ts'

/** One caller's wait for one tile. */
export interface Wait {
  /**
   * Puts this process on the tile's list, so that the next announcement reaches it. Resolves to whether a background job is rendering the
   * tile right now: there will be news without a job of one's own. Throws what the tile failed with a moment ago, and QUEUE_UNAVAILABLE.
   */
  register(): Promise<boolean>
  /** The next news, or null when `timeoutMs` have passed without. */
  next(timeoutMs: number, signal: AbortSignal): Promise<TileNews | null>
  /**
   * Must be called; leaves the list when nobody else in this process waits for the tile. `left`: the client has gone, and where nobody in
   * any process waits for a tile of its job, a job that has not begun goes out of the queue.
   */
  close(left?: boolean): void
}

export interface TileWaiterOptions {
  /** Its one subscription is the process's inbox. */
  readonly subscriber: Redis
  /** A `fail-fast` connection. */
  readonly redis: Redis
  readonly prefix: string
  /** A process that dies stays on its lists for so long; at least as long as anybody waits. */
  readonly registrationMs: number
  /** Called for each job that went out of the queue, as its last client had left. */
  readonly onDropped?: () => void
}

/** Longest wait for Redis at the end of the process. */
const CLOSE_MS = 1_000

type Listener = (news: TileNews) => void

/**
 * Keys: waiters, failure record, claim. Arguments: the process's id, milliseconds to keep the list. The failure record, else 1 when a
 * background job has claimed the tile, else 0.
 */
const register = new RedisScript(`
local failure = redis.call('GET', KEYS[2])
if failure then return failure end
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('EXISTS', KEYS[3])
`)

/**
 * Keys: waiters, deduplication, waiting live jobs, waiters of the job's other tiles. Arguments: the process's id, what keys of jobs begin
 * with. 1 when the job went out of the queue. One step: whoever registers before it keeps the job, and whoever does after adds a new one.
 */
const leave = new RedisScript(`
redis.call('SREM', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[1], unpack(KEYS, 4)) > 0 then return 0 end
local id = redis.call('GET', KEYS[2])
if not id or redis.call('LREM', KEYS[3], -1, id) == 0 then return 0 end
redis.call('DEL', KEYS[2], ARGV[2] .. id)
return 1
`)

/**
 * Waits for tiles. News of all tiles that a process waits for comes through one channel of its own, its inbox, and a list at each
 * tile says whose inboxes to tell: one command a tile on a connection in use anyway, where a channel for each tile takes a
 * SUBSCRIBE and an UNSUBSCRIBE on another one.
 *
 * The caller registers first, then enqueues, then, where a job was there already, looks into the cache again: whatever order worker
 * and caller run in, the tile is either seen or announced. What was announced while the inbox was disconnected is found by the
 * caller's next look.
 */
export class TileWaiter {
  readonly #options: TileWaiterOptions
  readonly #id = randomUUID()
  readonly #listeners = new Map<TileKey, Set<Listener>>()
  readonly #leaving = new Set<Promise<unknown>>()

  constructor(options: TileWaiterOptions) {
    this.#options = options
    const { subscriber, prefix } = options
    subscriber.on('messageBuffer', (_channel: Buffer, message: Buffer) => this.#deliver(message))
    // ioredis subscribes again after each reconnection; trouble is reported by the connection.
    subscriber.subscribe(`${inboxPrefix(prefix)}${this.#id}`).catch(() => undefined)
  }

  /** A wait for the tile, which the job will render. */
  open(key: TileKey, job: QueuedJob): Wait {
    const heard: TileNews[] = []
    let wake: (() => void) | null = null
    let registrations = 0
    const listener: Listener = (news) => {
      heard.push(news)
      wake?.()
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
    return {
      register: () => {
        registrations++
        return this.#register(key, listener)
      },
      next,
      close: (left = false) => this.#close(key, listener, registrations, left ? job : null),
    }
  }

  /** What the tile failed with a moment ago; null when it did not. */
  async failureOf(key: TileKey): Promise<TilepressError | null> {
    const { redis, prefix } = this.#options
    const failure = await redis.get(failureKey(prefix, key))
    return failure === null ? null : decodeFailure(failure)
  }

  /** Before its connection goes: waits until Redis knows who has left, a second at most. */
  async close(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#leaving), sleep(CLOSE_MS, undefined, { ref: false })])
  }

  /** Tiles being waited for. */
  get size(): number {
    return this.#listeners.size
  }

  async #register(key: TileKey, listener: Listener): Promise<boolean> {
    const { redis, prefix, registrationMs } = this.#options
    const listeners = this.#listeners.get(key) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(key, listeners)
    const answer = await register
      .run(redis, [waitersKey(prefix, key), failureKey(prefix, key), claimKey(prefix, key)], [this.#id, registrationMs])
      .catch((cause: unknown) => {
        throw new TilepressError('QUEUE_UNAVAILABLE', 'the render queue does not answer', { cause })
      })
    const error = typeof answer === 'string' ? decodeFailure(answer) : null
    if (error) throw error
    return answer === 1
  }

  /** Whoever was told is off the list, here as there. */
  #deliver(message: Buffer): void {
    const heard = decodeNews(message)
    if (!heard) return
    const listeners = this.#listeners.get(heard.key)
    if (!listeners) return
    this.#listeners.delete(heard.key)
    for (const listener of listeners) listener(heard.news)
  }

  #close(key: TileKey, listener: Listener, registrations: number, unwanted: QueuedJob | null): void {
    const listeners = this.#listeners.get(key)
    const isTold = !listeners?.delete(listener)
    if (listeners && listeners.size > 0) return
    // Told, and off the list with that; but a second registration may have been on its way then.
    if (isTold && registrations < 2) return
    this.#listeners.delete(key)
    const { redis, prefix } = this.#options
    // Commands of one connection keep their order, so a newcomer's later registration stands.
    const left = unwanted ? this.#leave(key, unwanted) : redis.srem(waitersKey(prefix, key), this.#id)
    const end = () => void this.#leaving.delete(left)
    this.#leaving.add(left)
    left.then(end, end)
  }

  async #leave(key: TileKey, job: QueuedJob): Promise<void> {
    const { redis, prefix, onDropped } = this.#options
    const others = isQueryJob(job) ? [] : jobTiles(job).filter((each) => each.key !== key)
    const keys = [waitersKey(prefix, key), liveKeys.deduplication(prefix, job), liveKeys.waiting(prefix)]
    const waiters = others.map((each) => waitersKey(prefix, each.key))
    const dropped = await leave.run(redis, [...keys, ...waiters], [this.#id, liveKeys.jobs(prefix)])
    if (dropped === 1) onDropped?.()
  }
}
