import { recycle, takeArray } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { DatasetFacts } from './dataset-facts.ts'
import type { ReadTarget } from './read-plan.ts'

/**
 * The raster's samples × scale + offset of the file's bands, as single precision, rounded after each of the two steps as numpy does in
 * rio-tiler's read. It takes the raster over.
 */
export function unscaled(raster: Raster, facts: DatasetFacts, target: ReadTarget): Raster {
  const bands = raster.bands.map((samples, i) => {
    const { scale, offset } = facts.bands[target.bands[i]! - 1]!
    return apply(samples, scale, offset)
  })
  recycle(raster.bands)
  return { ...raster, dataType: 'float32', bands }
}

function apply(samples: TypedArray, scale: number, offset: number): Float32Array {
  const values = takeArray('float32', samples.length) as Float32Array
  values.set(samples)
  // Storing rounds to single precision.
  for (let i = 0; i < values.length; i++) values[i]! *= scale
  for (let i = 0; i < values.length; i++) values[i]! += offset
  return values
}
