import { readPng, writePng } from './png.ts'

/** A part of an image, in fractions of its width and height from the top left. */
export interface ImageWindow {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Pixels of `channels` bytes, rows from the top. */
interface Pixels {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly data: Uint8Array
}

const JPEG_QUALITY = 85

/** zlib's, speed before size: the picture is shown for seconds. */
const PNG_LEVEL = 1

/** Larger ones would hold the event loop for longer than 10 ms. */
const MOST_PIXELS = 512 * 512

/**
 * A part of a tile in the size of a whole one: JPEG in bilinear steps, as a picture; PNG pixel by pixel, as it may hold classes, heights or a mask,
 * whose values are not to be mixed. Null for what cannot be read here: other formats, PNGs of 16 bits, and JPEGs where @julusian/jpeg-turbo is not
 * installed. It needs no image library else, and takes 4 (JPEG) to 6 ms (PNG) of CPU.
 */
export async function enlarge(
  image: { readonly contentType: string; readonly body: Buffer },
  window: ImageWindow,
  width: number,
  height: number,
): Promise<Buffer | null> {
  if (width * height > MOST_PIXELS) return null
  if (image.contentType === 'image/png') {
    const png = readPng(image.body)
    if (!png) return null
    const data = nearest({ ...png, channels: 4 }, window, width, height)
    return writePng({ width, height, data }, PNG_LEVEL)
  }
  if (image.contentType !== 'image/jpeg' && image.contentType !== 'image/jpg') return null
  const codec = await import('@julusian/jpeg-turbo').catch(() => null)
  if (!codec) return null
  const { encodeJpeg } = await import('./jpeg.ts')
  try {
    const { FORMAT_RGB, decompressSync } = codec.default
    const decoded = decompressSync(image.body, { format: FORMAT_RGB })
    if (decoded.width * decoded.height > MOST_PIXELS) return null
    const data = bilinear({ ...decoded, channels: 3 }, window, width, height)
    return encodeJpeg({ width, height, channels: 3, data }, JPEG_QUALITY)
  } catch {
    // A damaged entry is none.
    return null
  }
}

function nearest(
  { width, height, channels, data }: Pixels,
  window: ImageWindow,
  columns: number,
  rows: number,
): Uint8Array {
  const out = new Uint8Array(columns * rows * channels)
  const xs = Array.from({ length: columns }, (_, i) => indexAt(window.left, window.width, i, columns, width))
  for (let row = 0, to = 0; row < rows; row++) {
    const start = indexAt(window.top, window.height, row, rows, height) * width
    for (const x of xs) {
      const from = (start + x) * channels
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!
    }
  }
  return out
}

/** The pixel in which the middle of the i-th of `count` lies. */
function indexAt(start: number, extent: number, i: number, count: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor((start + (extent * (i + 0.5)) / count) * size)))
}

function bilinear(
  { width, height, channels, data }: Pixels,
  window: ImageWindow,
  columns: number,
  rows: number,
): Uint8Array {
  const out = new Uint8Array(columns * rows * channels)
  const xs = Array.from({ length: columns }, (_, i) => between(window.left, window.width, i, columns, width))
  for (let row = 0, to = 0; row < rows; row++) {
    const y = between(window.top, window.height, row, rows, height)
    const [upper, lower] = [y.low * width, y.high * width]
    for (const x of xs) {
      const [a, b] = [(upper + x.low) * channels, (upper + x.high) * channels]
      const [c, d] = [(lower + x.low) * channels, (lower + x.high) * channels]
      for (let i = 0; i < channels; i++) {
        const top = data[a + i]! + (data[b + i]! - data[a + i]!) * x.part
        const bottom = data[c + i]! + (data[d + i]! - data[c + i]!) * x.part
        out[to++] = Math.round(top + (bottom - top) * y.part)
      }
    }
  }
  return out
}

function between(start: number, extent: number, i: number, count: number, size: number) {
  const at = Math.min(size - 1, Math.max(0, (start + (extent * (i + 0.5)) / count) * size - 0.5))
  const low = Math.floor(at)
  return { low, high: Math.min(size - 1, low + 1), part: at - low }
}
