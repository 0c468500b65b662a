import type { TileKey } from '../key/tile-key.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { MemoryCache } from './memory-cache.ts'
import { restOf } from './tier-busy.ts'
import type { StoredTile, TileCache, TileHead } from './tile-cache.ts'

export type TierName = 'memory' | TileCache['name']

export interface CacheHit<T extends TileHead = StoredTile> {
  readonly tile: T
  readonly tier: TierName
}

/** What the layered cache tells its owner about a tier's failure, for a metric and a log line. */
export type TierFailure = (
  tier: TileCache['name'],
  operation: 'get' | 'head' | 'put',
  key: TileKey,
  error: unknown,
) => void

interface Tier {
  readonly cache: TileCache
  readonly breaker: CircuitBreaker
}

/** Memory, then the tiers in order. A hit below fills what is above. A tier that fails is skipped and never fails a request. */
export class LayeredCache {
  readonly #memory: MemoryCache | null
  readonly #tiers: readonly Tier[]
  readonly #onFailure: TierFailure
  /** Looks into all tiers that are under way. */
  readonly #looks = new Map<TileKey, Promise<CacheHit | null>>()

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

  /** The tile from the first tier below memory that has it; callers at one time share the look. `depth` = 1 asks the nearest tier alone. */
  getBelow(key: TileKey, depth = this.#tiers.length): Promise<CacheHit | null> {
    if (depth < this.#tiers.length) return this.#look(key, depth)
    let look = this.#looks.get(key)
    if (!look) {
      look = this.#look(key, depth)
      this.#looks.set(key, look)
      // It does not reject.
      void look.then(() => this.#looks.delete(key))
    }
    return look
  }

  /** What the first tier below memory that has the tile says of it: for a client that may have its bytes already. */
  async headBelow(key: TileKey): Promise<CacheHit<TileHead> | null> {
    for (const tier of this.#tiers) {
      const tile = await this.#call(tier, 'head', key, (cache) => cache.head(key), null)
      if (tile) return { tile, tier: tier.cache.name }
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

  async #look(key: TileKey, depth: number): Promise<CacheHit | null> {
    for (let index = 0; index < depth; index++) {
      const tier = this.#tiers[index]
      const tile = tier && (await this.#call(tier, 'get', key, (cache) => cache.get(key), null))
      if (!tile) continue
      this.#memory?.put(key, tile)
      for (const upper of this.#tiers.slice(0, index)) void this.#put(upper, key, tile)
      return { tile, tier: tier.cache.name }
    }
    return null
  }

  #put(tier: Tier, key: TileKey, tile: StoredTile): Promise<boolean> {
    return this.#call(tier, 'put', key, (cache) => cache.put(key, tile).then(() => true), false)
  }

  /** The call's result; `otherwise` where the tier's breaker is open or the call fails. */
  async #call<T>(
    { cache, breaker }: Tier,
    operation: 'get' | 'head' | 'put',
    key: TileKey,
    call: (cache: TileCache) => Promise<T>,
    otherwise: T,
  ): Promise<T> {
    if (!breaker.admit()) return otherwise
    try {
      const result = await call(cache)
      breaker.succeed()
      return result
    } catch (error) {
      breaker.fail(restOf(error))
      this.#onFailure(cache.name, operation, key, error)
      return otherwise
    }
  }
}
