import { convertRaster, promoteAll } from './promotion.ts'
import type { Raster } from './raster.ts'
import { resizeNearest } from './resize.ts'

/**
 * The bands of rasters of one place, in order, as one raster of the type that holds them all; `b1` … count over all of them. Where
 * they differ in size, all get the largest width and height (rio-tiler's create_from_list).
 */
export function concatenateBands(rasters: readonly [Raster, ...Raster[]]): Raster {
  const [first, ...others] = rasters
  if (others.length === 0) return { ...first, bandNames: first.bands.map((_, index) => `b${index + 1}`) }
  const type = promoteAll(rasters.map((raster) => raster.dataType))
  const width = Math.max(...rasters.map((raster) => raster.width))
  const height = Math.max(...rasters.map((raster) => raster.height))
  const converted = rasters.map((raster) => convertRaster(resizeNearest(raster, width, height), type))
  const bands = converted.flatMap((raster) => raster.bands)
  return {
    ...first,
    width,
    height,
    dataType: type,
    bands,
    masks: converted.flatMap((raster) => raster.masks),
    bandDescriptions: rasters.flatMap((raster) => raster.bandDescriptions),
    bandNames: bands.map((_, index) => `b${index + 1}`),
  }
}
