import { createArray, type TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { DatasetFacts } from './dataset-facts.ts'
import { coverage, gather } from './gather.ts'
import { nearestIndex } from './nearest-index.ts'
import type { PlainPlan } from './plain-plan.ts'
import { assembleRaster, blankBand, rasterType } from './raster-assembly.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid } from './reader.ts'
import type { SourceBlock } from './source-block.ts'
import type { WarpPlan } from './warp-plan.ts'

/** Places a block of source pixels on the grid, each grid pixel taking the source pixel under its centre. */
export function sampleNearest(
  plan: WarpPlan | PlainPlan,
  facts: DatasetFacts,
  target: ReadTarget,
  block: SourceBlock,
  grid: Grid,
): Raster {
  const index = nearestIndex(plan, block.window, grid)
  const bands = block.bands.map((source) => {
    const samples = blankBand(facts, target, grid)
    gather(index, source, samples)
    return samples
  })
  let mask: TypedArray | null = null
  if (block.mask !== null) {
    mask = createArray(target.validity.kind === 'alpha' ? rasterType(facts) : 'uint8', grid.width * grid.height)
    gather(index, block.mask, mask)
  }
  return assembleRaster(facts, target, grid, bands, mask, coverage(index))
}
