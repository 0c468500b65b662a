import type { MemoryCache } from '../cache/memory-cache.ts'
import type { StoredTile, TileCache } from '../cache/tile-cache.ts'
import type { TilepressError } from '../errors.ts'
import type { LifeOf, Verdict } from '../freshness/tile-freshness.ts'
import { type TileKey, type TileSeries, tileKey } from '../key/tile-key.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import { jobOfTile } from '../queue/render-job.ts'
import type { JobState, RenderQueue } from '../queue/render-queue.ts'
import type { TileWaiter } from '../queue/tile-waiter.ts'
import type { TileRequest } from '../request/tile-request.ts'
import { judgeTile } from './judge-tile.ts'

/** A tier's copy; `absent`: it has none; `unavailable`: it did not answer. */
export type TierStatus =
  | { readonly state: 'absent' | 'unavailable' }
  | { readonly state: Verdict; readonly tile: StoredTile; readonly ageSeconds: number }

/** All that is known of one tile. */
export interface TileStatus {
  readonly key: TileKey
  /** What a request would be answered: as it is, as it is and rendered anew, or after a render. */
  readonly state: 'fresh' | 'stale' | 'missing'
  readonly reason: 'aged' | 'outdated' | 'expired' | null
  readonly layer: { readonly generation: number; readonly edition: number; readonly regions: number }
  /** Nearest first; memory is that of this process. */
  readonly tiers: ReadonlyMap<'memory' | TileCache['name'], TierStatus>
  readonly job: JobState | null
  /** What its render failed with a moment ago. */
  readonly failure: TilepressError | null
}

export interface TileInspectorParts {
  readonly memory: MemoryCache
  readonly tiers: readonly TileCache[]
  readonly generations: LayerGenerations
  readonly queue: RenderQueue
  readonly waiter: TileWaiter
  readonly lifeOf: LifeOf
  /** LIVE_METATILE: a live job's key tells its block. */
  readonly blockSide: number
}

/** Looks at one tile from all sides and changes nothing: no tier is filled, no job is made. */
export class TileInspector {
  readonly #parts: TileInspectorParts

  constructor(parts: TileInspectorParts) {
    this.#parts = parts
  }

  /** A part that does not answer is told as such, or left out. */
  async status(series: TileSeries, request: TileRequest): Promise<TileStatus> {
    const { memory, tiers, generations, queue, waiter, blockSide } = this.#parts
    const key = tileKey(series, request.tile)
    const { generation, edition, regions } = await generations.state(series.layer)
    const [below, job, failure] = await Promise.all([
      Promise.all(tiers.map((tier) => tier.get(key).catch(() => 'unavailable' as const))),
      queue.find(jobOfTile(series, request.tile, blockSide), jobOfTile(series, request.tile)).catch(() => null),
      waiter.failureOf(key).catch(() => null),
    ])
    const copies = [
      ['memory', memory.get(key)] as const,
      ...tiers.map(({ name }, i) => [name, below[i] ?? null] as const),
    ]
    const statuses = new Map(copies.map(([name, copy]) => [name, this.#statusOf(copy, series, request)]))
    const nearest = [...statuses.values()].find((tier) => 'tile' in tier)?.state ?? null
    return {
      key,
      state: nearest === 'fresh' ? 'fresh' : nearest === 'aged' || nearest === 'outdated' ? 'stale' : 'missing',
      reason: nearest === 'fresh' ? null : nearest,
      layer: { generation, edition, regions: regions.length },
      ...{ tiers: statuses, job, failure },
    }
  }

  #statusOf(copy: StoredTile | 'unavailable' | null, series: TileSeries, request: TileRequest): TierStatus {
    if (copy === null) return { state: 'absent' }
    if (copy === 'unavailable') return { state: 'unavailable' }
    const ageSeconds = (Date.now() - copy.renderedAt) / 1_000
    return { state: judgeTile(this.#parts, copy, series, request), tile: copy, ageSeconds }
  }
}
