import { LRUCache } from 'lru-cache'
import { TilepressError } from '../errors.ts'
import { type Area, firstState, invalidated, type LayerState, type Region } from '../freshness/layer-state.ts'
import { type Layer, layerName } from '../request/tile-request.ts'
import type { Redis } from './connection.ts'
import { RedisScript } from './redis-script.ts'

/** A state older than this is asked for anew behind the caller's back. */
const AGE_MS = 2_000

/** Beyond this age, as after a quiet night, a caller waits for the answer: so no process goes by a state of an hour ago. */
const OLDEST_MS = 2 * AGE_MS

/** Longest wait for the state of a layer of which an older one is known. */
const PATIENCE_MS = 100

const REMEMBERED_LAYERS = 10_000

/** Tries of a change that others make at the same time. */
const TRIES = 20

/** Keys: layers, regions. Arguments: the layer, its head as it was read, its new head, its regions, milliseconds to keep them. */
const replace = new RedisScript(`
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
return 1
`)

interface Known {
  readonly state: LayerState
  /** By the monotonic clock. */
  readonly askedAt: number
}

/**
 * What makes each layer's tiles outdated: its generation and edition, two numbers in the queue's Redis, and its invalidated regions, which are
 * fetched when the edition has changed. While Redis is away the last known state, else the first one, is used.
 */
export class LayerGenerations {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #lifeMs: number
  readonly #known = new LRUCache<string, Known>({ max: REMEMBERED_LAYERS })
  readonly #asking = new Map<string, Promise<LayerState>>()

  /** `lifeMs`: no tile is served when it is older, so that older regions can be forgotten. */
  constructor(redis: Redis, prefix: string, lifeMs = 31_536_000_000) {
    this.#redis = redis
    this.#prefix = prefix
    this.#lifeMs = lifeMs
  }

  /**
   * Known at once but for the first question and after a long time without any. `edition`: one that the caller knows there is; an older state
   * will not do.
   */
  state(layer: Layer, edition = 0): LayerState | Promise<LayerState> {
    const name = layerName(layer)
    const known = this.#known.get(name)
    if (!known) return this.#ask(name, edition)
    if (known.state.edition < edition) return this.#ask(name, edition)
    const age = performance.now() - known.askedAt
    if (age <= AGE_MS) return known.state
    this.#known.set(name, { ...known, askedAt: performance.now() })
    const asked = this.#ask(name, edition)
    return age <= OLDEST_MS ? known.state : within(asked, known.state)
  }

  /** What this process knows of the layer; null when nothing. */
  known(layer: Layer): LayerState | null {
    return this.#known.peek(layerName(layer))?.state ?? null
  }

  /** Makes every tile of the layer outdated. Resolves to the new generation. Throws QUEUE_UNAVAILABLE. */
  async raise(layer: Layer): Promise<number> {
    return (await this.invalidate(layer, null)).generation
  }

  /** Makes the layer's tiles in the area outdated, all of them for null. Throws QUEUE_UNAVAILABLE. */
  async invalidate(layer: Layer, area: Area | null): Promise<LayerState> {
    const name = layerName(layer)
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        const head = (await this.#redis.hget(this.#layersKey, name)) ?? ''
        const state = invalidated(await this.#read(name, head), area, Date.now(), this.#lifeMs)
        const after = `${state.generation} ${state.edition}`
        const keys = [this.#layersKey, this.#regionsKey(name)]
        const values = [name, head, after, JSON.stringify(state.regions), this.#lifeMs]
        if ((await replace.run(this.#redis, keys, values)) !== 1) continue
        this.#known.set(name, { state, askedAt: performance.now() })
        return state
      }
    } catch (cause) {
      throw new TilepressError('QUEUE_UNAVAILABLE', 'the render queue does not answer', { cause })
    }
    throw new TilepressError('QUEUE_UNAVAILABLE', 'the layer is being invalidated by too many at once')
  }

  /** Questions under way are shared. */
  #ask(name: string, edition: number): Promise<LayerState> {
    const current = this.#asking.get(name)
    if (current) return current.then((state) => (state.edition >= edition ? state : this.#answer(name, edition)))
    const asked = this.#answer(name, edition).finally(() => this.#asking.delete(name))
    this.#asking.set(name, asked)
    return asked
  }

  async #answer(name: string, edition: number): Promise<LayerState> {
    const last = this.#known.peek(name)?.state ?? firstState
    const state = await this.#fetch(name, last).catch(() => last)
    this.#known.set(name, { state, askedAt: performance.now() })
    // A state that was lost with Redis's data, or is out of reach: what the caller knows is true all the same.
    return state.edition >= edition ? state : { ...state, edition }
  }

  async #fetch(name: string, last: LayerState): Promise<LayerState> {
    const head = (await this.#redis.hget(this.#layersKey, name)) ?? ''
    return head === `${last.generation} ${last.edition}` ? last : await this.#read(name, head)
  }

  /** The regions are read after the head, so that none that the head tells of is missing. */
  async #read(name: string, head: string): Promise<LayerState> {
    const [generation = 0, edition = 0] = head.split(' ').map(Number)
    if (edition === 0) return { ...firstState, generation }
    const text = await this.#redis.get(this.#regionsKey(name))
    return { generation, edition, regions: text === null ? [] : (JSON.parse(text) as Region[]) }
  }

  get #layersKey(): string {
    return `${this.#prefix}:layers`
  }

  #regionsKey(name: string): string {
    return `${this.#prefix}:regions:${name}`
  }
}

async function within(asked: Promise<LayerState>, otherwise: LayerState): Promise<LayerState> {
  const { promise: late, resolve } = Promise.withResolvers<LayerState>()
  const timer = setTimeout(resolve, PATIENCE_MS, otherwise)
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
