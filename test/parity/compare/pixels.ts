import type { Picture } from '../answers/image.ts'

/** How far two pictures are apart. Pixels that either masks count for the mask alone. */
export interface PixelDifference {
  /** Valid in both. */
  readonly pixels: number
  readonly identical: number
  /** At most a level apart: of 255, or of the values' spread in wider types. */
  readonly withinLevel: number
  /** More than 8 levels apart, no masked pixel within two pixels. */
  readonly beyond8: number
  /** Levels. */
  readonly largest: number
  readonly maskDiffers: number
  /** By pixel: levels apart, Infinity where the masks differ. */
  readonly map: Float32Array
}

/** Relative difference up to which floats count as equal: the last bit of a 32-bit function. */
const FLOAT_TOLERANCE = 1e-6

/** Pixels around a masked one whose value hangs on the mask. */
const EDGE = 2

/** Compares pictures of one shape. `masked`: the last band is a mask. */
export function comparePixels(theirs: Picture, ours: Picture, masked: boolean): PixelDifference {
  const { width, height } = theirs
  const [theirMask, ourMask] = masked ? [theirs.bands.at(-1)!, ours.bands.at(-1)!] : [null, null]
  const bands = masked ? theirs.bands.length - 1 : theirs.bands.length
  const valid = (at: number) => !theirMask || !ourMask || (theirMask[at]! > 0 && ourMask[at]! > 0)
  const float = theirs.dataType.startsWith('f') || theirs.dataType.startsWith('Float')
  const level = levelOf(theirs, bands, valid, float)
  const map = new Float32Array(width * height)
  let [pixels, identical, withinLevel, beyond8, largest, maskDiffers] = [0, 0, 0, 0, 0, 0]
  for (let at = 0; at < map.length; at++) {
    const differs = theirMask && ourMask && theirMask[at] !== ourMask[at]
    if (differs) {
      maskDiffers++
      map[at] = Number.POSITIVE_INFINITY
    }
    if (!valid(at)) continue
    pixels++
    let levels = 0
    for (let band = 0; band < bands; band++) {
      levels = Math.max(levels, apart(theirs.bands[band]![at]!, ours.bands[band]![at]!, float) / level)
    }
    if (!differs) map[at] = levels
    if (levels === 0) identical++
    if (levels <= 1) withinLevel++
    else if (levels > 8 && !nearMask(theirMask, ourMask, at, width, height)) beyond8++
    largest = Math.max(largest, levels)
  }
  return { pixels, identical, withinLevel, beyond8, largest, maskDiffers, map }
}

/** What a step of 255 is in the picture's values. */
function levelOf(picture: Picture, bands: number, valid: (at: number) => boolean, float: boolean): number {
  if (['u1', 'Byte'].includes(picture.dataType)) return 1
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const band of picture.bands.slice(0, bands)) {
    for (let at = 0; at < band.length; at++) {
      const value = band[at]!
      if (!valid(at) || !Number.isFinite(value)) continue
      if (value < lowest) lowest = value
      if (value > highest) highest = value
    }
  }
  const step = (highest - lowest) / 255
  if (float) return step > 0 && Number.isFinite(step) ? step : 1
  return Math.max(1, step)
}

function apart(a: number, b: number, float: boolean): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0
  const distance = Math.abs(a - b)
  if (Number.isNaN(distance)) return Number.POSITIVE_INFINITY
  if (float && distance <= FLOAT_TOLERANCE * Math.max(Math.abs(a), Math.abs(b))) return 0
  return distance
}

type Mask = ArrayLike<number> | null

function nearMask(a: Mask, b: Mask, at: number, width: number, height: number): boolean {
  if (!a || !b) return false
  const [column, row] = [at % width, Math.floor(at / width)]
  for (let y = Math.max(0, row - EDGE); y <= Math.min(height - 1, row + EDGE); y++)
    for (let x = Math.max(0, column - EDGE); x <= Math.min(width - 1, column + EDGE); x++)
      if (!(a[y * width + x]! > 0) || !(b[y * width + x]! > 0)) return true
  return false
}
