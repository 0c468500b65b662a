import type { Resampling } from '../request/tile-request.ts'
import { buffered } from '../tile/buffered.ts'
import { type NorthUpFacts, paletteOf, type Size } from './dataset-facts.ts'
import { chooseOverview } from './overview.ts'
import { liesOnBlocks } from './padding.ts'
import {
  type AxisRequest,
  clippedRequest,
  innerRequest,
  placementOf,
  type VirtualFile,
  type VirtualWindow,
  virtualOverview,
} from './plain-request.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid, ReadParameters } from './reader.ts'
import { margins } from './resample.ts'
import { spanOf } from './resample-axis.ts'
import { isConvolution } from './resample-kernel.ts'
import type { Window } from './source-window.ts'
import type { Range } from './unit-lines.ts'

/** One axis of a read without reprojection, in the level's pixels. */
export interface PlainAxis extends AxisRequest {
  /** Pixels of the level. */
  readonly limit: number
}

/** RasterIO with a fractional window, of one level. */
export interface PlainPart {
  readonly level: number
  readonly x: PlainAxis
  readonly y: PlainAxis
  /** Nearest also where level pixels are grid pixels. */
  readonly kernel: Resampling
  /** Nearest's positions: by adding up the step, rounding errors and all, or by multiplying it. */
  readonly steps: 'added' | 'multiplied'
  /** The bands are resampled together, with the larger margin of both axes. */
  readonly sharedMargin: boolean
  /** Grid pixels of one of several passes, counted from the axes' first; null: all of them. */
  readonly pass: { readonly columns: Range; readonly rows: Range } | null
  /** Level pixels to read. */
  readonly window: Window
}

/** A read of a file that already is in the grid's coordinate reference system; a part is null where it gives nothing. */
export interface PlainPlan {
  readonly kind: 'plain'
  /** What the parts fill: the grid asked for and `padding` pixels around it. */
  readonly grid: Grid
  readonly padding: number
  /** The window leaves the file. */
  readonly boundless: boolean
  /** Of the first band; the same object as `others` unless GDAL reads it in another way. */
  readonly first: PlainPart | null
  readonly others: PlainPart | null
  /** Of the mask for all bands, where the target has one. */
  readonly mask: PlainPart | null
  /** Reads of parts of this plan that together are it, where it is too much at once. */
  readonly passes: readonly PlainPlan[] | null
}

type PlainParts = Pick<PlainPlan, 'first' | 'others' | 'mask'>

/** How a request is read: by which kernel, from which overviews, how many bands at once. */
interface Access {
  readonly kernel: Resampling
  readonly overviews: readonly Size[]
  readonly bands: number
}

/**
 * Plans what rio-tiler reads from a file in the grid's own coordinate reference system. A window that leaves the file is read
 * through a virtual file there. Null: nothing of the file is on the grid.
 */
export function planPlain(
  facts: NorthUpFacts,
  target: ReadTarget,
  asked: Grid,
  { resampling, padding: wantedPadding = 0 }: ReadParameters,
): PlainPlan | null {
  const padding = wantedPadding > 0 && !liesOnBlocks(facts, asked) ? wantedPadding : 0
  const grid = { crs: asked.crs, ...buffered(asked, padding) }
  const { x, y } = asked.isWholeFile && padding === 0 ? wholeWindow(facts) : fileWindow(facts, grid)
  const boundless = x.start < 0 || y.start < 0 || x.start + x.size > facts.width || y.start + y.size > facts.height
  const parts = boundless
    ? planBoundless(facts, target, grid, x, y, resampling)
    : planInner(facts, target, grid, x, y, resampling)
  if (parts.first === null && parts.others === null && parts.mask === null) return null
  return { kind: 'plain', grid, padding, boundless, passes: null, ...parts }
}

interface Span {
  readonly start: number
  readonly size: number
}

function wholeWindow({ width, height }: Size): { readonly x: Span; readonly y: Span } {
  return { x: { start: 0, size: width }, y: { start: 0, size: height } }
}

/** The grid in the file's pixels: rasterio.windows.from_bounds, product by product. */
export function fileWindow(facts: NorthUpFacts, grid: Grid): { readonly x: Span; readonly y: Span } {
  const [originX, stepX, , originY, , stepY] = facts.geoTransform
  const [left, bottom, right, top] = grid.bounds
  const inverse = 1 / (stepX * stepY)
  const [perX, perY] = [stepY * inverse, stepX * inverse]
  const [baseX, baseY] = [-originX * perX, -(originY * perY)]
  const [startX, startY] = [left * perX + baseX, top * perY + baseY]
  return {
    x: { start: startX, size: right * perX + baseX - startX },
    y: { start: startY, size: bottom * perY + baseY - startY },
  }
}

function planInner(
  facts: NorthUpFacts,
  target: ReadTarget,
  grid: Grid,
  x: Span,
  y: Span,
  kernel: Resampling,
): PlainParts {
  const columns = innerRequest(x.start, x.size, grid.width)
  const rows = innerRequest(y.start, y.size, grid.height)
  const bands = target.bands.length + (target.mask?.kind === 'alpha' ? 1 : 0)
  const others = partOf(facts, columns, rows, { kernel, overviews: facts.overviews, bands })
  const mask =
    target.mask?.kind === 'dataset'
      ? partOf(facts, columns, rows, { kernel, overviews: facts.maskOverviews, bands: 1 })
      : null
  return { first: others, others, mask }
}

/**
 * rasterio's boundless read. When it reduces, GDAL takes the first band of its virtual file through virtual overviews, which forget
 * the kernel and begin up to a pixel aside; the other bands, and a mask, are read from the file's own.
 */
