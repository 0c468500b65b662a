import { TilepressError } from '../errors.ts'
import type { OutputSize } from '../request/query-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { DefaultGrid } from './default-grid.ts'
import type { Grid } from './reader.ts'
import { roundHalfEven } from './warp-resolution.ts'

/** Pixels a side, and in all, of one image: 64 MB of RGBA. */
export const MOST_PIXELS_A_SIDE = 4_096
export const MOST_PIXELS = 16_777_216

/** Bands × pixels of one image: 256 MB of single precision. */
const MOST_SAMPLES = 67_108_864

interface Size {
  readonly width: number
  readonly height: number
}

/** What is asked of a file in its target system, before it is known how many pixels that makes. */
export interface PartRequest {
  /** Null: all of it. */
  readonly bounds: Bounds | null
  readonly crs: string
  readonly size: OutputSize
  /** Move the edges outwards to whole pixels of the file's grid. */
  readonly aligned: boolean
  /** The file has that system itself: its pixels are taken as they are, not warped. */
  readonly isOwn: boolean
}

/** Where a part is read, and where rio-tiler says that its image lies: the same but for rounding. */
export interface PartGrid {
  readonly grid: Grid
  /** Cutlines and coverage are burned by these: their last bits decide where round coordinates meet a pixel's corner. */
  readonly place: Bounds
}

/**
 * The grid of a part of a file (rio_tiler.reader.part and read, get_vrt_transform): the file's own resolution in the target system,
 * then the size that was asked for. Throws PARAMETER_INVALID for an image larger than one may be.
 */
export function partGrid(file: DefaultGrid, part: PartRequest): PartGrid {
  const { crs } = part
  if (part.bounds === null) {
    const bounds = gridBounds(file.left, file.top, file.stepX, file.stepY, file)
    const grid = { crs, bounds, ...outputSize(file, part.size), isWholeFile: part.isOwn }
    return { grid: bounded(grid), place: bounds }
  }
  if (part.isOwn) {
    const window = part.aligned ? roundedWindow(windowOf(file, part.bounds)) : windowOf(file, part.bounds)
    const place = windowBounds(file, window)
    const bounds = part.aligned ? place : part.bounds
    return { grid: bounded({ crs, bounds, ...outputSize(window, part.size) }), place }
  }
  const bounds = part.aligned ? windowBounds(file, roundedWindow(windowOf(file, part.bounds))) : part.bounds
  const native = warpedSize(file, bounds, part.size)
  const [left, bottom, right, top] = bounds
  const place = gridBounds(left, top, (right - left) / native.width, (top - bottom) / native.height, native)
  return { grid: bounded({ crs, bounds, ...outputSize(native, part.size) }), place }
}

/** Throws PARAMETER_INVALID when so many bands of the grid, of each of so many assets, would be too much to hold. */
export function checkSamples(grid: Grid, bands: number, assets: number): void {
  if (grid.width * grid.height * bands * assets > MOST_SAMPLES) tooLarge(grid, bands * assets)
}

interface PixelWindow extends Size {
  readonly column: number
  readonly row: number
}

/** In the file's pixels, with fractions: rasterio.windows.from_bounds, and affine's way to invert a transform. */
function windowOf({ left, top, stepX, stepY }: DefaultGrid, bounds: Bounds): PixelWindow {
  const inverse = 1 / (stepX * -stepY)
  const [columns, rows] = [-stepY * inverse, stepX * inverse]
  const column = bounds[0] * columns + -left * columns
  const row = bounds[3] * rows + -top * rows
  return {
    column,
    row,
    width: bounds[2] * columns + -left * columns - column,
    height: bounds[1] * rows + -top * rows - row,
  }
}

/** rio-tiler's `_round_window`: outwards. */
function roundedWindow({ column, row, width, height }: PixelWindow): PixelWindow {
  const [first, top] = [Math.floor(column), Math.floor(row)]
  return { column: first, row: top, width: Math.ceil(column + width) - first, height: Math.ceil(row + height) - top }
}

/** rasterio.windows.bounds. */
function windowBounds({ left, top, stepX, stepY }: DefaultGrid, { column, row, width, height }: PixelWindow): Bounds {
  return [stepX * column + left, -stepY * (row + height) + top, stepX * (column + width) + left, -stepY * row + top]
}

/** Bounds of a north-up raster by its corner and steps (rasterio's `bounds`). */
function gridBounds(left: number, top: number, stepX: number, stepY: number, { width, height }: Size): Bounds {
  return [left, -stepY * height + top, stepX * width + left, top]
}

/** Size at the file's resolution in the target system, or at the one asked for where that is finer. */
function warpedSize(file: DefaultGrid, [left, bottom, right, top]: Bounds, size: OutputSize): Size {
  const [extentX, extentY] = [right - left, top - bottom]
  let { stepX, stepY } = file
  let { width, height } = size
  if (width !== null || height !== null) {
    const ratio = Math.max(1, roundHalfEven(extentY / stepY)) / Math.max(1, roundHalfEven(extentX / stepX))
    width ??= Math.ceil((height ?? 1) / ratio)
    height ??= Math.ceil(width * ratio)
    stepX = Math.min(stepX, extentX / width)
    stepY = Math.min(stepY, extentY / height)
  }
  return {
    width: Math.max(1, roundHalfEven(extentX / stepX)),
    height: Math.max(1, roundHalfEven(extentY / stepY)),
  }
}

/** rio-tiler's `output_size`. A width or height goes before `maxSize`. */
export function outputSize(native: Size, { maxSize, width, height }: OutputSize): Size {
  const atLeastOne = (size: Size): Size => ({ width: Math.max(1, size.width), height: Math.max(1, size.height) })
  if (width !== null && height !== null) return { width, height }
  const ratio = native.height / native.width
  if (width !== null) return atLeastOne({ width, height: Math.ceil(width * ratio) })
  if (height !== null) return atLeastOne({ width: Math.ceil(height / ratio), height })
  const whole = { width: roundHalfEven(native.width), height: roundHalfEven(native.height) }
  if (maxSize === null || Math.max(whole.width, whole.height) < maxSize) return atLeastOne(whole)
  const wholeRatio = whole.height / whole.width
  return atLeastOne(
    wholeRatio > 1
      ? { width: Math.ceil(maxSize / wholeRatio), height: maxSize }
      : { width: maxSize, height: Math.ceil(maxSize * wholeRatio) },
  )
}

function bounded(grid: Grid): Grid {
  const { width, height } = grid
  if (width <= MOST_PIXELS_A_SIDE && height <= MOST_PIXELS_A_SIDE && width * height <= MOST_PIXELS) return grid
  return tooLarge(grid, 1)
}

function tooLarge({ width, height }: Size, bands: number): never {
  throw new TilepressError(
    'PARAMETER_INVALID',
    `the image would have ${width} × ${height} pixels${bands > 1 ? ` in ${bands} bands` : ''}, more than one may have ` +
      `(${MOST_PIXELS_A_SIDE} a side): ask for it with max_size`,
  )
}
