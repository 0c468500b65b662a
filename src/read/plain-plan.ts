import type { Resampling } from '../request/tile-request.ts'
import { levelSize, type NorthUpFacts } from './dataset-facts.ts'
import { chooseOverview } from './overview.ts'
import type { Grid, ReadParameters } from './reader.ts'
import type { Window } from './source-window.ts'

/** One axis of a read without reprojection, in the level's pixels. */
export interface PlainAxis {
  /** Grid pixels [start, end) that the file reaches; the window below belongs to them alone. */
  readonly start: number
  readonly end: number
  readonly offset: number
  readonly size: number
  /** The window in whole pixels, as GDAL rounds it: it bounds what a kernel may touch. */
  readonly wholeOffset: number
  readonly wholeSize: number
  /** Pixels of the level. */
  readonly limit: number
}

/** A read of a file that already is in the grid's coordinate reference system: RasterIO with a fractional window. */
export interface PlainPlan {
  readonly kind: 'plain'
  readonly level: number
  readonly x: PlainAxis
  readonly y: PlainAxis
  readonly kernel: Resampling
  /** The request leaves the file: a mask for all bands is then read by nearest, whatever the kernel. */
  readonly boundless: boolean
  /** Source pixels to read. */
  readonly window: Window
}

/** A request along one axis before a level is chosen, in full-resolution pixels. */
interface Request {
  readonly start: number
  readonly end: number
  readonly offset: number
  readonly size: number
  readonly wholeOffset: number
  readonly wholeSize: number
}

/** VRTSimpleSource::GetSrcDstWindow takes positions this near to a whole number for it. */
const EPSILON = 1e-3

/**
 * Plans what rio-tiler reads from a file in the grid's own coordinate reference system. A window that leaves the file is read
 * through a virtual raster there (`boundless`), which first moves the edges of the request to whole grid pixels.
 * Null: nothing of the file is on the grid.
 */
export function planPlain(facts: NorthUpFacts, grid: Grid, parameters: ReadParameters): PlainPlan | null {
  const [originX, stepX, , originY, , stepY] = facts.geoTransform
  const [left, bottom, right, top] = grid.bounds
  const fx = left * (1 / stepX) - originX * (1 / stepX)
  const fy = top * (1 / stepY) - originY * (1 / stepY)
  const sizeX = right * (1 / stepX) - originX * (1 / stepX) - fx
  const sizeY = bottom * (1 / stepY) - originY * (1 / stepY) - fy
  const boundless = fx < 0 || fy < 0 || fx + sizeX > facts.width || fy + sizeY > facts.height
  const x = boundless ? clippedRequest(fx, sizeX, facts.width, grid.width) : wholeRequest(fx, sizeX, grid.width)
  const y = boundless ? clippedRequest(fy, sizeY, facts.height, grid.height) : wholeRequest(fy, sizeY, grid.height)
  if (x === null || y === null) return null
  const level = chooseOverview(
    facts,
    facts.overviews,
    { width: x.wholeSize, height: y.wholeSize },
    { width: x.end - x.start, height: y.end - y.start },
    parameters.resampling,
  )
  const size = levelSize(facts, level)
  const axisX = atLevel(x, facts.width, size.width)
  const axisY = atLevel(y, facts.height, size.height)
  return {
    kind: 'plain',
    level,
    x: axisX,
    y: axisY,
    kernel: parameters.resampling,
    boundless,
    window: windowOf(axisX, axisY, parameters.resampling),
  }
}

function wholeRequest(offset: number, size: number, pixels: number): Request {
  return {
    start: 0,
    end: pixels,
    offset,
    size,
    wholeOffset: Math.trunc(offset),
    wholeSize: Math.trunc(Math.max(1, size)),
  }
}

function clippedRequest(offset: number, size: number, limit: number, pixels: number): Request | null {
  const scale = pixels / size
  const first = Math.max(offset, 0)
  const last = Math.min(offset + size, limit)
  if (last <= first) return null
  let whole = Math.floor(first)
  let from = first
  if (from - whole > 1 - EPSILON) {
    whole++
    from = whole
  }
  const wholeSize = Math.min(Math.max(1, Math.floor(last - first + 0.5)), limit - whole)
  if (wholeSize <= 0) return null
  const outFirst = (from - offset) * scale
  const start = outFirst <= 0 ? 0 : Math.trunc(outFirst + EPSILON)
  const outLast = (last - offset) * scale
  const end = Math.min(pixels, Math.ceil(outLast - EPSILON))
  if (end <= start) return null
  // The edges move outwards to whole grid pixels, and the fractional window with them.
  const before = (outFirst - start) / scale
  const after = (Math.ceil(outLast - EPSILON) - outLast) / scale
  return { start, end, offset: from - before, size: last - from + before + after, wholeOffset: whole, wholeSize }
}

/** The request in an overview's pixels (GDALBandGetBestOverviewLevel2). */
function atLevel(request: Request, full: number, limit: number): PlainAxis {
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

function windowOf(x: PlainAxis, y: PlainAxis, kernel: Resampling): Window {
  const [x0, x1] = kernel === 'nearest' ? nearestSpan(x) : kernelSpan(x)
  const [y0, y1] = kernel === 'nearest' ? nearestSpan(y) : kernelSpan(y)
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }
}

function nearestSpan(axis: PlainAxis): readonly [start: number, end: number] {
  const pixels = nearestPixels(axis)
  return [pixels[0]!, pixels.at(-1)! + 1]
}

/** The source pixel of each grid pixel of the axis. GDAL adds up the step, rounding errors and all. */
export function nearestPixels(axis: PlainAxis): Int32Array {
  const count = axis.end - axis.start
  const step = axis.size / count
  const pixels = new Int32Array(count)
  let position = 0.5 * step + axis.offset + 1e-10
  for (let i = 0; i < count; i++) {
    pixels[i] = Math.trunc(Math.min(Math.max(position, 0), axis.limit - 1))
    position += step
  }
  return pixels
}

/** What a kernel of radius 1 may touch around the whole-pixel window (GDALRasterBand::RasterIOResampled). */
export function kernelSpan(axis: PlainAxis, radius = 1): readonly [start: number, end: number] {
  const ratio = axis.size / (axis.end - axis.start)
  const reach = radius * Math.max(1, Math.trunc(ratio + 0.5))
  const last = Math.min(axis.wholeOffset + 1 + Math.ceil((axis.end - axis.start) * ratio), axis.limit)
  return [Math.max(0, axis.wholeOffset - reach), Math.min(axis.limit, last + reach)]
}
