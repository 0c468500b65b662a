import { setTimeout as sleep } from 'node:timers/promises'
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

/** Writes to lower tiers that a process may be behind with: some 4 MB of tiles. */
const MOST_BEHIND = 256

/** A write is given up when the tier does not want it for so long. */
const LONGEST_BEHIND_MS = 30_000

/** After a rest that a tier asked for, writes come back within this time. */
const LATER_MS = 250

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

  /** Writes to lower tiers under way. */
  readonly #behind = new Set<Promise<boolean>>()
  readonly #settling = new AbortController()

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

  /**
   * What the nearest tier says of the tile, for a client that may have its bytes already. Those of farther tiles are worth fetching: the next
   * client then finds them near.
   */
  async headNearest(key: TileKey): Promise<CacheHit<TileHead> | null> {
    const [nearest] = this.#tiers
    const tile = nearest && (await this.#call(nearest, 'head', key, (cache) => cache.head(key), null))
    return tile ? { tile, tier: nearest.cache.name } : null
  }

  /** The tile from the first tier that has it, memory included. Fills none: it is an old tile, in the place of another. */
  async peek(key: TileKey): Promise<StoredTile | null> {
    const near = this.getFromMemory(key)
    if (near) return near
    for (const tier of this.#tiers) {
      const tile = await this.#call(tier, 'get', key, (cache) => cache.get(key), null)
      if (tile) return tile
    }
    return null
  }

  /**
   * The tile's head when a tier has it, and then the last one too: a run that finds its tile in Redis must not leave it there alone. A body
   * moves only where one is missing.
   */
  async ensure(key: TileKey): Promise<TileHead | null> {
    const last = this.#tiers.at(-1)
    const lasting = last && (await this.#call(last, 'head', key, (cache) => cache.head(key), null))
    if (lasting || !last) return lasting ?? null
    const above = await this.#look(key, this.#tiers.length - 1)
    if (above) await this.#putLasting(last, key, above.tile)
    return above?.tile ?? null
  }

  /**
   * Writes to the nearest tier, and behind that to the others. Resolves to whether the nearest has it; `others` to whether all the others do,
   * and never rejects. Where too many writes are behind, the others don't get a tile that nobody waits to see there (`isLasting`).
   */
  async put(
    key: TileKey,
    tile: StoredTile,
    isLasting = false,
  ): Promise<{ readonly nearest: boolean; readonly others: Promise<boolean> }> {
    this.#memory?.put(key, tile)
    const [first, ...below] = this.#tiers
    const nearest = first !== undefined && (await this.#put(first, key, tile))
    if (!isLasting && this.#behind.size >= MOST_BEHIND) {
      for (const { cache } of below) this.#onFailure(cache.name, 'put', key, new Error('too many writes are behind'))
      return { nearest, others: Promise.resolve(false) }
    }
    const writes = Promise.all(below.map((tier) => this.#putLasting(tier, key, tile)))
    const others = writes.then((kept) => kept.every(Boolean))
    if (below.length > 0) {
      this.#behind.add(others)
      void others.then(() => this.#behind.delete(others))
    }
    return { nearest, others }
  }

  /** Waits for writes that are behind, without the rests a tier asks for; resolves to how many are left after `timeoutMs`. */
  async settle(timeoutMs: number): Promise<number> {
    this.#settling.abort()
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, timeoutMs)
    await Promise.race([Promise.all(this.#behind), late.promise])
    clearTimeout(timer)
    return this.#behind.size
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

  /** Also again, when the tier says when: what throttles us now takes the tile in a moment. */
  async #putLasting(tier: Tier, key: TileKey, tile: StoredTile): Promise<boolean> {
    const end = performance.now() + LONGEST_BEHIND_MS
    for (;;) {
      if (await this.#put(tier, key, tile)) return true
      const restMs = tier.breaker.askedRestMs
      if (restMs === null || this.#settling.signal.aborted || performance.now() + restMs > end) return false
      await sleep(restMs + Math.random() * LATER_MS, undefined, { signal: this.#settling.signal, ref: false }).catch(
        () => undefined,
      )
    }
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
