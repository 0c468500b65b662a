import { type ErrorCode, isErrorCode, TilepressError } from '../errors.ts'
import type { TileKey } from '../key/tile-key.ts'

/** What a worker tells those who wait for a tile. */
export type TileNews =
  /** It is in the cache. */
  | { readonly kind: 'cached' }
  /** Here it is, serialized. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** It failed for good. */
  | { readonly kind: 'failed'; readonly error: TilepressError }

/** Begins the names of the channels of API processes, each followed by the process's id. Pub/sub is at most once. */
export function inboxPrefix(prefix: string): string {
  return `${prefix}:inbox:`
}

/** Set of the ids of the processes that wait for a tile. */
export function waitersKey(prefix: string, key: TileKey): string {
  return `${prefix}:wait:${key}`
}

/** There while a background job renders the tile. */
export function claimKey(prefix: string, key: TileKey): string {
  return `${prefix}:claim:${key}`
}

/** Key of the short-lived record of a failure, so that a broken tile is answered at once and not rendered again and again. */
export function failureKey(prefix: string, key: TileKey): string {
  return `${prefix}:err:${key}`
}

/** One letter, the tile's key, a line feed, then the content: K cached, T a serialized tile, E a failure as JSON. */
export function encodeNews(key: TileKey, news: TileNews): Buffer {
  switch (news.kind) {
    case 'cached':
      return Buffer.from(`K${key}\n`)
    case 'bytes':
      return Buffer.concat([Buffer.from(`T${key}\n`), news.bytes])
    case 'failed':
      return Buffer.from(`E${key}\n${encodeFailure(news.error)}`)
  }
}

/** null for what encodeNews did not write. The bytes are the message's own. */
export function decodeNews(message: Buffer): { readonly key: TileKey; readonly news: TileNews } | null {
  const end = message.indexOf(10)
  if (end < 1) return null
  const news = contentOf(message.toString('latin1', 0, 1), message.subarray(end + 1))
  return news && { key: message.toString('utf8', 1, end), news }
}

function contentOf(letter: string, content: Buffer): TileNews | null {
  switch (letter) {
    case 'K':
      return { kind: 'cached' }
    case 'T':
      return { kind: 'bytes', bytes: content }
    case 'E': {
      const error = decodeFailure(content.toString())
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
