import { deflateSync } from 'node:zlib'
import { pngFile } from './png-file.ts'

/** A PNG whose pixels are all transparent: one bit a pixel, 0.1 kB for 256 × 256. It needs no image library. */
export function transparentImage(width: number, height: number): Buffer {
  const rows = Buffer.alloc((1 + Math.ceil(width / 8)) * height)
  return pngFile({
    width,
    height,
    bits: 1,
    palette: new Uint8Array(3),
    alpha: new Uint8Array(1),
    data: deflateSync(rows),
  })
}
