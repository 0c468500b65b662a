import { promisify } from 'node:util'
import { crc32, deflate } from 'node:zlib'
import type { ColorTable } from '../render/colormap.ts'

const compress = promisify(deflate)

export interface ColormapImage {
  readonly width: number
  readonly height: number
  /** First colour on the left, or on top. */
  readonly orientation: 'horizontal' | 'vertical'
}

/** Pixels across a colormap's image that is given no size; along it there is one a colour. */
export const LEGEND_THICKNESS = 20

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Eight bits, indices into a palette; no filter method of another kind, not interlaced (PNG 11.2.1). */
const INDEXED = [8, 3, 0, 0, 0]

/** A PNG of a colormap's colours from its first to its last, each as wide as the nearest of 256. It needs no image library. */
export async function encodeColormap(
  table: ColorTable,
  { width, height, orientation }: ColormapImage,
): Promise<Buffer> {
  const length = orientation === 'horizontal' ? width : height
  const colors = Uint8Array.from({ length }, (_, i) => Math.min(255, Math.floor(((i + 0.5) * 256) / length + 1e-10)))
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) {
    // The first byte of a row names its filter: none.
    const start = y * (width + 1) + 1
    if (orientation === 'horizontal') rows.set(colors, start)
    else rows.fill(colors[y]!, start, start + width)
  }
  const header = Buffer.alloc(8 + INDEXED.length)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set(INDEXED, 8)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(table)),
    chunk('IDAT', await compress(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), framed.length - 4)
  return framed
}
