import type { LayeredCache, TierName } from '../cache/layered-cache.ts'
import { SingleFlight } from '../cache/single-flight.ts'
import { deserializeTile } from '../cache/stored-tile.ts'
import type { StoredTile } from '../cache/tile-cache.ts'
import { TilepressError } from '../errors.ts'
import { type LayerQuery, queryKey } from '../key/query-key.ts'
import { type TileKey, type TileSeries, tileKey } from '../key/tile-key.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import { jobOfTile, type QueuedJob } from '../queue/render-job.ts'
import type { RenderQueue } from '../queue/render-queue.ts'
import type { TileWaiter, Wait } from '../queue/tile-waiter.ts'
import type { QueryRequest } from '../request/query-request.ts'
import type { TileRequest } from '../request/tile-request.ts'

/** Where a tile came from, as the X-Cache header says it. COALESCED: rendered for another request that asked first. */
export type CacheResult = 'HIT-MEMORY' | 'HIT-REDIS' | 'HIT-BLOB' | 'MISS' | 'COALESCED'

export interface ServedTile {
  readonly tile: StoredTile
  readonly cache: CacheResult
  /** Milliseconds by stage, for Server-Timing. */
  readonly timings: Readonly<Record<string, number>>
}

const hits: Record<TierName, CacheResult> = { memory: 'HIT-MEMORY', redis: 'HIT-REDIS', blob: 'HIT-BLOB' }

/**
 * First of the slow looks into the cache while waiting, for news that got lost; each next one after twice the time, and all by up to
 * a half longer at random, so that the waiters of many replicas don't look together.
 */
const FIRST_LOOK_MS = 500

export interface TileServiceParts {
  readonly cache: LayeredCache
  /** Answers to queries: a short life, and no Blob. */
  readonly answers: LayeredCache
  readonly generations: LayerGenerations
  readonly queue: RenderQueue
  readonly waiter: TileWaiter
  readonly deadlineMs: number
  /** Tiles along a side of a live job (LIVE_METATILE). */
  readonly blockSide: number
}

/** The API's half of the pipeline: key, cache, and for a miss register – enqueue – look again – wait. It knows nothing of pixels. */
export class TileService {
  readonly #parts: TileServiceParts
  readonly #flights = new SingleFlight<TileKey, ServedTile>()

  constructor(parts: TileServiceParts) {
    this.#parts = parts
  }

  /** What all tiles drawn as this one share. A promise only for a layer not asked for before. */
  series(request: TileRequest): TileSeries | Promise<TileSeries> {
    const { layer, tileMatrixSetId, render, format } = request
    const generation = this.#parts.generations.get(layer)
    if (typeof generation === 'number') return { layer, generation, tileMatrixSetId, render, format }
    return generation.then((value) => ({ layer, generation: value, tileMatrixSetId, render, format }))
  }

  /** The tile when this process has it in memory: no promise, no I/O. */
  fromMemory(series: TileSeries, request: TileRequest): StoredTile | null {
    return this.#parts.cache.getFromMemory(tileKey(series, request.tile))
  }

  /**
   * The tile, from a cache or rendered. `signal`: the client has left.
   * Throws QUEUE_FULL, QUEUE_UNAVAILABLE, RENDER_TIMEOUT, and whatever the render failed with.
   */
  async serve(series: TileSeries, request: TileRequest, signal: AbortSignal): Promise<ServedTile> {
    const job = () => jobOfTile(series, request.tile, this.#parts.blockSide)
    return await this.#serve(tileKey(series, request.tile), job, this.#parts.cache, signal)
  }

  /** The answer to a query, kept or computed, with the same waiting and the same errors as a tile. */
  async serveQuery({ layer, query }: QueryRequest, signal: AbortSignal): Promise<ServedTile> {
    const asked: LayerQuery = { layer, query, generation: await this.#parts.generations.get(layer) }
    return await this.#serve(queryKey(asked), () => ({ query: asked }), this.#parts.answers, signal)
  }

  /** Missing tiles under way. */
  get underWay(): number {
    return this.#flights.size
  }

  async #serve(key: TileKey, job: () => QueuedJob, cache: LayeredCache, signal: AbortSignal): Promise<ServedTile> {
    const { promise, joined } = this.#flights.run(key, (abort) => this.#fetch(key, job, cache, abort), signal)
    const served = await promise
    return joined && served.cache === 'MISS' ? { ...served, cache: 'COALESCED' } : served
  }

  async #fetch(key: TileKey, job: () => QueuedJob, cache: LayeredCache, signal: AbortSignal): Promise<ServedTile> {
    const started = performance.now()
    const hit = await cache.getBelow(key)
    const looked = performance.now()
    if (hit) return { tile: hit.tile, cache: hits[hit.tier], timings: { cache: looked - started } }
    const tile = await this.#render(key, job(), cache, signal)
    return { tile, cache: 'MISS', timings: { cache: looked - started, render: performance.now() - looked } }
  }

  async #render(key: TileKey, job: QueuedJob, cache: LayeredCache, signal: AbortSignal): Promise<StoredTile> {
    const { waiter, deadlineMs } = this.#parts
    // The monotonic clock: a machine whose time is set right must not end all waits, or draw them out.
    const deadline = performance.now() + deadlineMs
    const wait = waiter.open(key)
    try {
      return await this.#await(wait, key, job, cache, deadline, signal)
    } finally {
      wait.close()
    }
  }

  async #await(
    wait: Wait,
    key: TileKey,
    job: QueuedJob,
    cache: LayeredCache,
    deadline: number,
    signal: AbortSignal,
  ): Promise<StoredTile> {
    const { queue } = this.#parts
    let lookMs = FIRST_LOOK_MS
    for (let left = deadline - performance.now(); left > 0; left = deadline - performance.now()) {
      signal.throwIfAborted()
      await wait.register()
      // The nearest tier is enough for a look: it is where the worker writes first.
      const look = async () => (await cache.getBelow(key, 1))?.tile ?? null
      const late = lookMs > FIRST_LOOK_MS
      const found = late ? await look() : null
      if (found) return found
      // Adding again costs nothing while the job lives, and replaces one that got lost. A new job looks into the cache itself, but
      // one that was there may have announced its tile before we were on the list.
      const isNew = await queue.enqueueLive(job)
      const present = isNew || late ? null : await look()
      if (present) return present
      const news = await wait.next(Math.min(left, lookMs * (1 + Math.random() / 2)), signal)
      lookMs *= 2
      if (news?.kind === 'failed') throw news.error
      const tile = news?.kind === 'bytes' ? deserializeTile(news.bytes) : news && (await cache.getBelow(key))?.tile
      if (!tile) continue
      if (news?.kind === 'bytes') cache.keep(key, tile)
      return tile
    }
    throw new TilepressError('RENDER_TIMEOUT', 'this is still being rendered; ask again in a moment')
  }
}
