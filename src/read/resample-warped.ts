import { recycle, takeZeroes } from '../raster/array-pool.ts'
import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import { Turns } from '../turns.ts'
import type { DatasetFacts, Size } from './dataset-facts.ts'
import { rasterType, type Sampled } from './raster-assembly.ts'
import type { ReadTarget } from './read-plan.ts'
import { resample } from './resample.ts'
import type { ComputedResampling } from './resample-job.ts'
import { isConvolution } from './resample-kernel.ts'
import { BLOCK_WIDTH } from './second-step.ts'
import { differing, rescaledAlpha } from './validity.ts'
import type { WarpPlan } from './warp-plan.ts'

/**
 * RasterIO's second step of a warp of some of a file's bands, from the warped dataset's size to the grid's by a kernel other than
 * nearest. Without nodata the warped dataset has an alpha band, which weighs its bands where GDAL takes alpha for a mask. Its overviews have the file's nodata, whatever the request says: a file
 * without one is weighed by its alpha there, or not at all.
 */
export async function resampleWarped(
  warped: Sampled,
  facts: DatasetFacts,
  target: ReadTarget,
  from: Size,
  { level, second: { kernel, x, y } }: Pick<WarpPlan, 'level' | 'second'>,
  grid: Size,
): Promise<Sampled> {
  const type = rasterType(facts)
  const isGiven = target.nodata !== null
  const nodata = isGiven && level >= 0 ? facts.nodata : target.nodata
  const turns = new Turns()
  const job = {
    kernel: kernel as ComputedResampling,
    place: { x: 0, y: 0, width: from.width },
    x,
    y,
    blockWidth: Math.min(BLOCK_WIDTH, from.width),
    type,
    most: null,
    palette: null,
    pass: null,
    size: grid,
  }
  const sharedMargin = isConvolution(kernel) && nodata === null && !(isGiven && warped.bands.length === 1)
  const alpha = isGiven ? warped.mask : alphaOf(warped, target, type, from)
  const mask = alpha !== null && masksByAlpha(facts, type) ? rescaledAlpha(alpha) : null
  const bands: TypedArray[] = []
  for (const source of warped.bands) {
    const band = takeZeroes(type, grid.width * grid.height)
    const own = nodata === null ? mask : differing(source, nodata)
    await resample({ ...job, source, mask: own, nodata, sharedMargin, target: band }, turns)
    if (nodata !== null) recycle([own])
    bands.push(band)
  }
  if (alpha === null || isGiven) return { bands, mask: null, covered: null }
  const resampled = takeZeroes(type, grid.width * grid.height)
  await resample({ ...job, source: alpha, mask: null, nodata: null, sharedMargin: false, target: resampled }, turns)
  const opaque = target.mask?.kind === 'alpha' ? dataTypeRange[type][1] : opaqueValue(type)
  const covered = new Uint8Array(resampled.length)
  for (let i = 0; i < covered.length; i++) covered[i] = resampled[i]! >= opaque ? 255 : 0
  recycle([resampled])
  return { bands, mask: null, covered }
}

/** The file's alpha as warped, or the band GDAL adds; null where that would be opaque. */
function alphaOf({ mask, covered }: Sampled, target: ReadTarget, type: DataType, size: Size): TypedArray | null {
  if (target.mask?.kind === 'alpha') return mask
  if (mask === null && covered === null) return null
  const alpha = takeZeroes(type, size.width * size.height)
  const opaque = opaqueValue(type)
  for (let i = 0; i < alpha.length; i++) {
    if ((covered === null || covered[i] !== 0) && (mask === null || mask[i] !== 0)) alpha[i] = opaque
  }
  return alpha
}

/** GDALRasterBand::GetMaskBand takes alpha for a mask only of these types, and only behind one band or three. */
function masksByAlpha(facts: DatasetFacts, type: DataType): boolean {
  const bands = facts.alphaBand === null ? facts.bands.length + 1 : facts.bands.length
  const isLast = facts.alphaBand === null || facts.alphaBand === bands
  return isLast && (bands === 2 || bands === 4) && (type === 'uint8' || type === 'uint16')
}

/** Of the band GDAL adds; a kernel may overshoot it in types that hold more. */
function opaqueValue(type: DataType): number {
  return type === 'int8' || type === 'uint16' || type === 'int16' ? dataTypeRange[type][1] : 255
}
