import type { LayeredCache } from '../cache/layered-cache.ts'
import { createStoredTile } from '../cache/stored-tile.ts'
import type { ImagePlace } from '../cache/tile-cache.ts'
import type { TilepressError } from '../errors.ts'
import { queryKey } from '../key/query-key.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { QueryJob } from '../queue/render-job.ts'
import type { TileAnnouncer } from '../queue/tile-announcer.ts'
import type { Reader } from '../read/reader.ts'
import type { Query } from '../request/query-request.ts'
import type { Layer } from '../request/tile-request.ts'
import type { Search, Truncation } from '../search/search.ts'
import { publishTile } from './publish-tile.ts'
import { answerImage } from './queries/image.ts'
import { answerInfo, answerZooms } from './queries/info.ts'
import { answerPoint } from './queries/point.ts'
import { answerStatistics } from './queries/statistics.ts'

/** What a query is answered with. `empty`: the layer has no item there. */
export type Answer = (
  | { readonly outcome: 'image'; readonly contentType: string; readonly body: Buffer; readonly place?: ImagePlace }
  | { readonly outcome: 'empty' }
) & {
  /** Items looked at. */
  readonly items: number
  readonly truncated: Truncation | null
}

/** What the answering of a query may use. */
export interface QueryContext {
  readonly layer: Layer
  readonly search: Search
  readonly reader: Reader
  readonly signal: AbortSignal
}

/** What the worker tells its owner about each answer, for a log line and metrics. */
export interface QueryReport {
  readonly key: TileKey
  readonly kind: Query['kind']
  readonly outcome: 'image' | 'empty' | 'present'
  readonly items: number
  readonly truncated: Truncation | null
  readonly bytes: number
  readonly milliseconds: number
}

export interface QueryRendererParts {
  readonly cache: LayeredCache
  readonly search: Search
  readonly reader: Reader
  readonly announcer: TileAnnouncer
  readonly report: (query: QueryReport) => void
}

/** The worker's half of a query: answer → cache → announce, as TileRenderer does it for tiles. */
export class QueryRenderer {
  readonly #parts: QueryRendererParts

  constructor(parts: QueryRendererParts) {
    this.#parts = parts
  }

  /** Throws what the search and the reader throw. */
  async render({ query: asked }: QueryJob, signal: AbortSignal): Promise<void> {
    const { cache, search, reader, announcer, report } = this.#parts
    const key = queryKey(asked)
    const { kind } = asked.query
    const started = performance.now()
    // The job may have waited while another answered, or run before and lost its lock.
    if (await cache.getBelow(key, 1)) {
      await announcer.announce(key, { kind: 'cached' })
      const milliseconds = performance.now() - started
      return report({ key, kind, outcome: 'present', items: 0, truncated: null, bytes: 0, milliseconds })
    }
    const ofEdition: Search = {
      itemsFor: (layer, place, limits, aborted) => search.itemsFor(layer, place, limits, aborted, asked.edition),
    }
    const answer = await answerQuery(asked.query, { layer: asked.layer, search: ofEdition, reader, signal })
    const stored = createStoredTile(answer, answer.truncated, Date.now())
    await publishTile(this.#parts, key, stored, true)
    const { items, truncated, outcome } = answer
    const milliseconds = performance.now() - started
    report({ key, kind, outcome, items, truncated, bytes: stored.body.length, milliseconds })
  }

  /** Tells the waiters that there will be no answer, and remembers it for seconds. */
  async fail({ query }: QueryJob, error: TilepressError): Promise<void> {
    await this.#parts.announcer.announceFailure([queryKey(query)], error)
  }
}

async function answerQuery(query: Query, context: QueryContext): Promise<Answer> {
  switch (query.kind) {
    case 'info':
      return await answerInfo(query, context)
    case 'zooms':
      return await answerZooms(query, context)
    case 'point':
      return await answerPoint(query, context)
    case 'image':
      return await answerImage(query, context)
    case 'statistics':
      return await answerStatistics(query, context)
  }
}
