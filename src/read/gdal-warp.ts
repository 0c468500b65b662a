import gdal from 'gdal-async'
import { createArray, type TypedArray } from '../raster/data-type.ts'
import type { Reprojection, Resampling } from '../request/tile-request.ts'
import type { OpenDataset, ReadableArray } from './open-dataset.ts'
import { rasterType, type Sampled } from './raster-assembly.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid, ReadParameters } from './reader.ts'

/** Memory a warp may use for pieces of the source, megabytes. */
const WARP_MEMORY_MB = '64'

const kernelNames: Partial<Record<Reprojection, string>> = { nearest: 'near', cubic_spline: 'cubicspline' }

/**
 * Has GDAL warp the file straight to the grid, for what our own sampling doesn't cover: rotated files, ground control points,
 * coordinate reference systems without closed formulas here, windows too large to hold. Ten times slower; the same kernels, but
 * gdalwarp's idea of the overview. Null when no pixel of the file falls on the grid. The dataset must be leased.
 */
export async function warpByGdal(
  dataset: OpenDataset,
  target: ReadTarget,
  grid: Grid,
  parameters: ReadParameters,
): Promise<Sampled | null> {
  const { facts } = dataset
  const addAlpha = target.nodata === null && facts.alphaBand === null
  const kernel = facts.crs === grid.crs ? kernelOfRead(parameters.resampling) : parameters.reproject
  const warped = await gdal.warpAsync('warped', null, [dataset.dataset], warpArguments(target, grid, kernel, addAlpha))
  try {
    const type = rasterType(facts)
    const readBand = async (band: number): Promise<TypedArray> => {
      const samples = createArray(type, grid.width * grid.height)
      await warped.bands.get(band).pixels.readAsync(0, 0, grid.width, grid.height, samples as ReadableArray)
      return samples
    }
    const bands: TypedArray[] = []
    for (const band of target.bands) bands.push(await readBand(band))
    if (target.nodata !== null) {
      const { nodata } = target
      const blank = bands.every((band) => band.every((value) => value === nodata || Object.is(value, nodata)))
      return blank ? null : { bands, mask: null, covered: null }
    }
    const alpha = await readBand(facts.alphaBand ?? facts.bands.length + 1)
    const covered = new Uint8Array(alpha.length)
    for (let i = 0; i < alpha.length; i++) covered[i] = alpha[i] === 0 ? 0 : 255
    if (!covered.includes(255)) return null
    return { bands, mask: addAlpha ? null : alpha, covered: covered.includes(0) ? covered : null }
  } finally {
    warped.close()
  }
}

/** A read without reprojection whose window is too large to hold: the warper has all its kernels but one. */
function kernelOfRead(resampling: Resampling): Reprojection {
  return resampling === 'gauss' ? 'average' : resampling
}

function warpArguments(target: ReadTarget, grid: Grid, kernel: Reprojection, addAlpha: boolean): string[] {
  const validity =
    target.nodata !== null
      ? ['-srcnodata', String(target.nodata), '-dstnodata', String(target.nodata)]
      : addAlpha
        ? ['-dstalpha']
        : []
  return [
    ...['-of', 'MEM', '-t_srs', grid.crs],
    ...['-te', ...grid.bounds.map(String), '-ts', String(grid.width), String(grid.height)],
    ...['-r', kernelNames[kernel] ?? kernel, '-et', '0.125', '-ovr', 'AUTO', '-wm', WARP_MEMORY_MB],
    ...['-wo', 'UNIFIED_SRC_NODATA=YES', '-wo', 'NUM_THREADS=1'],
    ...validity,
  ]
}