function planBoundless(
  facts: NorthUpFacts,
  target: ReadTarget,
  grid: Grid,
  x: Span,
  y: Span,
  kernel: Resampling,
): PlainParts {
  const [originX, stepX, , originY, , stepY] = facts.geoTransform
  const virtual: VirtualFile = {
    width: Math.trunc(Math.max(facts.width, x.size) + 1),
    height: Math.trunc(Math.max(facts.height, y.size) + 1),
    x: placementOf((originX - shifted(originX, stepX, x.start)) / stepX, facts.width),
    y: placementOf((originY - shifted(originY, stepY, y.start)) / stepY, facts.height),
  }
  const window: VirtualWindow = {
    width: x.size,
    height: y.size,
    wholeWidth: Math.trunc(Math.max(1, x.size)),
    wholeHeight: Math.trunc(Math.max(1, y.size)),
  }
  const read = (from: VirtualFile, { width, height }: Size, by: Resampling) => {
    const columns = clippedRequest(width, grid.width, from.x, facts.width)
    const rows = clippedRequest(height, grid.height, from.y, facts.height)
    if (columns === null || rows === null) return null
    return partOf(facts, columns, rows, { kernel: by, overviews: facts.overviews, bands: 1 })
  }
  const others = read(virtual, window, kernel)
  const smaller = virtualOverview(facts, facts.overviews, virtual, window, grid)
  const first = smaller === null ? others : read(smaller.virtual, smaller.window, 'nearest')
  const mask = target.mask?.kind === 'dataset' ? read(virtual, window, 'nearest') : null
  return { first, others, mask }
}

/** The origin of a window `pixels` into the file, by way of rasterio's products of matrices. */
function shifted(origin: number, step: number, pixels: number): number {
  return origin + (pixels * step + origin - origin)
}

function partOf(facts: NorthUpFacts, x: AxisRequest, y: AxisRequest, access: Access): PlainPart {
  const buffer = { width: x.end - x.start, height: y.end - y.start }
  const reducesBoth = buffer.width < x.wholeSize && buffer.height < y.wholeSize
  const { overviews } = access
  const requested = { width: x.wholeSize, height: y.wholeSize }
  const level = chooseOverview(facts, overviews, requested, buffer, access.kernel)
  const size = overviews[level] ?? facts
  const [axisX, axisY] = [atLevel(x, facts.width, size.width), atLevel(y, facts.height, size.height)]
  const isSize = axisX.wholeSize === buffer.width && axisY.wholeSize === buffer.height
  const isTogether = access.bands > 1 && facts.pixelInterleaved
  const isCopy = isSize && isWhole(axisX, isTogether) && isWhole(axisY, isTogether)
  const reducesOne = buffer.width < x.wholeSize || buffer.height < y.wholeSize
  const kernel =
    isCopy || (paletteOf(facts, level) !== null && isConvolution(access.kernel)) ? 'nearest' : access.kernel
  const part = {
    level,
    x: axisX,
    y: axisY,
    kernel,
    steps: isSize && isTogether ? ('multiplied' as const) : ('added' as const),
    pass: null,
    sharedMargin:
      isConvolution(kernel) &&
      access.bands > 1 &&
      facts.kernelMask !== 'nodata' &&
      !isSize &&
      (level >= 0 ? reducesBoth : overviews.length === 0 || !reducesOne),
  }
  return { ...part, window: windowOf(part) }
}

/** The level's pixels are wanted as they are; read together, bands don't mind a fraction of a pixel at the far end. */
function isWhole({ offset, size, wholeOffset, wholeSize }: PlainAxis, together: boolean): boolean {
  return offset === wholeOffset && (together || size === wholeSize)
}

/** The request in an overview's pixels (GDALBandGetBestOverviewLevel2). */
export function atLevel(request: AxisRequest, full: number, limit: number): PlainAxis {
  if (full === limit) return { ...request, limit }
  const factor = full / limit
  const wholeOffset = Math.min(limit - 1, Math.trunc(request.wholeOffset / factor + 0.5))
  const wholeSize = Math.max(1, Math.trunc(request.wholeSize / factor + 0.5))
  return {
    start: request.start,
    end: request.end,
    offset: request.offset / factor,
    size: request.size / factor,
    wholeOffset,
    wholeSize: Math.min(wholeSize, limit - wholeOffset),
    limit,
  }
}

/** Level pixels that a part needs. */
export function windowOf({ kernel, x, y, steps, sharedMargin, pass }: Omit<PlainPart, 'window' | 'level'>): Window {
  const across = pass?.columns ?? { start: 0, end: x.end - x.start }
  const down = pass?.rows ?? { start: 0, end: y.end - y.start }
  if (kernel === 'nearest') {
    const [columns, rows] = [nearestPixels(x, steps), nearestPixels(y, 'multiplied')]
    return windowBetween(
      columns[across.start]!,
      columns[across.end - 1]! + 1,
      rows[down.start]!,
      rows[down.end - 1]! + 1,
    )
  }
  const margin = margins({ kernel, x, y, sharedMargin })
  return windowBetween(...spanOf(x, margin.x, across), ...spanOf(y, margin.y, down))
}

function windowBetween(x0: number, x1: number, y0: number, y1: number): Window {
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }
}

/** The level pixel of each grid pixel of the axis (GDALRasterBand::IRasterIO; rows are always multiplied). */
export function nearestPixels(axis: PlainAxis, steps: PlainPart['steps']): Int32Array {
  const count = axis.end - axis.start
  const step = axis.size / count
  const pixels = new Int32Array(count)
  let position = 0.5 * step + axis.offset + 1e-10
  for (let i = 0; i < count; i++) {
    const at = steps === 'added' ? position : (i + 0.5) * step + axis.offset + 1e-10
    pixels[i] = Math.trunc(Math.min(Math.max(at, 0), axis.limit - 1))
    position += step
  }
  return pixels
}
