import { bytesPerSample } from '../raster/data-type.ts'
import type { Reprojection } from '../request/tile-request.ts'
import { levelSize, type PlacedFacts, type Size } from './dataset-facts.ts'
import { chooseOverview } from './overview.ts'
import { type PixelTransforms, pixelTransforms } from './pixel-transforms.ts'
import { atLevel } from './plain-plan.ts'
import type { Projection } from './projection.ts'
import type { Grid, ReadParameters } from './reader.ts'
import {
  axisOf,
  BLOCK_HEIGHT,
  BLOCK_WIDTH,
  chooseForWindow,
  losesWindow,
  type PickedPixels,
  pickedBy,
  type SecondStep,
  sameSize,
  secondStep,
} from './second-step.ts'
import { type SourceWindow, sourceWindowOf, type UnitPlace, type Window } from './source-window.ts'
import { roundHalfEven, warpResolution } from './warp-resolution.ts'

/** Pieces of one plan, and pixels of a warped grid that a second step needs at once. */
const MAX_BLOCKS = 65_536
const MAX_PIXELS = 2 ** 26
const WARP_MEMORY_BITS = 8 * 64 * 2 ** 20

/** Kernel radius in source pixels at full scale (GWKGetFilterRadius). */
export const kernelRadius: Record<Reprojection, number> = {
  nearest: 0,
  bilinear: 1,
  cubic: 2,
  cubic_spline: 2,
  lanczos: 3,
  average: 0,
  mode: 0,
  max: 0,
  min: 0,
  med: 0,
  q1: 0,
  q3: 0,
  sum: 0,
  rms: 0,
}

/** A part of the warped grid with its own source window and kernel scale; `source` null: nothing of the file falls on it. */
export interface WarpUnit {
  readonly target: Window
  readonly source: SourceWindow | null
}

/**
 * A reprojecting read. The warp fills `size` pixels; a second resampling without reprojection brings them to the grid. Where that is
 * nearest only the pixels it picks are warped.
 */
export interface WarpPlan {
  readonly kind: 'warp'
  readonly level: number
  readonly size: Size
  readonly units: readonly WarpUnit[]
  /** Between the pixels of the warped grid and the level's. */
  readonly transforms: PixelTransforms
  readonly kernel: Reprojection
  /** Columns and rows of the warped pixels that are wanted. */
  readonly picked: PickedPixels
  readonly second: SecondStep
  /** Source pixels that all units need together; null when none does. */
  readonly window: Window | null
}

/** Bands of the warped dataset that a read covers. */
export interface AskedBands {
  /** Alpha included. */
  readonly bands: number
  /** Every one: GDAL then warps straight to the grid; else it warps at the overview's size first. */
  readonly all: boolean
  /** Nodata decides which samples are valid. */
  readonly nodata: boolean
  /** The file has neither nodata nor an alpha band; GDAL adds one and warps block by block. */
  readonly addedAlpha: boolean
}

/** Plans what rio-tiler's WarpedVRT read does. Null: this geometry isn't ours to compute. */
export function planWarp(
  facts: PlacedFacts,
  grid: Grid,
  projection: Projection,
  parameters: ReadParameters,
  asked: AskedBands,
): WarpPlan | null {
  const [left, bottom, right, top] = grid.bounds
  // Where GDAL has no idea of the file's resolution here, the grid's own serves.
  const resolution = warpResolution(facts, projection) ?? [Infinity, Infinity]
  const full: Size = {
    width: nativeSize(right - left, grid.width, resolution[0]),
    height: nativeSize(top - bottom, grid.height, resolution[1]),
  }
  // rio-tiler reads a window of a warped dataset that is larger by the padding: no short cut then, and overviews of that.
  const { padding = 0 } = parameters
  const padded: Size = { width: full.width + 2 * padding, height: full.height + 2 * padding }
  const virtual = virtualOverviews(facts, padded)
  const { resampling } = parameters
  const level =
    asked.all && padding === 0
      ? chooseOverview(padded, virtual, full, grid, resampling)
      : chooseForWindow(padded, virtual, full, grid, resampling, asked)
  const native = virtual[level] ?? padded
  const window = secondStep(
    atLevel(axisOf(grid.width, padding, full.width), padded.width, native.width),
    atLevel(axisOf(grid.height, padding, full.height), padded.height, native.height),
    resampling,
  )
  const atOnce = asked.all && (padding === 0 || (level >= 0 && losesWindow(window, resampling, asked.bands)))
  const size = atOnce ? { width: grid.width, height: grid.height } : native
  // The order of these products decides the last bit, and with it pixels whose centre falls on an edge.
  const [nativeX, nativeY] = [(right - left) / full.width, (bottom - top) / full.height]
  const stepX = step(nativeX, padded.width, native.width, size.width, level >= 0)
  const stepY = step(nativeY, padded.height, native.height, size.height, level >= 0)
  const [originX, originY] = [nativeX * -padding + left, nativeY * -padding + top]
  const place = [originX, stepX, 0, originY, 0, stepY] as const
  const transforms = pixelTransforms(facts, level, projection, place, (left + right) / 2)
  if (transforms === null) return null
  const second = atOnce ? sameSize(size) : window
  const radius = kernelRadius[parameters.reproject]
  if (isTooMuch(size, second)) return null
  const pieces = { raster: size, level: levelSize(facts, level), transforms }
  const whole = atOnce && !asked.addedAlpha ? unitsOf(pieces, size, radius, true) : null
  const units =
    whole !== null && fitsWarpMemory(facts, whole[0]?.source?.window ?? null, size, asked.nodata)
      ? whole
      : unitsOf(pieces, { width: BLOCK_WIDTH, height: BLOCK_HEIGHT }, radius, false)
  return {
    kind: 'warp',
    level,
    size,
    units,
    transforms,
    kernel: parameters.reproject,
    picked: pickedBy(second, size),
    second,
    window: unionOf(units),
  }
}

