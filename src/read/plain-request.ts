import type { Size } from './dataset-facts.ts'
import { chooseOverview } from './overview.ts'

/** What is asked of a file along one axis, in its full-resolution pixels, for grid pixels [start, end). */
export interface AxisRequest {
  readonly start: number
  readonly end: number
  readonly offset: number
  readonly size: number
  /** In whole pixels, as GDAL rounds them: they choose the overview, and bound what a kernel may touch. */
  readonly wholeOffset: number
  readonly wholeSize: number
}

/** Where a file lies in a virtual one, along one axis of the latter. */
export interface Placement {
  readonly offset: number
  readonly size: number
}

/** A virtual file around a file: rasterio makes one for a read that leaves the file. */
export interface VirtualFile extends Size {
  readonly x: Placement
  readonly y: Placement
}

/** Reads of a virtual file start at its corner. */
export interface VirtualWindow extends Size {
  readonly wholeWidth: number
  readonly wholeHeight: number
}

/** VRTSimpleSource::GetSrcDstWindow takes positions and sizes this near to a whole number for it. */
const EPSILON = 1e-3
/** GDAL shows no virtual overview that is smaller, nor those after it. */
const SMALLEST_VIRTUAL = 128

/** A request inside the file. rasterio crops it there, which costs a rounding. */
export function innerRequest(offset: number, size: number, pixels: number): AxisRequest {
  const cropped = offset + size - offset
  return {
    start: 0,
    end: pixels,
    offset,
    size: cropped,
    wholeOffset: Math.trunc(offset),
    wholeSize: Math.trunc(Math.max(1, cropped)),
  }
}

/**
 * The part of a window of `extent` virtual pixels, cut into `pixels`, that the file reaches (VRTSimpleSource::GetSrcDstWindow). Its
 * edges move outwards to whole grid pixels, and the window in the file with them. Null: the file gives nothing.
 */
export function clippedRequest(
  extent: number,
  pixels: number,
  placement: Placement,
  limit: number,
): AxisRequest | null {
  if (placement.offset + placement.size <= 0 || extent <= placement.offset) return null
  const first = Math.max(0, placement.offset)
  let length = placement.offset > 0 ? extent - placement.offset : extent
  let clipped = placement.offset > 0
  if (first + length > placement.offset + placement.size) {
    length = placement.offset + placement.size - first
    clipped = true
  }
  const scale = limit / placement.size
  let offset = (first - placement.offset) * scale
  let size = length * scale
  let wholeOffset = Math.trunc(offset)
  if (offset - wholeOffset > 1 - EPSILON) {
    wholeOffset++
    offset = wholeOffset
  }
  let wholeSize = Math.max(1, Math.floor(size + 0.5))
  if (wholeOffset + wholeSize > limit) {
    wholeSize = limit - wholeOffset
    clipped = true
  }
  if (offset + size > limit) {
    size = limit - offset
    clipped = true
  }
  if (wholeSize <= 0) return null
  if (!clipped) return { start: 0, end: pixels, ...snapped(offset, size), wholeOffset, wholeSize }
  const perPixel = pixels / extent
  const outFirst = ((offset / limit) * placement.size + placement.offset) * perPixel
  const outLast = (((offset + size) / limit) * placement.size + placement.offset) * perPixel
  if (outLast < outFirst) return null
  const start = outFirst <= 0 ? 0 : Math.trunc(outFirst + EPSILON)
  const last = Math.ceil(outLast - EPSILON)
  const end = Math.min(pixels, last)
  if (end <= start) return null
  const before = ((outFirst - start) / perPixel / placement.size) * limit
  const after = ((last - outLast) / perPixel / placement.size) * limit
  return { start, end, ...snapped(offset - before, size + before + after), wholeOffset, wholeSize }
}

/** A placement as GDAL keeps it. */
export function placementOf(offset: number, size: number): Placement {
  return snapped(offset, size)
}

function snapped(offset: number, size: number) {
  return { offset: snap(offset), size: snap(size) }
}

function snap(value: number): number {
  const whole = Math.floor(value + 0.5)
  return Math.abs(value - whole) < EPSILON ? whole : value
}

/**
 * The virtual overview that GDAL reads the first band of a virtual file from, when it reduces (VRTDataset::BuildVirtualOverviews):
 * the virtual file made smaller as each overview of the file is, rounded, and the window in it. Null: none.
 */
export function virtualOverview(
  file: Size,
  overviews: readonly Size[],
  virtual: VirtualFile,
  window: VirtualWindow,
  grid: Size,
): { readonly virtual: VirtualFile; readonly window: VirtualWindow } | null {
  const own = [...overviews, file].sort((a, b) => a.width - b.width || a.height - b.height)
  const candidates: VirtualFile[] = []
  for (const overview of overviews) {
    const [ratioX, ratioY] = [overview.width / file.width, overview.height / file.height]
    if (ratioX >= virtual.x.size / file.width || ratioY >= virtual.y.size / file.height) continue
    let width = Math.trunc(0.5 + virtual.width * ratioX)
    let height = Math.trunc(0.5 + virtual.height * ratioY)
    if (width < SMALLEST_VIRTUAL || height < SMALLEST_VIRTUAL) break
    const match = own.find((size) => Math.abs(size.width - width) <= 1 && Math.abs(size.height - height) <= 1)
    if (match) [width, height] = [match.width, match.height]
    candidates.push({ width, height, x: scaled(virtual.x, ratioX), y: scaled(virtual.y, ratioY) })
  }
  const requested = { width: window.wholeWidth, height: window.wholeHeight }
  const chosen = candidates[chooseOverview(virtual, candidates, requested, grid, 'nearest')]
  if (chosen === undefined) return null
  const [factorX, factorY] = [virtual.width / chosen.width, virtual.height / chosen.height]
  return {
    virtual: chosen,
    window: { width: window.width / factorX, height: window.height / factorY, wholeWidth: 0, wholeHeight: 0 },
  }
}

function scaled(placement: Placement, ratio: number): Placement {
  return { offset: placement.offset * ratio, size: placement.size * ratio }
}
