import { type BlobDownloadResponseParsed, type ContainerClient, RestError } from '@azure/storage-blob'
import type { TileKey } from '../key/tile-key.ts'
import { TierBusy } from './tier-busy.ts'
import type { StoredTile, TileCache, TileHead } from './tile-cache.ts'
import { Turnstile } from './turnstile.ts'

/** At a time, by process: a read takes some 10 ms, a write 20, and an account 20,000 of both a second. */
const READS = 64
const WRITES = 16

/** More that wait for their turn: some seconds' worth. */
const MOST_WAITING = 512

/** A tile is written again when somebody else's comes in between, so many times at most. */
const WRITE_TRIES = 3

/** How long a store that throttles is left alone when it does not say, milliseconds; up to as much again at random. */
const REST_MS = 1_000

export interface BlobCacheOptions {
  readonly timeoutMs: number
  /** Of the blobs, for whoever serves them. */
  readonly maxAgeSeconds: number
  /** Older tiles are misses. */
  readonly ttlSeconds: number
}

/**
 * Tiles as plain blobs that a CDN or a static site can serve without us: the body is the image, the content type and
 * Cache-Control are the blob's own, what else we need is metadata. Empty tiles are not written: no blob, no cost.
 */
export class BlobCache implements TileCache {
  readonly name = 'blob'
  readonly #container: ContainerClient
  readonly #timeoutMs: number
  readonly #cacheControl: string
  readonly #maxAgeMs: number
  readonly #reads = new Turnstile({ width: READS, mostWaiting: MOST_WAITING })
  readonly #writes = new Turnstile({ width: WRITES, mostWaiting: MOST_WAITING })

  constructor(container: ContainerClient, options: BlobCacheOptions) {
    this.#container = container
    this.#timeoutMs = options.timeoutMs
    this.#cacheControl = `public, max-age=${options.maxAgeSeconds}`
    this.#maxAgeMs = options.ttlSeconds * 1_000
  }

  get(key: TileKey): Promise<StoredTile | null> {
    return this.#reads.run(() => this.#read(key)).catch(notFound)
  }

  head(key: TileKey): Promise<TileHead | null> {
    return this.#reads.run(() => this.#properties(key)).then((found) => found && this.#living(found.head), notFound)
  }

  /** Writes unless a newer tile is there: a slow render must not bring an old one back. */
  async put(key: TileKey, tile: StoredTile): Promise<void> {
    if (tile.outcome === 'empty') return
    await this.#writes.run(() => this.#write(key, tile)).catch(busy)
  }

  async #read(key: TileKey): Promise<StoredTile | null> {
    const answer = await this.#container.getBlobClient(key).download(0, undefined, this.#bounded())
    const head = this.#living(headOf(answer))
    if (!head) {
      // The connection is not kept for a body that nobody reads.
      const body = answer.readableStreamBody
      if (body && 'destroy' in body) (body as unknown as { destroy(): void }).destroy()
      return null
    }
    const chunks: Buffer[] = []
    for await (const chunk of answer.readableStreamBody ?? []) chunks.push(chunk as Buffer)
    return { ...head, body: Buffer.concat(chunks) }
  }

  async #properties(key: TileKey): Promise<{ head: TileHead | null; etag: string | undefined } | null> {
    const answer = await this.#container.getBlobClient(key).getProperties(this.#bounded())
    return { head: headOf(answer), etag: answer.etag }
  }

  /**
   * One request, on the condition that nothing was written since the tile's render began. Where something was, its age decides. (Blob's clock
   * has whole seconds, hence one second off.)
   */
  async #write(key: TileKey, tile: StoredTile): Promise<void> {
    let conditions: { ifUnmodifiedSince?: Date; ifMatch?: string } = {
      ifUnmodifiedSince: new Date(tile.renderedAt - 1_000),
    }
    for (let tries = 1; ; tries++) {
      try {
        return await this.#upload(key, tile, conditions)
      } catch (error) {
        if (!(error instanceof RestError) || error.statusCode !== 412 || tries === WRITE_TRIES) throw error
      }
      const present = await this.#properties(key).catch(notFound)
      if (present?.head && isNewer(present.head, tile)) return
      conditions = present?.etag === undefined ? {} : { ifMatch: present.etag }
    }
  }

  async #upload(key: TileKey, tile: StoredTile, conditions: { ifUnmodifiedSince?: Date; ifMatch?: string }) {
    await this.#container.getBlockBlobClient(key).upload(tile.body, tile.body.length, {
      ...this.#bounded(),
      conditions,
      blobHTTPHeaders: { blobContentType: tile.contentType, blobCacheControl: this.#cacheControl },
      metadata: {
        etag: tile.etag.slice(1, -1),
        rendered: String(tile.renderedAt),
        ...(tile.edition ? { edition: String(tile.edition) } : {}),
        ...(tile.truncated === null ? {} : { truncated: tile.truncated }),
      },
    })
  }

  /** null for a tile past its life. */
  #living(head: TileHead | null): TileHead | null {
    return head && Date.now() - head.renderedAt <= this.#maxAgeMs ? head : null
  }

  #bounded() {
    return { abortSignal: AbortSignal.timeout(this.#timeoutMs) }
  }
}

/** null for a blob of another's making. */
function headOf(answer: Pick<BlobDownloadResponseParsed, 'metadata' | 'contentType'>): TileHead | null {
  const { etag, rendered, truncated, edition } = answer.metadata ?? {}
  const renderedAt = Number(rendered)
  if (!etag || !Number.isFinite(renderedAt)) return null
  return {
    outcome: 'image',
    contentType: answer.contentType ?? 'application/octet-stream',
    etag: `"${etag}"`,
    renderedAt,
    ...(Number(edition) > 0 ? { edition: Number(edition) } : {}),
    truncated: truncated ?? null,
  }
}

/** By the layer's edition, then by when its render began. */
function isNewer(present: TileHead, tile: TileHead): boolean {
  const editions = (present.edition ?? 0) - (tile.edition ?? 0)
  return editions === 0 ? present.renderedAt >= tile.renderedAt : editions > 0
}

function notFound(error: unknown): null {
  if (error instanceof RestError && error.statusCode === 404) return null
  return busy(error)
}

/** Throws on, as TierBusy what throttles us: 503 ServerBusy, or 429. */
function busy(error: unknown): never {
  if (!(error instanceof RestError) || (error.statusCode !== 503 && error.statusCode !== 429)) throw error
  const seconds = Number(error.response?.headers.get('retry-after'))
  throw new TierBusy(seconds > 0 ? seconds * 1_000 : REST_MS * (1 + Math.random()), { cause: error })
}
