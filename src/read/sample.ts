import { recycle, takeArray, takeZeroes } from '../raster/array-pool.ts'
import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import { warpBilinear } from './bilinear-warp.ts'
import type { DatasetFacts, Size } from './dataset-facts.ts'
import { densityOf } from './density.ts'
import { coverage, gather } from './gather.ts'
import { nearestIndex } from './nearest-index.ts'
import type { PlainAxis, PlainPlan } from './plain-plan.ts'
import { assembleRaster, blankBand, blankMask, rasterType, type Sampled } from './raster-assembly.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid } from './reader.ts'
import { resampleBilinear } from './resample-bilinear.ts'
import type { SourceBlock } from './source-block.ts'
import { Turns } from './turns.ts'
import type { WarpPlan } from './warp-plan.ts'

/** A file, what is wanted of it, and its pixels. */
export interface Source {
  readonly facts: DatasetFacts
  readonly target: ReadTarget
  readonly block: SourceBlock
}

/** Places a block of source pixels on the grid, as the plan says. */
export async function sample(plan: WarpPlan | PlainPlan, source: Source, grid: Grid): Promise<Raster> {
  const { facts, target } = source
  if (plan.kind === 'plain') {
    const placed =
      plan.kernel === 'nearest' ? sampleNearest(plan, source, grid) : await samplePlainBilinear(plan, source, grid)
    return assembleRaster(facts, target, grid, placed)
  }
  // Nearest of the warped grid needs only the pixels it picks; any other kernel needs them all.
  const size = plan.resampling === 'nearest' ? grid : plan.size
  const warped =
    plan.kernel === 'nearest' ? sampleNearest(plan, source, size) : await sampleWarpBilinear(plan, source, size)
  const done = size.width === grid.width && size.height === grid.height
  return assembleRaster(facts, target, grid, done ? warped : await resampleWarped(warped, source, size, grid))
}

function sampleNearest(plan: WarpPlan | PlainPlan, { facts, target, block }: Source, size: Size): Sampled {
  const index = nearestIndex(plan, block.window, size)
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

/** RasterIO's second step, from the warped grid to the wanted one; without nodata the warped dataset's alpha weighs its bands. */
async function resampleWarped(warped: Sampled, { facts, target }: Source, from: Size, grid: Grid): Promise<Sampled> {
  const type = rasterType(facts)
  const { nodata } = target
  const place = { x: 0, y: 0, width: from.width }
  const resampling = {
    place,
    x: wholeAxis(from.width, grid.width),
    y: wholeAxis(from.height, grid.height),
    type,
    size: grid,
  }
  const blank = () => takeZeroes(type, grid.width * grid.height)
  const turns = new Turns()
  const alpha = nodata !== null ? null : target.mask?.kind === 'alpha' ? warped.mask : addedAlpha(warped, type, from)
  const bands: TypedArray[] = []
  for (const band of warped.bands) {
    const mask = nodata === null ? alpha : differing(band, nodata)
    bands.push(resampleBilinear(band, mask, nodata, resampling, blank()))
    if (turns.isLong) await turns.next()
  }
  if (alpha === null) return { bands, mask: null, covered: null }
  const opaque = target.mask?.kind === 'alpha' ? dataTypeRange[type][1] : opaqueValue(type)
  const resampledAlpha = resampleBilinear(alpha, null, null, resampling, blank())
  const covered = new Uint8Array(resampledAlpha.length)
  for (let i = 0; i < covered.length; i++) covered[i] = resampledAlpha[i] === opaque ? 255 : 0
  return { bands, mask: null, covered }
}

/** The alpha band GDAL adds to a warped dataset, null where it would be opaque. */
function addedAlpha({ mask, covered }: Sampled, type: DataType, size: Size): TypedArray | null {
  if (mask === null && covered === null) return null
  const alpha = takeZeroes(type, size.width * size.height)
  const opaque = opaqueValue(type)
  for (let i = 0; i < alpha.length; i++) {
    if ((covered === null || covered[i] !== 0) && (mask === null || mask[i] !== 0)) alpha[i] = opaque
  }
  return alpha
}

function opaqueValue(type: DataType): number {
  return type === 'uint16' || type === 'int16' ? dataTypeRange[type][1] : 255
}

function wholeAxis(from: number, to: number): PlainAxis {
  return { start: 0, end: to, offset: 0, size: from, wholeOffset: 0, wholeSize: from, limit: from }
}

/** The kernel of RasterIO heeds the file's own nodata, whatever the request calls nodata. */
async function samplePlainBilinear(plan: PlainPlan, { facts, target, block }: Source, grid: Grid): Promise<Sampled> {
  const resampling = { place: block.window, x: plan.x, y: plan.y, type: rasterType(facts), size: grid }
  const own = facts.nodata
  const turns = new Turns()
  const bands: TypedArray[] = []
  for (const samples of block.bands) {
    const mask = own === null ? block.mask : differing(samples, own)
    bands.push(resampleBilinear(samples, mask, own, resampling, blankBand(facts, target, grid)))
    if (turns.isLong) await turns.next()
  }
  const nearest = sampleNearest(plan, { facts, target, block: { ...block, bands: [] } }, grid)
  if (block.mask === null || (plan.boundless && target.mask?.kind === 'dataset')) return { ...nearest, bands }
  const mask = resampleBilinear(block.mask, null, null, resampling, blankMask(facts, target, grid))
  return { bands, mask, covered: nearest.covered }
}

/** 255 where the sample isn't the value; null when that is everywhere. */
function differing(samples: TypedArray, value: number): Uint8Array | null {
  if (!samples.includes(value)) return null
  const mask = new Uint8Array(samples.length)
  for (let i = 0; i < mask.length; i++) mask[i] = samples[i] === value || Object.is(samples[i], value) ? 0 : 255
  return mask
}
