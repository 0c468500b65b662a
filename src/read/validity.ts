import { takeArray } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'

const singleEpsilon = 2 ** -23

/**
 * 255 where the sample isn't `nodata`, 0 where it is; null when it is nowhere (GDALNoDataMaskBand). NaN is a value like any other.
 * Floating-point samples within two steps of the value are nodata too (ARE_REAL_EQUAL).
 */
export function differing(samples: TypedArray, nodata: number): Uint8Array | null {
  const epsilon = samples instanceof Float32Array ? singleEpsilon : samples instanceof Float64Array ? Number.EPSILON : 0
  const value = samples instanceof Float32Array ? Math.fround(nodata) : nodata
  const mask = takeArray('uint8', samples.length) as Uint8Array
  const seeksNaN = Number.isNaN(nodata)
  let found = false
  for (let i = 0; i < mask.length; i++) {
    const sample = samples[i]!
    const isNodata =
      sample === value ||
      (epsilon > 0 && Math.abs(sample - value) < epsilon * Math.abs(sample + value) * 2) ||
      (seeksNaN && Number.isNaN(sample))
    mask[i] = isNodata ? 0 : 255
    found ||= isNodata
  }
  return found ? mask : null
}

/** Alpha as GDAL's kernels weigh by it: 16 bits brought to 8, of which nothing but 0 may become 0 (GDALRescaledAlphaBand). */
export function rescaledAlpha(alpha: TypedArray): Uint8Array {
  if (alpha instanceof Uint8Array) return alpha
  const rescaled = takeArray('uint8', alpha.length) as Uint8Array
  for (let i = 0; i < alpha.length; i++) {
    const value = alpha[i]!
    rescaled[i] = value > 0 && value < 257 ? 1 : Math.trunc((value * 255) / 65535)
  }
  return rescaled
}
