import { crc32 } from 'node:zlib'

export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

export interface PngParts {
  readonly width: number
  readonly height: number
  /** Bits an index into the palette. */
  readonly bits: 1 | 8
  /** Red, green and blue of each colour. */
  readonly palette: Uint8Array
  /** Alpha of the first colours of the palette; those beyond are opaque. */
  readonly alpha?: Uint8Array
  /** Rows of indices, each behind the number of its filter, deflated. */
  readonly data: Uint8Array
}

/** A PNG of indices into a palette, not interlaced (PNG 11.2 and 11.3). For programs without an image library. */
export function pngFile({ width, height, bits, palette, alpha, data }: PngParts): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, bits, 3, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    ...(alpha ? [chunk('tRNS', alpha)] : []),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A chunk with its length and checksum (PNG 5.3). */
export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), framed.length - 4)
  return framed
}