/** Of a file without overviews some bands may be warped at its full resolution, whatever the grid's. */
function isTooMuch(size: Size, second: SecondStep): boolean {
  const blocks = Math.ceil(size.width / BLOCK_WIDTH) * Math.ceil(size.height / BLOCK_HEIGHT)
  return blocks > MAX_BLOCKS || (second.kernel !== 'nearest' && size.width * size.height > MAX_PIXELS)
}

/** Cuts a warped grid in pieces, each with its own source window and scale. */
function unitsOf(place: Omit<UnitPlace, 'unit'>, piece: Size, radius: number, whole: boolean): WarpUnit[] {
  const { raster } = place
  const units: WarpUnit[] = []
  for (let y = 0; y < raster.height; y += piece.height) {
    for (let x = 0; x < raster.width; x += piece.width) {
      const width = Math.min(piece.width, raster.width - x)
      const target = { x, y, width, height: Math.min(piece.height, raster.height - y) }
      units.push({ target, source: sourceWindowOf({ ...place, unit: target }, radius, whole) })
    }
  }
  return units
}

/** GDAL's default memory of a warp: what needs more at once goes block by block (VRTWarpedDataset::IRasterIO). */
function fitsWarpMemory(facts: PlacedFacts, window: Size | null, size: Size, nodata: boolean): boolean {
  if (window === null) return true
  const bands = facts.bands.length
  const samples = 8 * bytesPerSample(facts.bands[0]?.dataType ?? 'uint8') * bands
  const mask = facts.alphaBand !== null ? 32 : facts.maskKind === 'dataset' ? 1 : 0
  const validity = nodata ? bands : 0
  const source = (samples + mask + validity) * window.width * window.height
  return source + (samples + validity) * size.width * size.height <= WARP_MEMORY_BITS
}

/** Pixels the extent has at the file's own resolution, or the grid's own count where the grid is finer. */
function nativeSize(extent: number, pixels: number, resolution: number): number {
  const wanted = extent / pixels
  return Math.max(1, roundHalfEven(extent / Math.min(resolution, wanted)))
}

/** The overviews a warped dataset shows: both sides reduced by the source's x ratio, up to the first that vanishes. */
function virtualOverviews(facts: PlacedFacts, full: Size): Size[] {
  const sizes: Size[] = []
  for (const overview of facts.overviews) {
    const ratio = facts.width / overview.width
    const size = { width: Math.trunc(full.width / ratio + 0.5), height: Math.trunc(full.height / ratio + 0.5) }
    if (size.width < 1 || size.height < 1) break
    sizes.push(size)
  }
  return sizes
}

function step(base: number, full: number, native: number, target: number, reduced: boolean): number {
  if (!reduced) return base * (full / target)
  const atLevel = base * (full / native)
  return target === native ? atLevel : atLevel * (native / target)
}

function unionOf(units: readonly WarpUnit[]): Window | null {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { source } of units) {
    if (source === null) continue
    const { x, y, width, height } = source.window
    x0 = Math.min(x0, x)
    y0 = Math.min(y0, y)
    x1 = Math.max(x1, x + width)
    y1 = Math.max(y1, y + height)
  }
  return x0 < x1 ? { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } : null
}
