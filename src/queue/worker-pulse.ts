import { randomUUID } from 'node:crypto'
import type { Redis } from './connection.ts'
import { RedisScript } from './redis-script.ts'

const PULSE_MS = 1_000

/** A worker that has said nothing for so long is not counted. */
const LIFE_MS = 5_000

/** Weight of the newest render in the mean: that of the last 20 or so. */
const WEIGHT = 0.05

/** First renders open files and load items: 500 ms where 15 are usual. Nothing is said of them. */
const COLD_RENDERS = 20

/** After so long without a live job nothing is known of the next one. */
const FORGET_MS = 30_000

/** Hash of the workers: slots, mean milliseconds of a live job (0 = not known), and when it said so. */
const workersKey = (prefix: string) => `${prefix}:workers`

/** Live jobs that all workers end in a millisecond; absent while none knows. */
export const capacityKey = (prefix: string) => `${prefix}:capacity`

/**
 * Keys: workers, capacity, waiting live jobs. Arguments: the worker's id, its slots, its mean, milliseconds to live. The number of waiting
 * live jobs, and the milliseconds that they take, -1 when that is not known. A worker that knows no mean yet is taken for as fast as the others. The time is that of Redis.
 */
const report = new RedisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. string.format('%.0f', now))
local all = redis.call('HGETALL', KEYS[1])
local slots, known, rate = 0, 0, 0
for i = 2, #all, 2 do
  local s, mean, at = string.match(all[i], '^(%S+) (%S+) (%S+)$')
  if not at or now - tonumber(at) > tonumber(ARGV[4]) then redis.call('HDEL', KEYS[1], all[i - 1])
  else
    slots = slots + tonumber(s)
    if tonumber(mean) > 0 then
      known = known + tonumber(s)
      rate = rate + tonumber(s) / tonumber(mean)
    end
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local waiting = redis.call('LLEN', KEYS[3])
if known == 0 then
  redis.call('DEL', KEYS[2])
  return {waiting, -1}
end
rate = rate * slots / known
redis.call('SET', KEYS[2], string.format('%.9g', rate), 'PX', ARGV[4])
return {waiting, math.floor(waiting / rate)}
`)

export interface WorkerPulseOptions {
  readonly redis: Redis
  readonly prefix: string
  /** Key of the list of waiting live jobs. */
  readonly liveKey: string
  /** Live jobs this worker runs at a time. */
  readonly slots: number
  /** Told once a second how many live jobs wait, and how many milliseconds of work they are; null when nobody knows. */
  readonly onBacklog: (jobs: number, workMs: number | null) => void
}

/**
 * Tells the others once a second how many live jobs this worker ends, and learns how many wait: one command, however many tiles it
 * renders.
 */
export class WorkerPulse {
  readonly #options: WorkerPulseOptions
  readonly #id = randomUUID()
  readonly #timer: NodeJS.Timeout
  #renders = 0
  #meanMs = 0
  #lastAt = Number.NEGATIVE_INFINITY
  #beating = false

  constructor(options: WorkerPulseOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#beat(), PULSE_MS)
    this.#timer.unref()
    this.#beat()
  }

  /** A live job has ended, well or not: it held its slot for so long. */
  onLiveJob(ms: number): void {
    this.#lastAt = performance.now()
    this.#renders++
    if (this.#renders <= COLD_RENDERS) return
    this.#meanMs = this.#meanMs === 0 ? ms : this.#meanMs + (ms - this.#meanMs) * WEIGHT
  }

  /** Takes this worker off the list, without waiting for a Redis that is away. */
  close(): void {
    clearInterval(this.#timer)
    this.#options.redis.hdel(workersKey(this.#options.prefix), this.#id).catch(() => undefined)
  }

  /** One at a time: a Redis that is away must not find a heap of them when it comes back. */
  #beat(): void {
    if (this.#beating) return
    this.#beating = true
    const { redis, prefix, liveKey, slots, onBacklog } = this.#options
    const mean = performance.now() - this.#lastAt > FORGET_MS ? 0 : this.#meanMs
    report
      .run(redis, [workersKey(prefix), capacityKey(prefix), liveKey], [this.#id, slots, mean.toFixed(3), LIFE_MS])
      .then(
        (answer) => {
          const [jobs, workMs] = answer as [number, number]
          onBacklog(jobs, workMs < 0 ? null : workMs)
        },
        () => undefined,
      )
      .finally(() => {
        this.#beating = false
      })
  }
}
