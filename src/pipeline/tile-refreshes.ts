import { LRUCache } from 'lru-cache'
import type { TileKey } from '../key/tile-key.ts'
import type { RenderJob } from '../queue/render-job.ts'
import type { RenderQueue } from '../queue/render-queue.ts'

/** A tile past its soft age is looked for below memory this often: another process may have had it rendered anew. */
const AGED_LOOK_MS = 2_000

/** A refresh that did not come is asked for again after this time: its asset may be broken, and the old tile is good until its end. */
const REFRESH_AGAIN_MS = 30_000

/** Aged tiles whose refreshes are remembered, some 200 bytes each. */
const REMEMBERED = 10_000

/** Has aged tiles rendered anew behind the clients' backs, alone, by workers that have nothing better to do. */
export class TileRefreshes {
  readonly #queue: Pick<RenderQueue, 'enqueueRefresh'>
  /** Tiles that were looked for below memory a moment ago. */
  readonly #looked = new LRUCache<TileKey, true>({ max: REMEMBERED, ttl: AGED_LOOK_MS })
  readonly #asked = new LRUCache<TileKey, true>({ max: REMEMBERED, ttl: REFRESH_AGAIN_MS })

  constructor(queue: Pick<RenderQueue, 'enqueueRefresh'>) {
    this.#queue = queue
  }

  /** Whether the lower tiers had nothing newer a moment ago: until the next look the old tile is good enough. */
  isUnderWay(key: TileKey): boolean {
    return this.#looked.has(key)
  }

  /** Asks for a refresh, unless it has been asked for. Where there is no room for it the next look asks again. */
  ask(key: TileKey, job: RenderJob): void {
    this.#looked.set(key, true)
    if (this.#asked.has(key)) return
    this.#asked.set(key, true)
    this.#queue.enqueueRefresh(job).then(
      (taken) => taken || this.#asked.delete(key),
      () => this.#asked.delete(key),
    )
  }
}
