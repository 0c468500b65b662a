import type { Picture } from '../answers/image.ts'

/** Peak signal-to-noise ratio of two 8-bit pictures in decibels, hidden pixels apart; Infinity where they are equal. `masked`: the last band is a mask. */
export function signalToNoise(a: Picture, b: Picture, masked: boolean): number {
  const [mask, otherMask] = masked ? [a.bands.at(-1)!, b.bands.at(-1)!] : [null, null]
  let [sum, count] = [0, 0]
  for (const [index, band] of a.bands.entries()) {
    const other = b.bands[index]!
    for (let at = 0; at < band.length; at++) {
      if (mask && otherMask && mask[at] === 0 && otherMask[at] === 0) continue
      sum += (band[at]! - other[at]!) ** 2
      count++
    }
  }
  return sum === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10((255 * 255 * count) / sum)
}
