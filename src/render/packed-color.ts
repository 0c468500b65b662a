import type { TypedArray } from '../raster/data-type.ts'
import type { Rgba } from '../request/tile-request.ts'

/** A colour as the four bytes of a word, red the lowest; 0 is transparent black. */
export type PackedColor = number

/** Writes the colour of each sample, packed. */
export type Colorer = (band: TypedArray, colors: Uint32Array) => void

export function packColor([red, green, blue, alpha]: Rgba): PackedColor {
  return (red | (green << 8) | (blue << 16) | (alpha << 24)) >>> 0
}
