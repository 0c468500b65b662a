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

/**
 * The grid of a part of a file (rio_tiler.reader.part and read, get_vrt_transform): the file's own resolution in the target system,
 * then the size that was asked for. Throws PARAMETER_INVALID for an image larger than one may be.
 */
export function partGrid(file: DefaultGrid, part: PartRequest): Grid {
  const { crs } = part
  if (part.bounds === null) {
    const bounds = [
      file.left,
      file.top - file.stepY * file.height,
      file.left + file.stepX * file.width,
      file.top,
    ] as const
    return bounded({ crs, bounds, ...outputSize(file, part.size) })
  }
  const bounds = part.aligned ? alignedBounds(file, part.bounds) : part.bounds
  const native = part.isOwn ? windowSize(file, bounds) : warpedSize(file, bounds, part.size)
  return bounded({ crs, bounds, ...outputSize(native, part.size) })
}

/** Throws PARAMETER_INVALID when so many bands of the grid would be too much to hold. */
export function checkSamples(grid: Grid, bands: number): void {
  if (grid.width * grid.height * bands > MOST_SAMPLES) tooLarge(grid, bands)
}

/** Size in the file's pixels, with fractions (rasterio.windows.from_bounds). */
function windowSize(file: DefaultGrid, [left, bottom, right, top]: Bounds): Size {
  const [column, row] = [left * (1 / file.stepX), -top * (1 / file.stepY)]
  return { width: right * (1 / file.stepX) - column, height: -bottom * (1 / file.stepY) - row }
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

/** rio-tiler's `_round_window` over the file's grid. */
function alignedBounds(file: DefaultGrid, [left, bottom, right, top]: Bounds): Bounds {
  const x = (column: number) => file.left + column * file.stepX
  const y = (row: number) => file.top - row * file.stepY
  const column = (at: number) => at * (1 / file.stepX) - file.left * (1 / file.stepX)
  const row = (at: number) => -at * (1 / file.stepY) + file.top * (1 / file.stepY)
  return [x(Math.floor(column(left))), y(Math.ceil(row(bottom))), x(Math.ceil(column(right))), y(Math.floor(row(top)))]
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
