import { LRUCache } from 'lru-cache'
import { type Layer, layerName } from '../request/tile-request.ts'
import type { Redis } from './connection.ts'

/** A raised generation is seen by every API process after this long at most. */
const AGE_MS = 2_000

const REMEMBERED_LAYERS = 10_000

/**
 * The generation of each layer, a counter in the queue's Redis. It is part of every tile key, so raising it makes all the layer's
 * tiles stale at once, whatever their number. While Redis is away the last known generation, else 0, is used.
 */
export class LayerGenerations {
  readonly #redis: Redis
  readonly #key: string
  readonly #known = new LRUCache<string, { generation: number; askedAt: number }>({ max: REMEMBERED_LAYERS })

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#key = `${prefix}:generations`
  }

  /** Known at once but for the first question; refreshed behind the caller's back. */
  get(layer: Layer): number | Promise<number> {
    const name = layerName(layer)
    const known = this.#known.get(name)
    if (!known) return this.#ask(name)
    if (performance.now() - known.askedAt > AGE_MS) {
      known.askedAt = performance.now()
      void this.#ask(name)
    }
    return known.generation
  }

  /** Makes every tile of the layer stale. Resolves to the new generation. */
  async raise(layer: Layer): Promise<number> {
    const name = layerName(layer)
    const generation = await this.#redis.hincrby(this.#key, name, 1)
    this.#known.set(name, { generation, askedAt: performance.now() })
    return generation
  }

  async #ask(name: string): Promise<number> {
    const generation = await this.#redis.hget(this.#key, name).then(
      (text) => Number(text ?? 0),
      () => this.#known.peek(name)?.generation ?? 0,
    )
    this.#known.set(name, { generation, askedAt: performance.now() })
    return generation
  }
}
