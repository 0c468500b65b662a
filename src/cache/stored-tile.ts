import { createHash } from 'node:crypto'
import type { ImagePlace, StoredTile, TileHead } from './tile-cache.ts'

/** Characters of an entity tag: 22 of base64url between quotes. */
const ETAG_LENGTH = 24

/** Strong entity tag of a body. */
export function entityTag(body: Uint8Array): string {
  return `"${createHash('sha256')
    .update(body)
    .digest('base64url')
    .slice(0, ETAG_LENGTH - 2)}"`
}

/** A fresh tile, stamped now. */
export function createStoredTile(
  tile: { outcome: 'image'; contentType: string; body: Buffer; place?: ImagePlace } | { outcome: 'empty' },
  truncated: string | null,
  now: number,
  edition = 0,
): StoredTile {
  const body = tile.outcome === 'image' ? tile.body : Buffer.alloc(0)
  const contentType = tile.outcome === 'image' ? tile.contentType : ''
  const place = tile.outcome === 'image' && tile.place ? { place: tile.place } : {}
  return {
    ...{ outcome: tile.outcome, contentType, etag: entityTag(body), renderedAt: now },
    ...(edition > 0 ? { edition } : {}),
    ...{ truncated, ...place, body },
  }
}

const MAGIC = 'TP2'

/** Bytes of the part of the header that has a fixed length. */
const FIXED = 26 + ETAG_LENGTH

/** Header of all tiles whose place their request tells, in one look: content types have up to 32 characters, limits up to 16. */
export const HEAD_BYTES = 128

/**
 * `TP2`, the outcome (`i` image, `e` empty), renderedAt (double), the edition (double), lengths of content type (1), limit (1) and place (4), the
 * entity tag; then content type, limit, place as JSON, and the body. Numbers are big-endian, text is ASCII but in the place.
 */
export function serializeTile(tile: StoredTile): Buffer {
  const { outcome, contentType, etag, renderedAt, edition = 0, truncated, place, body } = tile
  const limit = truncated ?? ''
  const placed = place === undefined ? '' : JSON.stringify(place)
  const placedBytes = Buffer.byteLength(placed)
  const texts = contentType.length + limit.length + placedBytes
  const bytes = Buffer.allocUnsafe(FIXED + texts + body.length)
  bytes.write(MAGIC + (outcome === 'image' ? 'i' : 'e'), 0, 'latin1')
  bytes.writeDoubleBE(renderedAt, 4)
  bytes.writeDoubleBE(edition, 12)
  bytes[20] = contentType.length
  bytes[21] = limit.length
  bytes.writeUInt32BE(placedBytes, 22)
  bytes.write(etag.padEnd(ETAG_LENGTH), 26, 'latin1')
  bytes.write(contentType + limit, FIXED, 'latin1')
  bytes.write(placed, FIXED + contentType.length + limit.length)
  body.copy(bytes, FIXED + texts)
  return bytes
}

/** The tile, sharing the bytes; null for anything that serializeTile did not write: a damaged entry is a miss, never a tile. */
export function deserializeTile(bytes: Buffer): StoredTile | null {
  const head = deserializeHead(bytes)
  if (!head) return null
  const body = bytes.subarray(headLength(bytes))
  if ((head.outcome === 'empty') !== (body.length === 0)) return null
  return { ...head, body }
}

/** What the first bytes of a serialized tile say of it; null where they are no such thing, or too few. */
export function deserializeHead(bytes: Buffer): TileHead | null {
  if (bytes.length < FIXED || bytes[0] !== 0x54 || bytes[1] !== 0x50 || bytes[2] !== 0x32) return null
  const kind = bytes[3]
  const typeEnd = FIXED + (bytes[20] ?? 0)
  const limitEnd = typeEnd + (bytes[21] ?? 0)
  const end = headLength(bytes)
  const renderedAt = bytes.readDoubleBE(4)
  if ((kind !== 0x69 && kind !== 0x65) || end > bytes.length || !Number.isFinite(renderedAt)) return null
  const edition = bytes.readDoubleBE(12)
  const head = {
    outcome: kind === 0x69 ? 'image' : 'empty',
    contentType: bytes.toString('latin1', FIXED, typeEnd),
    etag: bytes.toString('latin1', 26, FIXED),
    renderedAt,
    ...(edition > 0 ? { edition } : {}),
    truncated: limitEnd === typeEnd ? null : bytes.toString('latin1', typeEnd, limitEnd),
  } as const
  if (end === limitEnd) return head
  const place = parsePlace(bytes.toString('utf8', limitEnd, end))
  return place && { ...head, place }
}

function headLength(bytes: Buffer): number {
  return FIXED + (bytes[20] ?? 0) + (bytes[21] ?? 0) + bytes.readUInt32BE(22)
}

function parsePlace(text: string): ImagePlace | null {
  try {
    return JSON.parse(text) as ImagePlace
  } catch {
    return null
  }
}
