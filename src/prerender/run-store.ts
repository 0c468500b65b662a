import { randomBytes } from 'node:crypto'
import { TilepressError } from '../errors.ts'
import type { Redis } from '../queue/connection.ts'
import type { Tile } from '../tile/tile.ts'
import { beginJob, cancelRun, createRun, finishJob, takeJobs } from './run-scripts.ts'
import { decodeSpec, type RunSpec } from './run-spec.ts'

export const runStates = ['running', 'done', 'cancelled'] as const
export type RunState = (typeof runStates)[number]

/** How many of a job's tiles ended how. `present`: the cache had it. */
export interface TileCounts {
  readonly image: number
  readonly empty: number
  readonly present: number
  readonly failed: number
}

export interface TileFailure extends Tile {
  readonly code: string
  readonly detail: string
}

/** A run as it lies in Redis. Times are milliseconds since 1970, by Redis' clock. */
export interface RunRecord {
  readonly id: string
  readonly spec: RunSpec
  readonly state: RunState
  readonly tilesTotal: number
  readonly jobsTotal: number
  /** Jobs handed out so far. */
  readonly cursor: number
  readonly jobsDone: number
  /** Jobs handed out that have not ended; 0 when the run is over. */
  readonly outstanding: number
  readonly counts: TileCounts
  readonly createdAt: number
  readonly finishedAt: number | null
  /** A moment of 15 to 30 s ago, when work goes on, and the tiles done by then: for the rate. */
  readonly since: { readonly at: number; readonly done: number }
  /** When this was read. */
  readonly at: number
  /** The first ones, as many as were asked for. */
  readonly failures: readonly TileFailure[]
}

/** Runs that work at once; each has up to its window of jobs in the queue. */
const MOST_RUNNING = 100
/** Runs remembered; the oldest finished ones go first. */
const MOST_RUNS = 1_000
/** Failures kept of one run, of ~150 bytes each, and for how long after its end. */
const MOST_FAILURES = 1_000
const FAILURES_KEPT_SECONDS = 7 * 86_400
const RATE_MARK_MS = 15_000
/** A list's answer. */
const MOST_LISTED = 1_000

const RUN_ID = /^[0-9a-z]{8,9}-[0-9a-f]{8}$/

