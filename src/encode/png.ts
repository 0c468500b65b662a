import { PNG } from 'pngjs'

/** Four bytes a pixel, rows from the top. */
export interface RgbaPixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Longest side read. */
const LARGEST_SIDE = 1_024

/** Where a PNG says its width, height and bits a sample (PNG 11.2.1). */
const [WIDTH_AT, HEIGHT_AT, DEPTH_AT] = [16, 20, 24]

/** The pixels of a PNG of 8 bits a sample or an index; null for any other file, a damaged one included. For programs without an image library. */
export function readPng(file: Buffer): RgbaPixels | null {
  if (file.length <= DEPTH_AT || file[DEPTH_AT] !== 8) return null
  if (file.readUInt32BE(WIDTH_AT) > LARGEST_SIDE || file.readUInt32BE(HEIGHT_AT) > LARGEST_SIDE) return null
  try {
    return PNG.sync.read(file)
  } catch {
    return null
  }
}

/** Filter 2 of PNG 9.2, the difference from the row above: rows that repeat, as all here do, become zeros; and no search for the best. */
const UP = 2

/** The PNG of these pixels; `level`: zlib's. */
export function writePng({ width, height, data }: RgbaPixels, level: number): Buffer {
  const png = new PNG({ width, height })
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return PNG.sync.write(png, { deflateLevel: level, filterType: UP })
}
