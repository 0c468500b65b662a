import { LRUCache } from 'lru-cache'
import type { ItemIndex } from './item-index.ts'

/** What is known of a layer. `index` is null for a search that is too large, or takes too long, to be kept: it is asked per place. */
export interface LoadedLayer {
  readonly index: ItemIndex | null
  /** Counts a layer's loads from 1. */
  readonly version: number
  /** The layer's edition (src/freshness/layer-state.ts) that was known when the load began: later ones may have other items. */
  readonly edition: number
  /** Milliseconds since the epoch. */
  readonly loadedAt: number
  /** From then on a newer one is asked for, while this one still answers. */
  readonly staleAt: number
  /** From then on this one answers no more. */
  readonly endsAt: number
}

export interface LayerCacheOptions {
  /** Items of all layers together; the layer used longest ago goes first. */
  readonly totalItems: number
  /** Loads under way at a time: beyond it a layer waits for its next use, so that loads leave connections to the others. */
  readonly maxLoads: number
  readonly now: () => number
}

/** Cost of a layer in items beside its items: a layer of none is no gift. */
const LAYER_COST = 10

/**
 * Loaded layers by key, bounded by their items. Each is loaded by one call at a time, refreshed in the background once stale, and kept when
 * a refresh fails until its end. Failures are not kept.
 */
export class LayerCache {
  readonly #layers: LRUCache<string, LoadedLayer>
  readonly #loads = new Map<string, Promise<LoadedLayer>>()
  readonly #options: LayerCacheOptions

  constructor(options: LayerCacheOptions) {
    this.#options = options
    this.#layers = new LRUCache({
      maxSize: options.totalItems,
      sizeCalculation: ({ index }) => (index?.weight ?? 0) + LAYER_COST,
    })
  }

  /** What is kept of the layer, fresh or stale; null when there is nothing, or nothing that may still answer. */
  get(key: string): LoadedLayer | null {
    const layer = this.#layers.get(key)
    return layer && this.#options.now() < layer.endsAt ? layer : null
  }

  isStale(layer: LoadedLayer): boolean {
    return this.#options.now() >= layer.staleAt
  }

  /** The load under way, else a new one; null when too many are. `load` is told the version it makes. */
  load(key: string, load: (version: number) => Promise<LoadedLayer>): Promise<LoadedLayer> | null {
    const current = this.#loads.get(key)
    if (current) return current
    if (this.#loads.size >= this.#options.maxLoads) return null
    const version = (this.#layers.peek(key)?.version ?? 0) + 1
    const started = load(version)
      .then((layer) => {
        this.#layers.set(key, layer)
        return layer
      })
      .finally(() => this.#loads.delete(key))
    this.#loads.set(key, started)
    return started
  }

  /** Lets the layer answer a while longer before the next refresh: the last one failed. */
  postpone(key: string, staleAt: number): void {
    const layer = this.#layers.peek(key)
    if (layer) this.#layers.set(key, { ...layer, staleAt })
  }

  delete(key: string): void {
    this.#layers.delete(key)
  }

  stats(): { readonly layers: number; readonly items: number; readonly loads: number } {
    let items = 0
    for (const { index } of this.#layers.values()) items += index?.size ?? 0
    return { layers: this.#layers.size, items, loads: this.#loads.size }
  }
}
