import { TilepressError } from '../../errors.ts'
import { takeArray } from '../../raster/array-pool.ts'
import type { DataType, TypedArray } from '../../raster/data-type.ts'
import type { Raster } from '../../raster/raster.ts'

/** The raster without `pixels` on each side, its bounds with it; itself for 0. Throws RASTER_SHAPE_INVALID when nothing is left. */
export function cropSides(raster: Raster, pixels: number): Raster {
  if (pixels === 0) return raster
  const width = raster.width - 2 * pixels
  const height = raster.height - 2 * pixels
  if (width < 1 || height < 1) {
    throw new TilepressError(
      'RASTER_SHAPE_INVALID',
      `a buffer of ${pixels} pixels leaves nothing of an image of ${raster.width} × ${raster.height}`,
    )
  }
  const inner = (from: TypedArray, type: DataType): TypedArray => {
    const to = takeArray(type, width * height)
    for (let y = 0; y < height; y++) {
      const start = (y + pixels) * raster.width + pixels
      to.set(from.subarray(start, start + width), y * width)
    }
    return to
  }
  const [left, bottom, right, top] = raster.bounds
  const pixelWidth = (right - left) / raster.width
  const pixelHeight = (top - bottom) / raster.height
  return {
    ...raster,
    width,
    height,
    bands: raster.bands.map((band) => inner(band, raster.dataType)),
    masks: raster.masks.map((mask) => (mask === null ? null : (inner(mask, 'uint8') as Uint8Array))),
    bounds: [
      left + pixelWidth * pixels,
      top - pixelHeight * (pixels + height),
      left + pixelWidth * (pixels + width),
      top - pixelHeight * pixels,
    ],
  }
}
