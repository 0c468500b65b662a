import { recycle, takeArray, takeZeroes } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import { Turns } from '../turns.ts'
import type { DatasetFacts, Size } from './dataset-facts.ts'
import { SourceDensity } from './density.ts'
import { coverage, gather } from './gather.ts'
import { hasNearestKernel, warpByKernel } from './kernel-warp.ts'
import { nearestIndex } from './nearest-index.ts'
import { assembleRaster, blankBand, blankMask, rasterType, type Sampled } from './raster-assembly.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid } from './reader.ts'
import { resampleWarped } from './resample-warped.ts'
import type { SourceBlock } from './source-block.ts'
import type { Window } from './source-window.ts'
import type { WarpPass } from './warp-passes.ts'
import type { WarpPlan } from './warp-plan.ts'

/** A file, what is wanted of it, and its pixels. */
export interface Source {
  readonly facts: DatasetFacts
  readonly target: ReadTarget
  readonly block: SourceBlock
}

/** Places a block of source pixels on the grid, as the plan says. */
export async function sample(plan: WarpPlan, source: Source, grid: Grid): Promise<Raster> {
  return await placeWarped(plan, await warp(plan, source), source, grid)
}

/** As `sample`, part by part: for sources that don't fit in memory at once. */
export async function samplePasses(
  plan: WarpPlan,
  passes: readonly WarpPass[],
  source: Omit<Source, 'block'>,
  grid: Grid,
  read: (window: Window) => Promise<SourceBlock>,
): Promise<Raster> {
  const { facts, target } = source
  const size = sizeOf(plan)
  const bands = target.bands.map(() => blankBand(facts, target, size))
  const mask = target.mask === null ? null : blankMask(facts, target, size)
  const covered = takeZeroes('uint8', size.width * size.height) as Uint8Array
  for (const { unit, window } of passes) {
    const block = await read(window)
    const part = await warp({ ...plan, units: [unit] }, { ...source, block })
    for (const [b, band] of bands.entries()) copyCovered(part.bands[b]!, part.covered, band)
    if (mask !== null && part.mask !== null) copyCovered(part.mask, part.covered, mask)
    for (let i = 0; i < covered.length; i++) covered[i]! |= part.covered?.[i] ?? 255
    recycle([...part.bands, part.mask, part.covered])
  }
  // A kernel has used the mask up, but for alpha, which it warps as a band.
  const kept = isCopied(plan, source) || warpsAlpha(plan, source) ? mask : null
  return await placeWarped(plan, { bands, mask: kept, covered }, source, grid)
}

function copyCovered(from: TypedArray, covered: Uint8Array | null, to: TypedArray): void {
  for (let i = 0; i < to.length; i++) if (covered === null || covered[i] !== 0) to[i] = from[i]!
}

function sizeOf({ picked }: WarpPlan): Size {
  return { width: picked.columns.length, height: picked.rows.length }
}

async function warp(plan: WarpPlan, source: Source): Promise<Sampled> {
  const size = sizeOf(plan)
  return isCopied(plan, source) ? sampleNearest(plan, source, size) : await sampleByKernel(plan, source, size)
}

async function placeWarped(
  plan: WarpPlan,
  warped: Sampled,
  { facts, target }: Omit<Source, 'block'>,
  grid: Grid,
): Promise<Raster> {
  const size = sizeOf(plan)
  const done = plan.second.kernel === 'nearest'
  const placed = done ? warped : await resampleWarped(warped, facts, target, size, plan, grid)
  return assembleRaster(facts, target, grid, placed)
}

/**
 * Nearest takes samples as they are, unless the file has nodata and more: a mask, which GDAL doesn't look at where it finds nodata; alpha,
 * as samples under a part of it move aside from nodata; or integers for which GDAL has no nearest kernel, which all do.
 */
export function isCopied({ kernel }: WarpPlan, { facts, target }: Pick<Source, 'facts' | 'target'>): boolean {
  if (kernel !== 'nearest') return false
  if (target.nodata === null) return true
  return target.mask === null && (facts.bands.length === 1 || hasNearestKernel(rasterType(facts)))
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
  if (target.nodata === null) clearHidden(bands, mask)
  return { bands, mask, covered: coverage(index) }
}

/** GDAL's warp leaves 0 where a mask or alpha of 0 hides the source: it shows beside visible bands of other files, and in a second step. */
function clearHidden(bands: readonly TypedArray[], mask: TypedArray): void {
  if (!mask.includes(0)) return
  for (const band of bands) {
    for (let i = 0; i < mask.length; i++) if (mask[i] === 0) band[i] = 0
  }
}

/** Beside a nodata value of the request alpha is needed where overviews are resampled: see `resampleWarped`. */
function warpsAlpha({ level, second }: WarpPlan, { facts, target }: Pick<Source, 'facts' | 'target'>): boolean {
  if (target.mask?.kind !== 'alpha') return false
  return target.nodata === null || (level >= 0 && facts.nodata === null && second.kernel !== 'nearest')
}

/** Alpha is warped like a band; a mask for all bands only decides, by the pixel under the centre, where there is something. */
async function sampleByKernel(plan: WarpPlan, { facts, target, block }: Source, size: Size): Promise<Sampled> {
  const alpha = warpsAlpha(plan, { facts, target }) ? block.mask : null
  const bands = block.bands.map(() => blankBand(facts, target, size))
  const mask = alpha === null ? null : blankMask(facts, target, size)
  const covered = takeZeroes('uint8', size.width * size.height) as Uint8Array
  const density = new SourceDensity(block, facts, target)
  const steps = warpByKernel({
    plan,
    block: block.window,
    sources: alpha === null ? block.bands : [...block.bands, alpha],
    densityIn: (window) => density.in(window),
    type: rasterType(facts),
    nodata: target.nodata,
    size,
    targets: mask === null ? bands : [...bands, mask],
    covered,
  })
  const turns = new Turns()
  for (const _ of steps) if (turns.isLong) await turns.next()
  density.release()
  if (covered.includes(0)) return { bands, mask, covered }
  recycle([covered])
  return { bands, mask, covered: null }
}
