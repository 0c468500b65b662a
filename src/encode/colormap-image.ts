import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type { ColorTable } from '../render/colormap.ts'
import { pngFile } from './png-file.ts'

const compress = promisify(deflate)

export interface ColormapImage {
  readonly width: number
  readonly height: number
  /** First colour on the left, or on top. */
  readonly orientation: 'horizontal' | 'vertical'
}

/** Pixels across a colormap's image that is given no size; along it there is one a colour. */
export const LEGEND_THICKNESS = 20

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
  return pngFile({ width, height, bits: 8, palette: table, data: await compress(rows) })
}
