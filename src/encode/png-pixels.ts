import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'
import { chunk, PNG_SIGNATURE } from './png-file.ts'

const decompress = promisify(inflate)
const compress = promisify(deflate)

/** The pixels of a PNG of 8 bits, as the file has them: samples, or indices into its palette. */
export interface PngPixels {
  readonly width: number
  readonly height: number
  /** Of the PNG specification, 11.2.1: 0 gray, 2 RGB, 3 indices, 4 gray and alpha, 6 RGBA. */
  readonly colorType: number
  /** Bytes a pixel. */
  readonly channels: number
  /** PLTE and tRNS, where the file has them. */
  readonly extra: readonly { readonly type: string; readonly data: Buffer }[]
  /** Rows from the top, without gaps. */
  readonly data: Uint8Array
}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** Longest side read. */
const LARGEST_SIDE = 1_024

/** Speed before size: the picture is shown for seconds. */
const LEVEL = 1

/**
 * Reads a PNG of 8 bits a sample that is not interlaced, as all tiles are, off the event loop but for the filters of its rows. Null for any other
 * file, a damaged one included. For programs without an image library.
 */
export async function readPng(file: Buffer): Promise<PngPixels | null> {
  const chunks = chunksOf(file)
  const header = chunks?.find(({ type }) => type === 'IHDR')?.data
  if (!chunks || header?.length !== 13) return null
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const [bits = 0, colorType = 0, compression, filter, interlace] = header.subarray(8)
  const channels = channelsOf[colorType]
  if (!channels || bits !== 8 || compression !== 0 || filter !== 0 || interlace !== 0) return null
  if (width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE) return null
  const stride = width * channels
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  const rows = await decompress(packed, { maxOutputLength: (stride + 1) * height }).catch(() => null)
  if (rows?.length !== (stride + 1) * height) return null
  const data = unfilter(rows, stride, height, channels)
  const extra = chunks.filter(({ type }) => type === 'PLTE' || type === 'tRNS')
  return data && { width, height, colorType, channels, extra, data }
}

/** The PNG of these pixels. */
export async function writePng({ width, height, colorType, channels, extra, data }: PngPixels): Promise<Buffer> {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, colorType, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const stride = width * channels
  const rows = Buffer.alloc((stride + 1) * height)
  for (let y = 0; y < height; y++) {
    const [from, to] = [y * stride, y * (stride + 1) + 1]
    // Filter 2, the difference from the row above: enlarged rows repeat, and become zeros.
    rows[to - 1] = y === 0 ? 0 : 2
    for (let i = 0; i < stride; i++) rows[to + i] = y === 0 ? data[i]! : data[from + i]! - data[from - stride + i]!
  }
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    ...extra.map((each) => chunk(each.type, each.data)),
    chunk('IDAT', await compress(rows, { level: LEVEL })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunksOf(file: Buffer): { type: string; data: Buffer }[] | null {
  if (!file.subarray(0, 8).equals(PNG_SIGNATURE)) return null
  const chunks: { type: string; data: Buffer }[] = []
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at)
    if (at + 12 + length > file.length) return null
    chunks.push({ type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  return chunks
}

/** PNG 9.2: each byte is a difference from what is left, above, and above left of it. Null for a filter that there is not. */
function unfilter(rows: Buffer, stride: number, height: number, channels: number): Uint8Array | null {
  const data = new Uint8Array(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)]!
    if (filter > 4) return null
    const [from, to, above] = [y * (stride + 1) + 1, y * stride, (y - 1) * stride]
    for (let i = 0; i < stride; i++) {
      const left = i >= channels ? data[to + i - channels]! : 0
      const up = y > 0 ? data[above + i]! : 0
      const corner = y > 0 && i >= channels ? data[above + i - channels]! : 0
      data[to + i] = rows[from + i]! + predicted(filter, left, up, corner)
    }
  }
  return data
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left
    case 2:
      return up
    case 3:
      return (left + up) >> 1
    case 4: {
      const [byLeft, byUp, byCorner] = [
        Math.abs(up - corner),
        Math.abs(left - corner),
        Math.abs(left + up - 2 * corner),
      ]
      if (byLeft <= byUp && byLeft <= byCorner) return left
      return byUp <= byCorner ? up : corner
    }
    default:
      return 0
  }
}
