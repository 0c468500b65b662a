import type { Bounds } from './bounds.ts'

/** Bounds cut into width × height pixels. */
export interface PixelArea {
  readonly bounds: Bounds
  readonly width: number
  readonly height: number
}

/** The area grown by `buffer` pixels on each side, halves included (rio_tiler.reader._apply_buffer, in its order of rounding). */
export function buffered({ bounds, width, height }: PixelArea, buffer: number): PixelArea {
  if (buffer === 0) return { bounds, width, height }
  const [left, bottom, right, top] = bounds
  const [stepX, stepY] = [(right - left) / width, (top - bottom) / height]
  return {
    bounds: [left - stepX * buffer, bottom - stepY * buffer, right + stepX * buffer, top + stepY * buffer],
    width: width + Math.trunc(buffer * 2),
    height: height + Math.trunc(buffer * 2),
  }
}