/** Runs in the queue's Redis, which must not evict: a cursor and counters each, whatever the number of tiles. */
export class RunStore {
  readonly #redis: Redis
  readonly #prefix: string

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /** Resolves to the new run's id; ids sort by time. Throws QUEUE_FULL when too many runs are running. */
  async create(spec: RunSpec, tilesTotal: number, jobsTotal: number): Promise<string> {
    const id = `${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`
    const keys = [this.#run(id), this.#runs, this.#running]
    const made = await this.#eval(createRun, keys, [id, JSON.stringify(spec), tilesTotal, jobsTotal, MOST_RUNNING])
    if (made === 0)
      throw new TilepressError('QUEUE_FULL', `${MOST_RUNNING} pre-render runs are running: wait or cancel one`)
    await this.#forgetOld()
    return id
  }

  /** null when there is no such run. */
  async get(id: string, mostFailures: number): Promise<RunRecord | null> {
    return (await this.#read([id], mostFailures))[0] ?? null
  }

  /** The newest runs, newest first, without failures. */
  async list(limit: number): Promise<RunRecord[]> {
    const last = Math.min(Math.max(1, limit), MOST_LISTED) - 1
    const ids = await this.#redis.zrange(this.#runs, '0', String(last), 'REV')
    return (await this.#read(ids, 0)).filter((run) => run !== null)
  }

  async runningIds(): Promise<string[]> {
    return this.#redis.smembers(this.#running)
  }

  /** Moves the cursor until `window` jobs are outstanding; resolves to the indexes it passed. */
  async take(id: string, window: number): Promise<number[]> {
    const taken = await this.#eval(takeJobs, [this.#run(id), this.#outstanding(id)], [window])
    return (taken as string[]).map(Number)
  }

  /** Jobs handed out and not ended: at most the window. */
  async outstanding(id: string): Promise<number[]> {
    return (await this.#redis.smembers(this.#outstanding(id))).map(Number)
  }

  /** Counts a start of the job; resolves to how many there were, 0 when the run is over or the job has been counted. */
  async begin(id: string, index: number): Promise<number> {
    return Number(await this.#eval(beginJob, [this.#run(id), this.#outstanding(id), this.#starts(id)], [index]))
  }

  /** Counts a job's tiles, once, however often it ran; the last one ends the run. False when it was not to be counted. */
  async finish(id: string, index: number, counts: TileCounts, failures: readonly TileFailure[]): Promise<boolean> {
    const { image, empty, present, failed } = counts
    const limits = [MOST_FAILURES, FAILURES_KEPT_SECONDS, RATE_MARK_MS]
    const texts = failures.map(({ z, x, y, code, detail }) =>
      JSON.stringify({ z, x, y, code, detail: detail.slice(0, 300) }),
    )
    const values = [id, index, image, empty, present, failed, ...limits, ...texts]
    return (await this.#eval(finishJob, this.#all(id), values)) === 1
  }

  /** False when there is no such run. One that is over stays as it is. */
  async cancel(id: string): Promise<boolean> {
    if (!RUN_ID.test(id)) return false
    return (await this.#eval(cancelRun, this.#all(id), [id, FAILURES_KEPT_SECONDS])) === 1
  }

  /** True for one caller in `ms`, of all the processes there are. */
  async claimSweep(ms: number): Promise<boolean> {
    return (await this.#redis.set(`${this.#runs}:sweep`, '1', 'PX', ms, 'NX')) === 'OK'
  }

  #eval(script: string, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    return this.#redis.eval(script, keys.length, ...keys, ...values.map(String))
  }

  async #read(ids: readonly string[], mostFailures: number): Promise<(RunRecord | null)[]> {
    const known = ids.filter((id) => RUN_ID.test(id))
    if (known.length === 0) return []
    const commands = this.#redis.multi().time()
    const last = mostFailures - 1
    for (const id of known) {
      // -1 would be the end of the list.
      commands
        .hgetall(this.#run(id))
        .scard(this.#outstanding(id))
        .lrange(this.#failures(id), last < 0 ? 1 : 0, Math.max(0, last))
    }
    const [time, ...answers] = ((await commands.exec()) ?? []).map(([error, value]) => {
      if (error) throw error
      return value
    })
    const [seconds, microseconds] = (time as [string, string]).map(Number) as [number, number]
    return known.map((id, i) => {
      const [fields, outstanding, failures] = answers.slice(3 * i, 3 * i + 3) as [
        Record<string, string>,
        number,
        string[],
      ]
      if (fields.spec === undefined) return null
      const shown = failures.map((json) => JSON.parse(json) as TileFailure)
      return recordOf(id, fields, outstanding, shown, seconds * 1_000 + Math.floor(microseconds / 1_000))
    })
  }

  /** A crash in the midst leaves an id without a run, which is passed over, and goes the next time. */
  async #forgetOld(): Promise<void> {
    const surplus = (await this.#redis.zcard(this.#runs)) - MOST_RUNS
    if (surplus <= 0) return
    const [oldest, running] = await Promise.all([
      this.#redis.zrange(this.#runs, '0', String(surplus + MOST_RUNNING - 1)),
      this.runningIds(),
    ])
    const over = oldest.filter((id) => !running.includes(id)).slice(0, surplus)
    if (over.length === 0) return
    await this.#redis.del(over.flatMap((id) => this.#all(id).slice(0, 4)))
    await this.#redis.zrem(this.#runs, ...over)
  }

  get #runs(): string {
    return `${this.#prefix}:runs`
  }

  get #running(): string {
    return `${this.#prefix}:runs:running`
  }

  #run(id: string): string {
    return `${this.#prefix}:run:${id}`
  }

  #outstanding(id: string): string {
    return `${this.#run(id)}:outstanding`
  }

  #starts(id: string): string {
    return `${this.#run(id)}:starts`
  }

  #failures(id: string): string {
    return `${this.#run(id)}:failures`
  }

  #all(id: string): string[] {
    return [this.#run(id), this.#outstanding(id), this.#starts(id), this.#failures(id), this.#running]
  }
}

function recordOf(
  id: string,
  fields: Readonly<Record<string, string>>,
  outstanding: number,
  failures: TileFailure[],
  at: number,
): RunRecord {
  const number = (name: string) => Number(fields[name] ?? 0)
  return {
    id,
    spec: decodeSpec(fields.spec ?? ''),
    state: runStates.find((state) => state === fields.state) ?? 'cancelled',
    tilesTotal: number('tilesTotal'),
    jobsTotal: number('jobsTotal'),
    cursor: number('cursor'),
    jobsDone: number('jobsDone'),
    outstanding,
    counts: { image: number('image'), empty: number('empty'), present: number('present'), failed: number('failed') },
    createdAt: number('createdAt'),
    finishedAt: fields.finishedAt === undefined ? null : number('finishedAt'),
    since: { at: number('sinceAt'), done: number('sinceDone') },
    at,
    failures,
  }
}
