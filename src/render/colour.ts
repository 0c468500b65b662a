import { recycle } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { RenderParameters } from '../request/tile-request.ts'
import { applyAlgorithm } from './algorithms/apply-algorithm.ts'
import { applyColormap, applyPalette } from './apply-colormap.ts'
import { applyColorFormula } from './color-formula.ts'
import type { Coloured } from './coloured.ts'
import { rescale } from './rescale.ts'

/** What is done between the mosaic and the format. */
export type ColourParameters = Pick<RenderParameters, 'algorithm' | 'rescale' | 'colorFormula' | 'colormap'>

/**
 * Algorithm → rescale → color formula → colormap (titiler's order). It owns the raster: whatever of it is not in the result is recycled.
 * A file's own `palette` is the colormap of an image of one band that is asked for without one.
 * Throws RASTER_SHAPE_INVALID, PARAMETER_INVALID and FORMAT_INVALID as the steps do.
 */
export function colour(raster: Raster, parameters: ColourParameters, palette: Uint8Array | null = null): Coloured {
  const computed = parameters.algorithm === null ? raster : applyAlgorithm(raster, parameters.algorithm)
  const rescaled = rescale(computed, parameters.rescale)
  const adjusted = applyColorFormula(rescaled, parameters.colorFormula)
  const coloured = mapped(adjusted, parameters.colormap, palette)
  if (coloured.raster !== raster) {
    const kept = new Set(arraysOf(coloured.raster).map((array) => array?.buffer))
    const steps = [raster, computed, rescaled, adjusted]
    recycle(steps.flatMap(arraysOf).filter((array) => !kept.has(array?.buffer)))
  }
  return coloured
}

function mapped(raster: Raster, colormap: ColourParameters['colormap'], palette: Uint8Array | null): Coloured {
  if (colormap !== null) return applyColormap(raster, colormap)
  return palette !== null && raster.bands.length === 1 ? applyPalette(raster, palette) : { raster, alpha: null }
}

function arraysOf({ bands, masks }: Raster): (TypedArray | null)[] {
  return [...bands, ...masks]
}
