import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ask } from './http.ts'
import type { Program } from './programs.ts'

/** What a client saw. */
export interface Seen {
  readonly tile: string
  readonly edition: number
  /** The name of the API process. */
  readonly api: string
  /** When it asked, of performance.now(). */
  readonly at: number
  readonly ms: number
  /** 0: the connection broke. */
  readonly status: number
  /** `RIGHT`: the pixels of the direct render; `WRONG`: others; LEFT: it went away itself; else the error's code, or CONNECTION. */
  readonly end: string
  readonly cache: string
}

export interface TrafficOptions {
  /** The processes that may be asked now. */
  readonly apis: () => readonly Program[]
  readonly path: (edition: number, tile: string) => string
  readonly tiles: readonly string[]
  readonly expected: (tile: string) => Buffer | null
  /** The edition that is in every cache. */
  readonly warm: number
  readonly clients: number
  /** Milliseconds a client thinks before it asks again. */
  readonly thinkMs: number
  /** One in so many requests is left before its answer. */
  readonly leavingOneIn?: number
}

/**
 * Clients that ask for tiles without an end, each one at a time: in turns one that is in every cache, and the next of the editions that are
 * missing. What was asked is known, so that every tile of it can be looked at afterwards.
 */
export class Traffic {
  readonly seen: Seen[] = []
  readonly #options: TrafficOptions
  readonly #clients: Promise<void>[] = []
  readonly #asked = new Map<number, Set<string>>()
  #missing: Iterator<readonly [number, string]> = [][Symbol.iterator]()
  #turn = 0
  #ended = false

  constructor(options: TrafficOptions) {
    this.#options = options
    for (let client = 0; client < options.clients; client++) this.#clients.push(this.#run(client))
  }

  /** From now on the misses are tiles of this edition; when all of it was asked for they are hits. */
  miss(edition: number): void {
    this.#missing = this.#options.tiles.map((tile) => [edition, tile] as const)[Symbol.iterator]()
  }

  /** Earlier editions are looked at no more. */
  forgetBefore(edition: number): void {
    for (const one of this.#asked.keys()) if (one > this.#options.warm && one < edition) this.#asked.delete(one)
  }

  /** Editions and tiles that were asked for. */
  get asked(): readonly (readonly [number, string])[] {
    return [...this.#asked].flatMap(([edition, tiles]) => [...tiles].map((tile) => [edition, tile] as const))
  }

  /** Answers since a moment of performance.now(), by when they were asked for. */
  since(at: number): Seen[] {
    return this.seen.filter((each) => each.at >= at)
  }

  async stop(): Promise<void> {
    this.#ended = true
    await Promise.all(this.#clients)
  }

  /** From now on the tile counts as asked for. */
  count(edition: number, tile: string): void {
    this.#asked.set(edition, (this.#asked.get(edition) ?? new Set()).add(tile))
  }

  /** One request, looked at; it counts as asked for. */
  async ask(api: Program, edition: number, tile: string, signal?: AbortSignal): Promise<Seen> {
    const { path, expected } = this.#options
    this.count(edition, tile)
    const at = performance.now()
    const seen = (status: number, end: string, cache = '') => {
      const one = { tile, edition, api: api.name, at, ms: performance.now() - at, status, end, cache }
      this.seen.push(one)
      return one
    }
    const answer = await ask(api, path(edition, tile), signal ? { signal } : {}).catch(() => null)
    if (answer === null) return seen(0, signal?.aborted ? 'LEFT' : 'CONNECTION')
    return seen(answer.status, endOf(answer, expected(tile)), String(answer.headers['x-cache'] ?? ''))
  }

  async #run(client: number): Promise<void> {
    const { thinkMs, leavingOneIn } = this.#options
    // One after the other, not all at once.
    await sleep((thinkMs * client) / this.#options.clients)
    while (!this.#ended) {
      const turn = this.#turn++
      const apis = this.#options.apis()
      const api = apis[(turn >> 1) % apis.length]
      const [edition, tile] = this.#next(turn)
      const leaves = leavingOneIn !== undefined && turn % leavingOneIn === 0
      if (api) await this.ask(api, edition, tile, leaves ? AbortSignal.timeout(5) : undefined)
      await sleep(thinkMs * (0.5 + Math.random()))
    }
  }

  #next(turn: number): readonly [number, string] {
    const { warm, tiles } = this.#options
    const next = turn % 2 === 0 ? this.#missing.next() : null
    return next?.done === false ? next.value : [warm, tiles[turn % tiles.length] ?? '']
  }
}

function endOf(answer: Answer, expected: Buffer | null): string {
  if (answer.status === 200) return expected !== null && answer.body.equals(expected) ? 'RIGHT' : 'WRONG'
  if (answer.status === 204) return expected === null ? 'RIGHT' : 'WRONG'
  try {
    return answer.json<{ code: string }>().code
  } catch {
    return `STATUS ${answer.status}`
  }
}

/** How often each end was seen, but for RIGHT. */
export function troubles(seen: readonly Seen[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { end } of seen) if (end !== 'RIGHT') counts[end] = (counts[end] ?? 0) + 1
  return counts
}

/** A tile that was rendered for this request, or for another at the same time. */
export function isMiss({ end, cache }: Seen): boolean {
  return end === 'RIGHT' && (cache === 'MISS' || cache === 'COALESCED')
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
