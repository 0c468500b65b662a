import { LRUCache } from 'lru-cache'
import type { CacheHit, LayeredCache, TierName } from '../cache/layered-cache.ts'
import { SingleFlight } from '../cache/single-flight.ts'
import { deserializeTile } from '../cache/stored-tile.ts'
import type { StoredTile, TileHead } from '../cache/tile-cache.ts'
import { TilepressError } from '../errors.ts'
import type { LayerState } from '../freshness/layer-state.ts'
import type { LifeOf } from '../freshness/tile-freshness.ts'
import { type LayerQuery, queryKey } from '../key/query-key.ts'
import { type TileKey, type TileSeries, tileKey } from '../key/tile-key.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import { isQueryJob, jobOfTile, type QueuedJob } from '../queue/render-job.ts'
import type { RenderQueue } from '../queue/render-queue.ts'
import type { TileWaiter, Wait } from '../queue/tile-waiter.ts'
import type { QueryRequest } from '../request/query-request.ts'
import type { TileRequest } from '../request/tile-request.ts'
import { type JudgeParts, judgeTile } from './judge-tile.ts'

/**
 * Where a tile came from, as the X-Cache header says it. COALESCED: rendered for another request that asked first. STALE: past its soft age, and
 * being rendered anew.
 */
export type CacheResult = 'HIT-MEMORY' | 'HIT-REDIS' | 'HIT-BLOB' | 'MISS' | 'COALESCED' | 'STALE'

export interface ServedTile<T extends TileHead = StoredTile> {
  readonly tile: T
  readonly cache: CacheResult
  /** Milliseconds by stage, for Server-Timing. */
  readonly timings: Readonly<Record<string, number>>
}

/** A tile in this process, good to be served at once. */
export type MemoryHit = Pick<ServedTile, 'tile'> & { readonly cache: Extract<CacheResult, 'HIT-MEMORY' | 'STALE'> }

const hits: Record<TierName, CacheResult> = { memory: 'HIT-MEMORY', redis: 'HIT-REDIS', blob: 'HIT-BLOB' }

/**
 * First of the slow looks into the cache while waiting, for news that got lost; each next one after twice the time, and all by up to
 * a half longer at random, so that the waiters of many replicas don't look together.
 */
const FIRST_LOOK_MS = 500

/** A tile past its soft age is looked for below memory this often: another process may have had it rendered anew. */
const AGED_LOOK_MS = 2_000

/** A refresh that did not come is asked for again after this time: its asset may be broken, and the old tile is good until its end. */
const REFRESH_AGAIN_MS = 30_000

/** Aged tiles whose refreshes are remembered, some 200 bytes each. */
const REMEMBERED_REFRESHES = 10_000

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
}

/** The API's half of the pipeline: key, cache, and for a miss register – enqueue – look again – wait. It knows nothing of pixels. */
export class TileService {
  readonly #parts: TileServiceParts
  readonly #flights = new SingleFlight<TileKey, StoredTile>()
  readonly #judging: JudgeParts
  /** When aged tiles were looked for below memory. */
  readonly #looks = new LRUCache<TileKey, true>({ max: REMEMBERED_REFRESHES, ttl: AGED_LOOK_MS })
  /** When their refreshes were asked for. */
  readonly #refreshes = new LRUCache<TileKey, true>({ max: REMEMBERED_REFRESHES, ttl: REFRESH_AGAIN_MS })

  constructor(parts: TileServiceParts) {
    this.#parts = parts
    const lifeOf = parts.lifeOf ?? (() => ({ softSeconds: Infinity, hardSeconds: Infinity }))
    this.#judging = { generations: parts.generations, lifeOf }
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
    return verdict === 'aged' && this.#looks.has(key) ? { tile, cache: 'STALE' } : null
  }

  /** What a tier below memory says of the tile, without its bytes; null where none has one to be served. */
  async headFromTiers(series: TileSeries, request: TileRequest): Promise<ServedTile<TileHead> | null> {
    const key = tileKey(series, request.tile)
    const started = performance.now()
    const hit = await this.#parts.cache.headBelow(key)
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
    const job = jobOfTile(series, request.tile, blockSide)
    const replaces = hit ? { replaces: hit.tile.renderedAt } : {}
    return await this.#join(key, { ...job, ...replaces }, cache, timings, departure)
  }

