import type { Resampling } from '../request/tile-request.ts'
import type { Size } from './dataset-facts.ts'
import { chooseOverview, chooseWarpedOverview } from './overview.ts'
import { nearestPixels, type PlainAxis } from './plain-plan.ts'
import { isConvolution } from './resample-kernel.ts'

/** From warped pixels to the grid's; nearest also where they are the same. */
export interface SecondStep {
  readonly kernel: Resampling
  readonly x: PlainAxis
  readonly y: PlainAxis
}

/** Columns and rows of warped pixels that are wanted. */
export interface PickedPixels {
  readonly columns: Int32Array
  readonly rows: Int32Array
}

/** GDAL's largest blocks of a warped dataset (vrtwarped.cpp); windows that are smaller are read through them. */
export const BLOCK_WIDTH = 512
export const BLOCK_HEIGHT = 128

/** `size` warped pixels from `offset` on, for `pixels` of the grid. */
export function axisOf(pixels: number, offset: number, size: number): PlainAxis {
  return { start: 0, end: pixels, offset, size, wholeOffset: offset, wholeSize: size, limit: offset + size }
}

export function secondStep(x: PlainAxis, y: PlainAxis, kernel: Resampling): SecondStep {
  const isCopy = (axis: PlainAxis) => axis.offset === axis.wholeOffset && axis.size === axis.end
  return { x, y, kernel: isCopy(x) && isCopy(y) ? 'nearest' : kernel }
}

export function sameSize({ width, height }: Size): SecondStep {
  return { x: axisOf(width, 0, width), y: axisOf(height, 0, height), kernel: 'nearest' }
}

/** Nearest needs only the pixels it picks, any other kernel all of them. */
export function pickedBy({ x, y, kernel }: SecondStep, size: Size): PickedPixels {
  if (kernel === 'nearest') return { columns: nearestPixels(x, 'added'), rows: nearestPixels(y, 'multiplied') }
  return { columns: upTo(size.width), rows: upTo(size.height) }
}

/**
 * Where the padding is less than half a pixel of an overview, the window in whole pixels is all of it: GDAL then warps all of it to the
 * grid, padding and all, when it reads the bands of an overview together (VRTWarpedDataset::IRasterIO), as it does with the
 * only one.
 */
export function losesWindow({ x, y }: SecondStep, kernel: Resampling, bands: number): boolean {
  const isAll = ({ wholeOffset, wholeSize, limit }: PlainAxis) => wholeOffset === 0 && wholeSize === limit
  const isTogether = bands === 1 || isConvolution(kernel) || (x.end > BLOCK_WIDTH && y.end > BLOCK_HEIGHT)
  return isTogether && isAll(x) && isAll(y)
}

/**
 * The virtual overview a window of a warped dataset is read from: bands that GDAL reads together choose by the rule of files, a band
 * by itself by that of warped datasets, and where that finds none by the rule of files again.
 */
export function chooseForWindow(
  full: Size,
  overviews: readonly Size[],
  requested: Size,
  grid: Size,
  resampling: Resampling,
  asked: { readonly bands: number; readonly all: boolean },
): number {
  const reducesBoth = grid.width < requested.width && grid.height < requested.height
  const byKernel = isConvolution(resampling) && asked.bands > 1 && reducesBoth
  const bySize = asked.all && grid.width > BLOCK_WIDTH && grid.height > BLOCK_HEIGHT
  const byFiles = chooseOverview(full, overviews, requested, grid, resampling)
  if ((byKernel || bySize) && byFiles >= 0) return byFiles
  const byWarped = chooseWarpedOverview(full, overviews, requested, grid, resampling)
  return byWarped >= 0 ? byWarped : byFiles
}

function upTo(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i)
}
