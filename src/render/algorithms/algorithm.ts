import { TilepressError } from '../../errors.ts'
import type { DataType, TypedArray } from '../../raster/data-type.ts'
import type { Raster } from '../../raster/raster.ts'
import type { AlgorithmCall } from '../../request/tile-request.ts'

/**
 * Makes one raster of another. It leaves its input as it is; the result may share arrays with it. Samples under a mask are 0 unless
 * they are the input's own. Throws RASTER_SHAPE_INVALID for a number of bands or pixels it can't work with.
 */
export type Algorithm = (raster: Raster, parameters: AlgorithmCall['parameters']) => Raster

/** A parameter that has a number by default; the parser gave it one. */
export function numberOf(parameters: AlgorithmCall['parameters'], name: string): number {
  const value = parameters[name]
  if (typeof value !== 'number')
    throw new TilepressError('PARAMETER_INVALID', `parameter algorithm_params lacks ${name}`)
  return value
}

/** The raster with other bands, named `b1` … */
export function withBands(
  raster: Raster,
  dataType: DataType,
  bands: readonly TypedArray[],
  masks: readonly (Uint8Array | null)[],
  bandDescriptions: readonly string[],
): Raster {
  return { ...raster, dataType, bands, masks, bandDescriptions, bandNames: bands.map((_, b) => `b${b + 1}`) }
}

/** Throws RASTER_SHAPE_INVALID unless the raster has a number of bands that `fits`. */
export function requireBands(raster: Raster, fits: boolean, algorithm: string, needs: string): void {
  if (fits) return
  throw new TilepressError(
    'RASTER_SHAPE_INVALID',
    `algorithm ${algorithm} needs an image of ${needs}, this one has ${raster.bands.length}`,
  )
}
