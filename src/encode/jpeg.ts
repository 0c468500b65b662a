import turbo from '@julusian/jpeg-turbo'
import type { Image } from '../render/image.ts'

/** On the event loop a JPEG of this size takes 1 ms. */
const MOST_PIXELS = 512 * 512

/** Gray or RGB of 8 bits, no larger than a tile. */
export type JpegSource = Image & { readonly channels: 1 | 3; readonly data: Uint8Array }

export function isJpegSource(image: Image): image is JpegSource {
  const { width, height, channels, data } = image
  return (channels === 1 || channels === 3) && data instanceof Uint8Array && width * height <= MOST_PIXELS
}

/**
 * Where a JPEG is made. The library would take room for the worst case for each, 200 kB a tile, and return a view of it: that is a garbage
 * collection of 5 ms every hundred tiles.
 */
let room = Buffer.alloc(0)

/**
 * A baseline JPEG, colour at half the resolution, on the spot. libjpeg-turbo itself takes 0.2 ms for a tile of 256 × 256; through libvips
 * it is 0.9 to 1.3 ms, most of which are changes of threads (docs/decisions.md).
 */
export function encodeJpeg({ width, height, channels, data }: JpegSource, quality: number): Buffer {
  const gray = channels === 1
  const subsampling = gray ? turbo.SAMP_GRAY : turbo.SAMP_420
  const needed = turbo.bufferSize({ width, height, subsampling })
  if (room.length < needed) room = Buffer.allocUnsafeSlow(needed)
  const samples = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const format = gray ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB
  return Buffer.from(turbo.compressSync(samples, room, { width, height, quality, format, subsampling }))
}
