import { recycle, takeArray, takeZeroes } from '../raster/array-pool.ts'
import type { Raster } from '../raster/raster.ts'
import { Turns } from '../turns.ts'
import { warpBilinear } from './bilinear-warp.ts'
import type { DatasetFacts, Size } from './dataset-facts.ts'
import { densityOf } from './density.ts'
import { coverage, gather } from './gather.ts'
import { nearestIndex } from './nearest-index.ts'
import { assembleRaster, blankBand, blankMask, rasterType, type Sampled } from './raster-assembly.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid } from './reader.ts'
import { resampleWarped } from './resample-warped.ts'
import type { SourceBlock } from './source-block.ts'
import type { WarpPlan } from './warp-plan.ts'

/** A file, what is wanted of it, and its pixels. */
export interface Source {
  readonly facts: DatasetFacts
  readonly target: ReadTarget
  readonly block: SourceBlock
}

/** Places a block of source pixels on the grid, as the plan says. */
export async function sample(plan: WarpPlan, source: Source, grid: Grid): Promise<Raster> {
  const { facts, target } = source
  const size = { width: plan.picked.columns.length, height: plan.picked.rows.length }
  const warped =
    plan.kernel === 'nearest' ? sampleNearest(plan, source, size) : await sampleWarpBilinear(plan, source, size)
  const done = plan.second.kernel === 'nearest'
  const placed = done ? warped : await resampleWarped(warped, facts, target, size, plan.second, grid)
  return assembleRaster(facts, target, grid, placed)
}

function sampleNearest(plan: WarpPlan, { facts, target, block }: Source, size: Size): Sampled {
  const index = nearestIndex(plan, block.window)
  const bands = block.bands.map((samples) => {
    const band = index.covered ? takeArray(rasterType(facts), size.width * size.height) : blankBand(facts, target, size)
    gather(index, samples, band)
    return band
  })
  if (block.mask === null) return { bands, mask: null, covered: coverage(index) }
  const mask = blankMask(facts, target, size)
  gather(index, block.mask, mask)
  return { bands, mask, covered: coverage(index) }
}

/** Alpha is warped like a band; a mask for all bands only decides, by the pixel under the centre, where there is something. */
async function sampleWarpBilinear(plan: WarpPlan, { facts, target, block }: Source, size: Size): Promise<Sampled> {
  const alpha = target.mask?.kind === 'alpha' && target.nodata === null ? block.mask : null
  const bands = block.bands.map(() => blankBand(facts, target, size))
  const mask = alpha === null ? null : blankMask(facts, target, size)
  const covered = takeZeroes('uint8', size.width * size.height) as Uint8Array
  const steps = warpBilinear({
    plan,
    block: block.window,
    sources: alpha === null ? block.bands : [...block.bands, alpha],
    density: densityOf(block, facts, target),
    type: rasterType(facts),
    nodata: target.nodata,
    size,
    targets: mask === null ? bands : [...bands, mask],
    covered,
  })
  const turns = new Turns()
  for (const _ of steps) if (turns.isLong) await turns.next()
  if (covered.includes(0)) return { bands, mask, covered }
  recycle([covered])
  return { bands, mask, covered: null }
}
