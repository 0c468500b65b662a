import type { Picture } from '../answers/image.ts'

/** Peak signal-to-noise ratio of two 8-bit pictures in decibels; Infinity where they are equal. */
export function signalToNoise(a: Picture, b: Picture): number {
  let [sum, count] = [0, 0]
  for (const [index, band] of a.bands.entries()) {
    const other = b.bands[index]!
    for (let at = 0; at < band.length; at++) sum += (band[at]! - other[at]!) ** 2
    count += band.length
  }
  return sum === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10((255 * 255 * count) / sum)
}
