import { type ContainerClient, RestError } from '@azure/storage-blob'
import type { TileKey } from '../key/tile-key.ts'
import type { StoredTile, TileCache, TileHead } from './tile-cache.ts'

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

  constructor(container: ContainerClient, options: { timeoutMs: number; maxAgeSeconds: number; ttlSeconds: number }) {
    this.#container = container
    this.#timeoutMs = options.timeoutMs
    this.#cacheControl = `public, max-age=${options.maxAgeSeconds}`
    this.#maxAgeMs = options.ttlSeconds * 1_000
  }

  async get(key: TileKey): Promise<StoredTile | null> {
    try {
      const answer = await this.#container.getBlobClient(key).download(0, undefined, this.#bounded())
      const chunks: Buffer[] = []
      for await (const chunk of answer.readableStreamBody ?? []) chunks.push(chunk as Buffer)
      const head = this.#headOf(answer.metadata ?? {}, answer.contentType ?? 'application/octet-stream')
      return head && { ...head, body: Buffer.concat(chunks) }
    } catch (error) {
      if (error instanceof RestError && error.statusCode === 404) return null
      throw error
    }
  }

  async head(key: TileKey): Promise<TileHead | null> {
    try {
      const { metadata = {}, contentType = '' } = await this.#container
        .getBlobClient(key)
        .getProperties(this.#bounded())
      return this.#headOf(metadata, contentType)
    } catch (error) {
      if (error instanceof RestError && error.statusCode === 404) return null
      throw error
    }
  }

  async put(key: TileKey, tile: StoredTile): Promise<void> {
    if (tile.outcome === 'empty') return
    await this.#container.getBlockBlobClient(key).upload(tile.body, tile.body.length, {
      ...this.#bounded(),
      blobHTTPHeaders: { blobContentType: tile.contentType, blobCacheControl: this.#cacheControl },
      metadata: {
        etag: tile.etag.slice(1, -1),
        rendered: String(tile.renderedAt),
        ...(tile.edition ? { edition: String(tile.edition) } : {}),
        ...(tile.truncated === null ? {} : { truncated: tile.truncated }),
      },
    })
  }

  /** null for a blob of another's making, and one past its life. */
  #headOf({ etag, rendered, truncated, edition }: Record<string, string>, contentType: string): TileHead | null {
    const renderedAt = Number(rendered)
    if (!etag || !Number.isFinite(renderedAt) || Date.now() - renderedAt > this.#maxAgeMs) return null
    return {
      ...{ outcome: 'image', contentType, etag: `"${etag}"`, renderedAt },
      ...(Number(edition) > 0 ? { edition: Number(edition) } : {}),
      truncated: truncated ?? null,
    }
  }

  #bounded() {
    return { abortSignal: AbortSignal.timeout(this.#timeoutMs) }
  }
}
