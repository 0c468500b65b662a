import { createHash } from 'node:crypto'
import type { ImagePlace, StoredTile } from './tile-cache.ts'

/** Strong entity tag of a body. */
export function entityTag(body: Uint8Array): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
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

const MAGIC = 'TP1\n'

/** `TP1\n`, the header's length (2 bytes, big-endian), the header as JSON, the body. */
export function serializeTile(tile: StoredTile): Buffer {
  const header = Buffer.from(
    JSON.stringify([
      ...[tile.outcome, tile.contentType, tile.etag, tile.renderedAt, tile.truncated, tile.place],
      ...(tile.edition ? [tile.edition] : []),
    ]),
  )
  const bytes = Buffer.allocUnsafe(6 + header.length + tile.body.length)
  bytes.write(MAGIC, 0, 'latin1')
  bytes.writeUInt16BE(header.length, 4)
  header.copy(bytes, 6)
  tile.body.copy(bytes, 6 + header.length)
  return bytes
}

/** The tile, sharing the bytes; null for anything that serializeTile did not write: a damaged entry is a miss, never a tile. */
export function deserializeTile(bytes: Buffer): StoredTile | null {
  if (bytes.length < 6 || bytes.toString('latin1', 0, 4) !== MAGIC) return null
  const headerEnd = 6 + bytes.readUInt16BE(4)
  if (headerEnd > bytes.length) return null
  let header: unknown
  try {
    header = JSON.parse(bytes.toString('utf8', 6, headerEnd))
  } catch {
    return null
  }
  if (!Array.isArray(header)) return null
  const [outcome, contentType, etag, renderedAt, truncated, place, edition] = header as unknown[]
  if (outcome !== 'image' && outcome !== 'empty') return null
  if (typeof contentType !== 'string' || typeof etag !== 'string' || typeof renderedAt !== 'number') return null
  const body = bytes.subarray(headerEnd)
  if ((outcome === 'empty') !== (body.length === 0)) return null
  return {
    outcome,
    contentType,
    etag,
    renderedAt,
    ...(typeof edition === 'number' ? { edition } : {}),
    truncated: typeof truncated === 'string' ? truncated : null,
    ...(place ? { place: place as ImagePlace } : {}),
    body,
  }
}
