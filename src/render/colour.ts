import { recycle } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { RenderParameters } from '../request/tile-request.ts'
import { applyAlgorithm } from './algorithms/apply-algorithm.ts'
import { applyColormap } from './apply-colormap.ts'
import { applyColorFormula } from './color-formula.ts'
import type { Coloured } from './coloured.ts'
import { rescale } from './rescale.ts'

/** What is done between the mosaic and the format. */
export type ColourParameters = Pick<RenderParameters, 'algorithm' | 'rescale' | 'colorFormula' | 'colormap'>

/**
 * Algorithm → rescale → color formula → colormap (titiler's order). It owns the raster: whatever of it is not in the result is recycled.
 * Throws RASTER_SHAPE_INVALID, PARAMETER_INVALID and FORMAT_INVALID as the steps do.
 */
export function colour(raster: Raster, parameters: ColourParameters): Coloured {
  const computed = parameters.algorithm === null ? raster : applyAlgorithm(raster, parameters.algorithm)
  const rescaled = rescale(computed, parameters.rescale)
  const adjusted = applyColorFormula(rescaled, parameters.colorFormula)
  const coloured =
    parameters.colormap === null ? { raster: adjusted, alpha: null } : applyColormap(adjusted, parameters.colormap)
  if (coloured.raster !== raster) {
    const kept = new Set(arraysOf(coloured.raster).map((array) => array?.buffer))
    const steps = [raster, computed, rescaled, adjusted]
    recycle(steps.flatMap(arraysOf).filter((array) => !kept.has(array?.buffer)))
  }
  return coloured
}

function arraysOf({ bands, masks }: Raster): (TypedArray | null)[] {
  return [...bands, ...masks]
}