  /** The answer to a query, kept or computed, with the same waiting and the same errors as a tile. */
  async serveQuery({ layer, query }: QueryRequest, departure: () => AbortSignal): Promise<ServedTile> {
    const asked: LayerQuery = { layer, query, generation: await this.#parts.generations.get(layer) }
    const key = queryKey(asked)
    const started = performance.now()
    const hit = await this.#parts.answers.getBelow(key)
    const timings = { cache: performance.now() - started }
    if (hit) return { tile: hit.tile, cache: hits[hit.tier], timings }
    return await this.#join(key, { query: asked }, this.#parts.answers, timings, departure)
  }

  /** Missing tiles under way. */
  get underWay(): number {
    return this.#flights.size
  }

  /** Waits for a missing tile with all others who do. */
  async #join(
    key: TileKey,
    job: QueuedJob,
    cache: LayeredCache,
    timings: ServedTile['timings'],
    departure: () => AbortSignal,
  ): Promise<ServedTile> {
    const started = performance.now()
    const { promise, joined } = this.#flights.run(key, (abort) => this.#render(key, job, cache, abort), departure())
    const tile = await promise
    return { tile, cache: joined ? 'COALESCED' : 'MISS', timings: { ...timings, render: performance.now() - started } }
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
    this.#refreshBehind(key, series, request, tile)
    return 'STALE'
  }

  /** Has an aged tile rendered anew, alone, by workers that have nothing better to do. */
  #refreshBehind(key: TileKey, series: TileSeries, { tile: address }: TileRequest, tile: TileHead): void {
    this.#looks.set(key, true)
    if (this.#refreshes.has(key)) return
    this.#refreshes.set(key, true)
    const job = { ...jobOfTile(series, address), replaces: tile.renderedAt }
    // Where there is no room for it the next look asks again.
    this.#parts.queue.enqueueRefresh(job).then(
      (taken) => taken || this.#refreshes.delete(key),
      () => this.#refreshes.delete(key),
    )
  }

  async #render(key: TileKey, job: QueuedJob, cache: LayeredCache, signal: AbortSignal): Promise<StoredTile> {
    const { waiter, deadlineMs } = this.#parts
    // The monotonic clock: a machine whose time is set right must not end all waits, or draw them out.
    const deadline = performance.now() + deadlineMs
    const wait = waiter.open(key, job)
    try {
      return await this.#await(wait, key, job, cache, deadline, signal)
    } finally {
      wait.close(signal.aborted)
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
    const replaces = isQueryJob(job) ? undefined : job.replaces
    /** The tile that is to be made anew is none. */
    const other = (tile: StoredTile | undefined) => (tile && tile.renderedAt !== replaces ? tile : null)
    let lookMs = FIRST_LOOK_MS
    for (let left = deadline - performance.now(); left > 0; left = deadline - performance.now()) {
      signal.throwIfAborted()
      const isUnderWay = await wait.register()
      // The nearest tier is enough for a look: it is where the worker writes first.
      const look = async () => other((await cache.getBelow(key, 1))?.tile)
      const late = lookMs > FIRST_LOOK_MS
      const found = late ? await look() : null
      if (found) return found
      // Adding again costs nothing while the job lives, and replaces one that got lost. A new job looks into the cache itself, but
      // one that was there may have announced its tile before we were on the list. None is needed where a background job is at it.
      const isNew = (isUnderWay && !late) || (await queue.enqueueLive(job, late))
      const present = isNew || late ? null : await look()
      if (present) return present
      const news = await wait.next(Math.min(left, lookMs * (1 + Math.random() / 2)), signal)
      lookMs *= 2
      if (news?.kind === 'failed') throw news.error
      const tile =
        news?.kind === 'bytes' ? deserializeTile(news.bytes) : news && other((await cache.getBelow(key))?.tile)
      if (!tile) continue
      if (news?.kind === 'bytes') cache.keep(key, tile)
      return tile
    }
    throw new TilepressError('RENDER_TIMEOUT', 'this is still being rendered; ask again in a moment')
  }
}
