import type { LayeredCache, TierName } from '../cache/layered-cache.ts'
import { SingleFlight } from '../cache/single-flight.ts'
import { deserializeTile } from '../cache/stored-tile.ts'
import type { StoredTile } from '../cache/tile-cache.ts'
import { TilepressError } from '../errors.ts'
import { type TileKey, type TileSeries, tileKey } from '../key/tile-key.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import { jobOfTile } from '../queue/render-job.ts'
import type { RenderQueue } from '../queue/render-queue.ts'
import type { TileWaiter, Wait } from '../queue/tile-waiter.ts'
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
  readonly generations: LayerGenerations
  readonly queue: RenderQueue
  readonly waiter: TileWaiter
  readonly deadlineMs: number
}

/** The API's half of the pipeline: key, cache, and for a miss subscribe – look again – enqueue – wait. It knows nothing of pixels. */
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
    const key = tileKey(series, request.tile)
    const { promise, joined } = this.#flights.run(key, (abort) => this.#fetch(key, series, request, abort), signal)
    const served = await promise
    return joined && served.cache === 'MISS' ? { ...served, cache: 'COALESCED' } : served
  }

  /** Missing tiles under way. */
  get underWay(): number {
    return this.#flights.size
  }

  async #fetch(key: TileKey, series: TileSeries, request: TileRequest, signal: AbortSignal): Promise<ServedTile> {
    const started = performance.now()
    const hit = await this.#parts.cache.getBelow(key)
    const looked = performance.now()
    if (hit) return { tile: hit.tile, cache: hits[hit.tier], timings: { cache: looked - started } }
    const tile = await this.#render(key, series, request, signal)
    return { tile, cache: 'MISS', timings: { cache: looked - started, render: performance.now() - looked } }
  }

  async #render(key: TileKey, series: TileSeries, request: TileRequest, signal: AbortSignal): Promise<StoredTile> {
    const { waiter, deadlineMs } = this.#parts
    const deadline = Date.now() + deadlineMs
    const wait = await waiter.open(key, 1_000).catch((cause: unknown) => {
      throw new TilepressError('QUEUE_UNAVAILABLE', 'the render queue does not answer', { cause })
    })
    try {
      return await this.#await(wait, key, series, request, deadline, signal)
    } finally {
      wait.close()
    }
  }

  async #await(
    wait: Wait,
    key: TileKey,
    series: TileSeries,
    request: TileRequest,
    deadline: number,
    signal: AbortSignal,
  ): Promise<StoredTile> {
    const { cache, queue } = this.#parts
    const job = jobOfTile(series, request.tile)
    let lookMs = FIRST_LOOK_MS
    for (let left = deadline - Date.now(); left > 0; left = deadline - Date.now()) {
      signal.throwIfAborted()
      // The nearest tier is enough for a look: it is where the worker writes first.
      const [present, failure] = await Promise.all([cache.getBelow(key, 1), queue.recentFailure(key).catch(() => null)])
      if (present) return present.tile
      if (failure) throw failure
      // Adding again after a look that found nothing costs nothing while the job lives, and replaces one that got lost.
      await queue.enqueueLive(job)
      const news = await wait.next(Math.min(left, lookMs * (1 + Math.random() / 2)), signal)
      lookMs *= 2
      if (news?.kind === 'failed') throw news.error
      const tile = news?.kind === 'bytes' ? deserializeTile(news.bytes) : news && (await cache.getBelow(key))?.tile
      if (tile) return tile
    }
    throw new TilepressError('RENDER_TIMEOUT', 'the tile is still being rendered; ask again in a moment')
  }
}
