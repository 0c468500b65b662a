import type { admit } from '../../src/queue/live-admission.ts'
import { randomNumbers } from '../prerender/random-numbers.ts'

/** Viewers of a map before workers that render `slots` tiles at a time. Times are milliseconds, means of exponential distributions. */
export interface Crowd {
  readonly viewers: number
  readonly slots: number
  readonly serviceMs: number
  /** Tiles of a view, asked for at once. */
  readonly tiles: number
  /** How long a viewer waits for a view before he moves on to another. */
  readonly stayMs: number
  /** Between a complete view and the next. */
  readonly pauseMs: number
  /** Whether his leaving takes what he no longer wants out of the queue; a proxy may hide it. */
  readonly isSeenLeaving: boolean
}

export interface CrowdResult {
  /** Share of the tiles asked for that came in time, while their viewer was there. */
  readonly served: number
  readonly perSecond: number
  /** Milliseconds to those tiles. */
  readonly p95: number
  readonly p99: number
  readonly mostWaiting: number
}

const SECONDS = 120
const DEADLINE_MS = 10_000
const LIMIT = 1_000_000

interface Job {
  readonly askedAt: number
  /** Called when it is rendered; null when nobody wants it any more. */
  done: (() => void) | null
  waits: boolean
}

/** The live queue as Redis holds it, a list whose end is next, in simulated time. The same seed gives the same result. */
export function simulate(crowd: Crowd, decide: typeof admit): CrowdResult {
  const random = randomNumbers(7)
  const chance = (mean: number) => -Math.log(1 - random()) * mean
  const clock = new Clock()
  const list: Job[] = []
  const times: number[] = []
  let [busy, asked, mostWaiting] = [0, 0, 0]
  const jobsPerMs = crowd.slots / crowd.serviceMs

  const work = () => {
    while (busy < crowd.slots) {
      const job = list.pop()
      if (!job) return
      job.waits = false
      busy++
      clock.after(chance(crowd.serviceMs), () => {
        busy--
        job.done?.()
        work()
      })
    }
  }
  const enqueue = (job: Job) => {
    const admission = decide({ waiting: list.length, jobsPerMs }, { limit: LIMIT, deadlineMs: DEADLINE_MS })
    if (admission.isRefused) return false
    if (admission.newestFirst) list.push(job)
    else list.unshift(job)
    mostWaiting = Math.max(mostWaiting, list.length)
    work()
    return true
  }
  const view = () => {
    let left = crowd.tiles
    let isOver = false
    const end = (wait: number) => {
      if (isOver) return
      isOver = true
      if (wait > 0) clock.after(wait, view)
      else view()
    }
    const jobs = Array.from({ length: crowd.tiles }, () => {
      asked++
      const job: Job = { askedAt: clock.now, done: null, waits: true }
      job.done = () => {
        if (clock.now - job.askedAt <= DEADLINE_MS) times.push(clock.now - job.askedAt)
        if (--left === 0) end(chance(crowd.pauseMs))
      }
      return job
    })
    for (const job of jobs) if (!enqueue(job) && --left === 0) end(chance(crowd.pauseMs))
    if (!Number.isFinite(crowd.stayMs)) return
    clock.after(chance(crowd.stayMs), () => {
      if (isOver) return
      for (const job of jobs) {
        job.done = null
        const at = crowd.isSeenLeaving && job.waits ? list.indexOf(job) : -1
        if (at >= 0) list.splice(at, 1)
      }
      end(0)
    })
  }
  for (let viewer = 0; viewer < crowd.viewers; viewer++) clock.after(chance(crowd.pauseMs), view)
  clock.runUntil(SECONDS * 1_000)

  const sorted = Float64Array.from(times).sort()
  const quantile = (share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN
  return {
    served: times.length / asked,
    perSecond: times.length / SECONDS,
    p95: quantile(0.95),
    p99: quantile(0.99),
    mostWaiting,
  }
}

/** Things to do at their times, a binary heap. */
class Clock {
  now = 0
  readonly #heap: { readonly at: number; readonly act: () => void }[] = []

  after(ms: number, act: () => void): void {
    const heap = this.#heap
    let i = heap.push({ at: this.now + ms, act }) - 1
    for (let parent = (i - 1) >> 1; i > 0 && heap[parent]!.at > heap[i]!.at; parent = (i - 1) >> 1) {
      this.#swap(i, parent)
      i = parent
    }
  }

  runUntil(end: number): void {
    for (let first = this.#pop(); first && first.at < end; first = this.#pop()) {
      this.now = first.at
      first.act()
    }
  }

  #pop() {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    heap[0] = last
    let i = 0
    for (;;) {
      const [l, r] = [2 * i + 1, 2 * i + 2]
      let least = i
      if (l < heap.length && heap[l]!.at < heap[least]!.at) least = l
      if (r < heap.length && heap[r]!.at < heap[least]!.at) least = r
      if (least === i) return first
      this.#swap(i, least)
      i = least
    }
  }

  #swap(i: number, j: number): void {
    const kept = this.#heap[i]!
    this.#heap[i] = this.#heap[j]!
    this.#heap[j] = kept
  }
}
