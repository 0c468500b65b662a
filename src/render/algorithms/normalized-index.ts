import { takeArray } from '../../raster/array-pool.ts'
import { type Algorithm, requireBands, withBands } from './algorithm.ts'

/** (b2 − b1) / (b2 + b1) of the first two bands in float32; masked where either is, and where it is not finite. */
export const normalizedIndex: Algorithm = (raster) => {
  requireBands(raster, raster.bands.length >= 2, 'normalizedIndex', 'two bands or more')
  const [first, second] = raster.bands as [Uint8Array, Uint8Array]
  const [firstMask, secondMask] = raster.masks as [Uint8Array | null, Uint8Array | null]
  const index = takeArray('float32', first.length) as Float32Array
  const mask = takeArray('uint8', first.length) as Uint8Array
  let holes = 0
  for (let i = 0; i < index.length; i++) {
    const a = Math.fround(first[i]!)
    const b = Math.fround(second[i]!)
    const value = Math.fround(Math.fround(b - a) / Math.fround(b + a))
    const known = (firstMask === null || firstMask[i] !== 0) && (secondMask === null || secondMask[i] !== 0)
    const valid = known && Number.isFinite(value)
    index[i] = valid ? value : 0
    mask[i] = valid ? 255 : 0
    if (!valid) holes++
  }
  const [d1, d2] = raster.bandDescriptions
  const description = `(${d2} - ${d1}) / (${d2} + ${d1})`
  return withBands(raster, 'float32', [index], [holes === 0 ? null : mask], [description])
}
