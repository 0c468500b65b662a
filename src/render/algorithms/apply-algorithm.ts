import { TilepressError } from '../../errors.ts'
import type { Raster } from '../../raster/raster.ts'
import type { AlgorithmName } from '../../request/algorithm-table.ts'
import type { AlgorithmCall } from '../../request/tile-request.ts'
import type { Algorithm } from './algorithm.ts'
import { bandStatistic } from './band-statistics.ts'
import { contours } from './contours.ts'
import { terrainRgb, terrarium } from './elevation-colours.ts'
import { hillshade, slope } from './hillshade.ts'
import { bitonal, grayscale } from './luma.ts'
import { normalizedIndex } from './normalized-index.ts'
import { cast, ceil, floor } from './to-bytes.ts'

/** Every algorithm of the table of names; a new one is an entry there and a line here. */
const algorithms: Record<AlgorithmName, Algorithm> = {
  hillshade,
  slope,
  contours,
  normalizedIndex,
  terrarium,
  terrainrgb: terrainRgb,
  cast,
  ceil,
  floor,
  min: bandStatistic('min'),
  max: bandStatistic('max'),
  median: bandStatistic('median'),
  mean: bandStatistic('mean'),
  std: bandStatistic('std'),
  var: bandStatistic('var'),
  sum: bandStatistic('sum'),
  grayscale,
  bitonal,
}

/**
 * What the algorithm makes of the raster; the input stays as it is, and the result may share arrays with it.
 * Throws RASTER_SHAPE_INVALID for bands or a size it can't work with, PARAMETER_INVALID for an unknown name.
 */
export function applyAlgorithm(raster: Raster, call: AlgorithmCall): Raster {
  if (!Object.hasOwn(algorithms, call.name)) {
    throw new TilepressError('PARAMETER_INVALID', `unknown algorithm ${call.name.slice(0, 80)}`)
  }
  return algorithms[call.name as AlgorithmName](raster, call.parameters)
}
