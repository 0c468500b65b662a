import { convertRaster, promoteTypes } from './promotion.ts'
import type { Raster } from './raster.ts'

/** The bands of rasters of one grid, in order, as one raster of the type that holds them all; `b1` … count over all of them. */
export function concatenateBands(rasters: readonly [Raster, ...Raster[]]): Raster {
  const [first, ...others] = rasters
  if (others.length === 0) return first
  const type = rasters.map((raster) => raster.dataType).reduce(promoteTypes)
  const converted = rasters.map((raster) => convertRaster(raster, type))
  const bands = converted.flatMap((raster) => raster.bands)
  return {
    ...first,
    dataType: type,
    bands,
    masks: converted.flatMap((raster) => raster.masks),
    bandDescriptions: rasters.flatMap((raster) => raster.bandDescriptions),
    bandNames: bands.map((_, index) => `b${index + 1}`),
  }
}
