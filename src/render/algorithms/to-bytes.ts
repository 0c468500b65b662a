import { recycle, takeArray } from '../../raster/array-pool.ts'
import { castSamples, isFloat } from '../../raster/cast.ts'
import type { Algorithm } from './algorithm.ts'

/** Samples as bytes, cut and wrapped: 300 is 44. */
export const cast: Algorithm = (raster) => ({
  ...raster,
  dataType: 'uint8',
  bands: raster.bands.map((band) => castSamples(band, raster.dataType, 'uint8')),
})

/** Samples rounded up, then as `cast`. */
export const ceil: Algorithm = (raster, parameters) => rounded(raster, parameters, Math.ceil)

/** Samples rounded down, then as `cast`. */
export const floor: Algorithm = (raster, parameters) => rounded(raster, parameters, Math.floor)

function rounded(
  raster: Parameters<Algorithm>[0],
  parameters: Parameters<Algorithm>[1],
  round: (value: number) => number,
): ReturnType<Algorithm> {
  if (!isFloat(raster.dataType)) return cast(raster, parameters)
  const bands = raster.bands.map((band) => {
    const whole = takeArray(raster.dataType, band.length)
    for (let i = 0; i < whole.length; i++) whole[i] = round(band[i]!)
    return whole
  })
  const result = cast({ ...raster, bands }, parameters)
  recycle(bands)
  return result
}
