import { takeArray } from '../../raster/array-pool.ts'
import { colormapOf } from '../colormap.ts'
import { type Algorithm, numberOf, requireBands, withBands } from './algorithm.ts'

/** Black lines every `increment`, `thickness` high, over heights from `minz` to `maxz` in the colours of `terrain`. */
export const contours: Algorithm = (raster, parameters) => {
  requireBands(raster, raster.bands.length === 1, 'contours', 'one band')
  const [min, max] = [numberOf(parameters, 'minz'), numberOf(parameters, 'maxz')]
  const [increment, thickness] = [numberOf(parameters, 'increment'), numberOf(parameters, 'thickness')]
  const colours = colormapOf('terrain')!
  const heights = raster.bands[0]!
  const bands = [0, 1, 2].map(() => takeArray('uint8', heights.length) as Uint8Array)
  const [red, green, blue] = bands as [Uint8Array, Uint8Array, Uint8Array]
  for (let i = 0; i < heights.length; i++) {
    const height = heights[i]!
    // A range of nothing is NaN, which is colour 0; an increment of 0 leaves NaN, which is no line.
    const entry = ((((Math.min(Math.max(height, min), max) - min) / (max - min)) * 254 + 1) & 255) * 3
    const remainder = height % increment
    const line = (remainder < 0 ? remainder + increment : remainder) < thickness
    red[i] = line ? 0 : colours[entry]!
    green[i] = line ? 0 : colours[entry + 1]!
    blue[i] = line ? 0 : colours[entry + 2]!
  }
  const mask = raster.masks[0]!
  return withBands(raster, 'uint8', bands, [mask, mask, mask], ['contours_r', 'contours_g', 'contours_b'])
}
