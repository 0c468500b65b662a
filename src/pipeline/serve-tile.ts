import type { CacheHit, LayeredCache, TierName } from '../cache/layered-cache.ts'
import { SingleFlight } from '../cache/single-flight.ts'
import type { StoredTile, TileHead } from '../cache/tile-cache.ts'
import { TilepressError } from '../errors.ts'
import type { LayerState } from '../freshness/layer-state.ts'
import type { LifeOf } from '../freshness/tile-freshness.ts'
import { type LayerQuery, queryKey } from '../key/query-key.ts'
import { type TileKey, type TileSeries, tileKey } from '../key/tile-key.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import { jobOfTile, type QueuedJob } from '../queue/render-job.ts'
import type { RenderQueue } from '../queue/render-queue.ts'
import type { TileWaiter } from '../queue/tile-waiter.ts'
import type { QueryRequest } from '../request/query-request.ts'
import type { TileRequest } from '../request/tile-request.ts'
import { awaitRender, type Patience } from './await-render.ts'
import { type JudgeParts, judgeTile } from './judge-tile.ts'
import { Overzoom } from './overzoom.ts'
import { TileRefreshes } from './tile-refreshes.ts'

/**
 * Where a tile came from, as the X-Cache header says it. COALESCED: rendered for another request that asked first. STALE: an old one, while it
 * is being rendered anew or cannot be. OVERZOOM: a part of a tile of a lower zoom, as there is nothing better yet.
 */
export type CacheResult = 'HIT-MEMORY' | 'HIT-REDIS' | 'HIT-BLOB' | 'MISS' | 'COALESCED' | 'STALE' | 'OVERZOOM'

export interface ServedTile<T extends TileHead = StoredTile> {
  readonly tile: T
  readonly cache: CacheResult
  /** Milliseconds by stage, for Server-Timing. */
  readonly timings: Readonly<Record<string, number>>
}

/** A tile in this process, good to be served at once. */
export type MemoryHit = Pick<ServedTile, 'tile'> & { readonly cache: Extract<CacheResult, 'HIT-MEMORY' | 'STALE'> }

const hits: Record<TierName, CacheResult> = { memory: 'HIT-MEMORY', redis: 'HIT-REDIS', blob: 'HIT-BLOB' }

/** Generations in which an old tile is looked for where a new one cannot be had: an operator may raise it twice in a row. */
const OLD_GENERATIONS = 2

/** How a flight ended. */
type Landed = Pick<ServedTile, 'tile'> & { readonly cache: Extract<CacheResult, 'MISS' | 'STALE' | 'OVERZOOM'> }

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
  /** Ages of tiles; when absent none ever ages. */
  readonly lifeOf?: LifeOf
  /** Longest wait for a tile whose outdated copy can be served (STALE_WAIT_MS). */
  readonly staleWaitMs?: number
  /** OVERZOOM_LEVELS. */
  readonly overzoomLevels?: number
}

/** The API's half of the pipeline: key, cache, and a render for what no cache has. It knows nothing of pixels. */
export class TileService {
  readonly #parts: TileServiceParts
  readonly #flights = new SingleFlight<TileKey, Landed>()
  readonly #judging: JudgeParts
  readonly #overzoom: Overzoom
  readonly #refreshes: TileRefreshes

  constructor(parts: TileServiceParts) {
    this.#parts = parts
    const lifeOf = parts.lifeOf ?? (() => ({ softSeconds: Infinity, hardSeconds: Infinity }))
    this.#judging = { generations: parts.generations, lifeOf }
    this.#refreshes = new TileRefreshes(parts.queue)
    this.#overzoom = new Overzoom({ ...this.#judging, cache: parts.cache, levels: parts.overzoomLevels ?? 0 })
  }

  /** What all tiles drawn as this one share. A promise only for a layer not asked for before. */
  series(request: TileRequest): TileSeries | Promise<TileSeries> {
    const { layer, tileMatrixSetId, render, format } = request
    const state = this.#parts.generations.state(layer)
    const seriesIn = ({ generation, edition }: LayerState) => {
      return { layer, generation, edition, tileMatrixSetId, render, format }
    }
    return state instanceof Promise ? state.then(seriesIn) : seriesIn(state)
  }

