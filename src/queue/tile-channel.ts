import { type ErrorCode, isErrorCode, TilepressError } from '../errors.ts'
import type { TileKey } from '../key/tile-key.ts'

/** What a worker tells those who wait for a tile. */
export type TileNews =
  /** It is in the cache. */
  | { readonly kind: 'cached' }
  /** No cache tier took it: here it is, serialized. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** It failed for good. */
  | { readonly kind: 'failed'; readonly error: TilepressError }

/** Channel of a tile. Pub/sub is at most once: a waiter also looks into the cache now and then. */
export function tileChannel(prefix: string, key: TileKey): string {
  return `${prefix}:done:${key}`
}

/** Key of the short-lived record of a failure, so that a broken tile is answered at once and not rendered again and again. */
export function failureKey(prefix: string, key: TileKey): string {
  return `${prefix}:err:${key}`
}

/** One letter, then the content: K cached, T a serialized tile, E a failure as JSON. */
export function encodeNews(news: TileNews): Buffer {
  switch (news.kind) {
    case 'cached':
      return Buffer.from('K')
    case 'bytes':
      return Buffer.concat([Buffer.from('T'), news.bytes])
    case 'failed':
      return Buffer.from(`E${encodeFailure(news.error)}`)
  }
}

/** null for what encodeNews did not write. */
export function decodeNews(message: Buffer): TileNews | null {
  switch (message.toString('latin1', 0, 1)) {
    case 'K':
      return { kind: 'cached' }
    case 'T':
      return { kind: 'bytes', bytes: message.subarray(1) }
    case 'E': {
      const error = decodeFailure(message.toString('utf8', 1))
      return error && { kind: 'failed', error }
    }
    default:
      return null
  }
}

export function encodeFailure(error: TilepressError): string {
  return JSON.stringify({ code: error.code, detail: error.detail })
}

export function decodeFailure(text: string): TilepressError | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const { code, detail } = (value ?? {}) as { code?: unknown; detail?: unknown }
  if (typeof code !== 'string' || !isErrorCode(code) || typeof detail !== 'string') return null
  return new TilepressError(code satisfies ErrorCode, detail)
}
