import type { TileKey } from '../key/tile-key.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { MemoryCache } from './memory-cache.ts'
import type { StoredTile, TileCache } from './tile-cache.ts'

export type TierName = 'memory' | TileCache['name']

export interface CacheHit {
  readonly tile: StoredTile
  readonly tier: TierName
}

/** What the layered cache tells its owner about a tier's failure, for a metric and a log line. */
export type TierFailure = (tier: TileCache['name'], operation: 'get' | 'put', key: TileKey, error: unknown) => void

/** Memory, then the tiers in order. A hit below fills what is above. A tier that fails is skipped and never fails a request. */
export class LayeredCache {
  readonly #memory: MemoryCache | null
  readonly #tiers: { cache: TileCache; breaker: CircuitBreaker }[]
  readonly #onFailure: TierFailure

  constructor(memory: MemoryCache | null, tiers: readonly TileCache[], onFailure: TierFailure) {
    this.#memory = memory
    this.#tiers = tiers.map((cache) => ({ cache, breaker: new CircuitBreaker() }))
    this.#onFailure = onFailure
  }

  /** The tile in this process's memory. */
  getFromMemory(key: TileKey): StoredTile | null {
    return this.#memory?.get(key) ?? null
  }

  /** Keeps a tile that came another way in this process's memory. */
  keep(key: TileKey, tile: StoredTile): void {
    this.#memory?.put(key, tile)
  }

  /** The tile from the first tier below memory that has it. `depth` = 1 asks the nearest tier alone. */
  async getBelow(key: TileKey, depth = this.#tiers.length): Promise<CacheHit | null> {
    for (const [index, { cache, breaker }] of this.#tiers.slice(0, depth).entries()) {
      const tile = await breaker
        .run(() => cache.get(key), null)
        .catch((error: unknown) => {
          this.#onFailure(cache.name, 'get', key, error)
          return null
        })
      if (!tile) continue
      this.#memory?.put(key, tile)
      for (const upper of this.#tiers.slice(0, index)) void this.#put(upper, key, tile)
      return { tile, tier: cache.name }
    }
    return null
  }

  /** Writes to the nearest tier, then to the others. Resolves to the tiers that have it. */
  async put(key: TileKey, tile: StoredTile, onNearest?: () => void): Promise<TileCache['name'][]> {
    this.#memory?.put(key, tile)
    const kept: TileCache['name'][] = []
    for (const [index, tier] of this.#tiers.entries()) {
      if (await this.#put(tier, key, tile)) kept.push(tier.cache.name)
      if (index === 0 && kept.length > 0) onNearest?.()
    }
    return kept
  }

  states(): Record<string, 'closed' | 'open'> {
    return Object.fromEntries(this.#tiers.map(({ cache, breaker }) => [cache.name, breaker.state]))
  }

  async #put(tier: { cache: TileCache; breaker: CircuitBreaker }, key: TileKey, tile: StoredTile): Promise<boolean> {
    try {
      return await tier.breaker.run(() => tier.cache.put(key, tile).then(() => true), false)
    } catch (error) {
      this.#onFailure(tier.cache.name, 'put', key, error)
      return false
    }
  }
}
