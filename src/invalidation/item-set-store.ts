import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { Redis } from '../queue/connection.ts'
import { type Layer, layerName } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { ItemSet } from './item-changes.ts'

const compress = promisify(deflateRaw)
const decompress = promisify(inflateRaw)

/** A set that nobody has refreshed for so long is forgotten: the queue's Redis may not evict. */
const KEPT_MS = 30 * 86_400_000

/** Of a set, unpacked. */
const MOST_BYTES = 64 * 1_048_576

type Entry = readonly [key: string, version: string, ...numbers: number[]]

/** The item sets of layers in the queue's Redis: per item its key, its version, its boxes; some 50 bytes when packed. */
export class ItemSetStore {
  readonly #redis: Redis
  readonly #prefix: string

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  /** null when there is none, or none that can be read. */
  async get(layer: Layer): Promise<ItemSet | null> {
    const packed = await this.#redis.getBuffer(this.#key(layer))
    if (!packed) return null
    const text = await decompress(packed, { maxOutputLength: MOST_BYTES }).catch(() => null)
    return text && new Map((JSON.parse(text.toString()) as Entry[]).map(unpack))
  }

  async put(layer: Layer, items: ItemSet): Promise<void> {
    const entries = Array.from(items, ([key, { version, boxes }]) => [key, version, ...boxes.flat()])
    await this.#redis.set(this.#key(layer), await compress(JSON.stringify(entries)), 'PX', KEPT_MS)
  }

  async delete(layer: Layer): Promise<void> {
    await this.#redis.del(this.#key(layer))
  }

  #key(layer: Layer): string {
    return `${this.#prefix}:items:${layerName(layer)}`
  }
}

function unpack([key, version, ...numbers]: Entry): [string, { version: string; boxes: Bounds[] }] {
  const boxes = Array.from(
    { length: numbers.length / 4 },
    (_, i): Bounds => [numbers[4 * i]!, numbers[4 * i + 1]!, numbers[4 * i + 2]!, numbers[4 * i + 3]!],
  )
  return [key, { version, boxes }]
}