  /** The tile when this process has it in memory, fresh or being rendered anew: no promise, no I/O. */
  fromMemory(series: TileSeries, request: TileRequest): MemoryHit | null {
    const key = tileKey(series, request.tile)
    const tile = this.#parts.cache.getFromMemory(key)
    if (!tile) return null
    const verdict = judgeTile(this.#judging, tile, series, request)
    if (verdict === 'fresh') return { tile, cache: 'HIT-MEMORY' }
    return verdict === 'aged' && this.#refreshes.isUnderWay(key) ? { tile, cache: 'STALE' } : null
  }

  /** What the nearest tier below memory says of the tile, without its bytes; null where it has none to be served. */
  async headFromNearest(series: TileSeries, request: TileRequest): Promise<ServedTile<TileHead> | null> {
    const key = tileKey(series, request.tile)
    const started = performance.now()
    const hit = await this.#parts.cache.headNearest(key)
    const cache = hit && this.#resultOf(hit, key, series, request)
    return hit && cache && { tile: hit.tile, cache, timings: { cache: performance.now() - started } }
  }

  /**
   * The tile, from a cache or rendered. `departure` is asked for when there is something to wait for: the client has left.
   * Throws QUEUE_FULL, QUEUE_UNAVAILABLE, RENDER_TIMEOUT, and whatever the render failed with.
   */
  async serve(series: TileSeries, request: TileRequest, departure: () => AbortSignal): Promise<ServedTile> {
    const { cache, blockSide } = this.#parts
    const key = tileKey(series, request.tile)
    const started = performance.now()
    const hit = await cache.getBelow(key)
    const timings = { cache: performance.now() - started }
    const result = hit && this.#resultOf(hit, key, series, request)
    if (hit && result) return { tile: hit.tile, cache: result, timings }
    // The flight of another request may have landed while this one looked.
    const landed = this.fromMemory(series, request)
    if (landed) return { ...landed, timings }
    const replaces = hit ? { replaces: hit.tile.renderedAt } : {}
    const job = { ...jobOfTile(series, request.tile, blockSide), ...replaces }
    const flight = (abort: AbortSignal) => this.#renderOrReplace(key, job, hit?.tile ?? null, series, request, abort)
    return await this.#join(key, flight, timings, departure)
  }

  /** The answer to a query, kept or computed, with the same waiting and the same errors as a tile. */
  async serveQuery({ layer, query }: QueryRequest, departure: () => AbortSignal): Promise<ServedTile> {
    const { generation, edition } = await this.#parts.generations.state(layer)
    const asked: LayerQuery = { layer, query, generation, edition }
    const key = queryKey(asked)
    const started = performance.now()
    const hit = await this.#parts.answers.getBelow(key)
    const timings = { cache: performance.now() - started }
    if (hit) return { tile: hit.tile, cache: hits[hit.tier], timings }
    const { answers, deadlineMs } = this.#parts
    const flight = async (abort: AbortSignal): Promise<Landed> => {
      const patience = { until: performance.now() + deadlineMs }
      return { tile: await awaitRender(this.#parts, key, { query: asked }, answers, patience, abort), cache: 'MISS' }
    }
    return await this.#join(key, flight, timings, departure)
  }

  /** Missing tiles under way. */
  get underWay(): number {
    return this.#flights.size
  }

  /** Waits for a missing tile with all others who do. */
  async #join(
    key: TileKey,
    flight: (abort: AbortSignal) => Promise<Landed>,
    timings: ServedTile['timings'],
    departure: () => AbortSignal,
  ): Promise<ServedTile> {
    const started = performance.now()
    const { promise, joined } = this.#flights.run(key, flight, departure())
    const { tile, cache } = await promise
    const result = joined && cache === 'MISS' ? 'COALESCED' : cache
    return { tile, cache: result, timings: { ...timings, render: performance.now() - started } }
  }

  /**
   * The tile, rendered; where that takes too long or fails in passing, what there is in its place: an old one, else a part of an ancestor.
   * `kept`: what the cache has under its key, and may not be served as it is.
   */
  async #renderOrReplace(
    key: TileKey,
    job: QueuedJob,
    kept: StoredTile | null,
    series: TileSeries,
    request: TileRequest,
    signal: AbortSignal,
  ): Promise<Landed> {
    const { cache, deadlineMs, staleWaitMs = deadlineMs } = this.#parts
    const started = performance.now()
    const patience: Patience = { until: started + deadlineMs }
    const old = this.#oldTile(kept, series, request)
    void old.then((tile) => {
      // A client that can have something waits less long for the best.
      if (tile) patience.until = Math.min(patience.until, started + staleWaitMs)
    })
    try {
      return { tile: await awaitRender(this.#parts, key, job, cache, patience, signal), cache: 'MISS' }
    } catch (error) {
      // What will not pass is told: an old tile would hide it until somebody wonders.
      if (signal.aborted || !(error instanceof TilepressError && error.retryable)) throw error
      const stale = await old
      if (stale) return { tile: stale, cache: 'STALE' }
      const coarse = await this.#overzoom.tile(series, request)
      if (coarse) return { tile: coarse, cache: 'OVERZOOM' }
      throw error
    }
  }

  /** An outdated tile that is not past its hard age: the kept one, else that of an earlier generation. */
  async #oldTile(kept: StoredTile | null, series: TileSeries, request: TileRequest): Promise<StoredTile | null> {
    const isOver = (tile: StoredTile) => judgeTile(this.#judging, tile, series, request) === 'expired'
    if (kept) return isOver(kept) ? null : kept
    const { generation } = series
    for (let earlier = generation - 1; earlier >= Math.max(0, generation - OLD_GENERATIONS); earlier--) {
      const tile = await this.#parts.cache.peek(tileKey({ ...series, generation: earlier }, request.tile))
      if (tile && !isOver(tile)) return tile
    }
    return null
  }

  /** How a tile of a lower tier is served, null where it may not be. An aged one is rendered anew behind the client's back. */
  #resultOf(
    { tile, tier }: CacheHit<TileHead>,
    key: TileKey,
    series: TileSeries,
    request: TileRequest,
  ): CacheResult | null {
    const verdict = judgeTile(this.#judging, tile, series, request)
    if (verdict === 'fresh') return hits[tier]
    if (verdict !== 'aged') return null
    this.#refreshes.ask(key, { ...jobOfTile(series, request.tile), replaces: tile.renderedAt })
    return 'STALE'
  }
}
