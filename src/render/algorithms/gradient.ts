import { TilepressError } from '../../errors.ts'
import { takeArray } from '../../raster/array-pool.ts'
import { isFloat } from '../../raster/cast.ts'
import type { Raster } from '../../raster/raster.ts'

/** Differences of a band's neighbours along columns and rows, per pixel, as doubles; the mask of those that could be made. */
export interface Gradient {
  readonly alongRows: Float64Array
  readonly alongColumns: Float64Array
  readonly mask: Uint8Array | null
}

/**
 * numpy.gradient of the first band, times `exaggeration`: half the difference of both neighbours, at an edge the difference to the
 * one inside. A pixel is masked where one of the samples used is, its own at edges alone, and where the difference is not finite.
 * Of a float32 band each step is rounded to float32. Throws RASTER_SHAPE_INVALID below 2 × 2 pixels.
 */
export function gradientOf(raster: Raster, exaggeration: number): Gradient {
  const { width, height } = raster
  const band = raster.bands[0]!
  const valid = raster.masks[0]!
  if (width < 2 || height < 2) {
    throw new TilepressError('RASTER_SHAPE_INVALID', `a slope needs 2 × 2 pixels, this image has ${width} × ${height}`)
  }
  const rounded = raster.dataType === 'float32' ? Math.fround : (value: number) => value
  const alongRows = takeArray('float64', band.length) as Float64Array
  const alongColumns = takeArray('float64', band.length) as Float64Array
  const mayBeMasked = valid !== null || isFloat(raster.dataType)
  const mask = mayBeMasked ? (takeArray('uint8', band.length) as Uint8Array) : null
  for (let y = 0, at = 0; y < height; y++) {
    const above = y > 0 ? width : 0
    const below = y < height - 1 ? width : 0
    const rowSpan = above > 0 && below > 0 ? 2 : 1
    for (let x = 0; x < width; x++, at++) {
      const left = x > 0 ? 1 : 0
      const right = x < width - 1 ? 1 : 0
      const vertical = rounded(rounded(band[at + below]! - band[at - above]!) / rowSpan)
      const horizontal = rounded(rounded(band[at + right]! - band[at - left]!) / (left + right))
      alongRows[at] = rounded(vertical * exaggeration)
      alongColumns[at] = rounded(horizontal * exaggeration)
      if (mask === null) continue
      const used =
        valid === null ? 255 : valid[at + below]! & valid[at - above]! & valid[at + right]! & valid[at - left]!
      mask[at] = Number.isFinite(vertical + horizontal) ? used : 0
    }
  }
  return { alongRows, alongColumns, mask }
}
