import type { ColorTable } from '../render/colormap.ts'
import { writePng } from './png.ts'

export interface ColormapImage {
  readonly width: number
  readonly height: number
  /** First colour on the left, or on top. */
  readonly orientation: 'horizontal' | 'vertical'
}

/** zlib's: the image is a gradient. */
const LEVEL = 6

/** Pixels across a colormap's image that is given no size; along it there is one a colour. */
export const LEGEND_THICKNESS = 20

/** A PNG of a colormap's colours from its first to its last, each as wide as the nearest of 256. It needs no image library. */
export function encodeColormap(table: ColorTable, { width, height, orientation }: ColormapImage): Buffer {
  const length = orientation === 'horizontal' ? width : height
  const colors = Uint8Array.from({ length }, (_, i) => Math.min(255, Math.floor(((i + 0.5) * 256) / length + 1e-10)))
  const data = new Uint8Array(4 * width * height)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const color = 3 * colors[orientation === 'horizontal' ? x : y]!
      data.set(table.subarray(color, color + 3), at)
      data[at + 3] = 255
    }
  }
  return writePng({ width, height, data }, LEVEL)
}
