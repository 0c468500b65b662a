import type { Size } from './dataset-facts.ts'
import { kernelScale, sampledScale } from './kernel-scale.ts'
import type { PixelTransforms } from './pixel-transforms.ts'
import { type Reach, sourceReach } from './source-reach.ts'

/** Whole pixels of one level of a file. */
export interface Window extends Size {
  readonly x: number
  readonly y: number
}

/** Source pixels one warp unit reads, and the scale its kernel works at (1 = no reduction). */
export interface SourceWindow {
  readonly window: Window
  readonly scaleX: number
  readonly scaleY: number
}

/** Added to the window where the projection has holes. */
const FAILURE_MARGIN = 10
/** A y scale this many times the x scale says that x was measured across the antimeridian. */
const SUSPICIOUS_SCALES = 100

/** What is warped: a unit of a grid `raster`, from a level of a file. */
export interface UnitPlace {
  readonly unit: Window
  readonly raster: Size
  readonly level: Size
  readonly transforms: PixelTransforms
}

/**
 * Source window and kernel scale of a warp unit (GDALWarpOperation::ComputeSourceWindow and GDALWarpKernel::PerformWarp, GDAL
 * 3.10). `radius` is the kernel's. `loseExtra` is the defect of GDAL ≤ 3.12 that forgets the padding when it warps a whole
 * warped dataset at once. Null: nothing of the source is needed.
 */
export function sourceWindowOf(place: UnitPlace, radius: number, loseExtra: boolean): SourceWindow | null {
  const { unit, level, transforms } = place
  const reach = sourceReach(place)
  if (reach === null) return null
  const { minX, minY, maxX, maxY, incomplete } = snapped(reach)
  if (minX > level.width || maxX < 0 || minY > level.height || maxY < 0) return null
  const x = axisWindow(unit.width, level.width, radius, minX, maxX, incomplete)
  const y = axisWindow(unit.height, level.height, radius, minY, maxY, incomplete)
  if (x.size <= 0 || y.size <= 0) return null
  const scaleX = kernelScale(unit.width, x.size, loseExtra ? 0 : x.extra)
  const scaleY = kernelScale(unit.height, y.size, loseExtra ? 0 : y.extra)
  return {
    window: { x: x.offset, y: y.offset, width: x.size, height: y.size },
    scaleX: scaleY / scaleX > SUSPICIOUS_SCALES ? (sampledScale(unit, transforms.toSource) ?? scaleX) : scaleX,
    scaleY,
  }
}

function snapped({ minX, minY, maxX, maxY, incomplete }: Reach): Reach {
  return { minX: snap(minX), minY: snap(minY), maxX: snap(maxX), maxY: snap(maxY), incomplete }
}

/** A value within 1e-6 of a whole number is that number. */
function snap(value: number): number {
  const rounded = Math.floor(value + 0.5)
  return Math.abs(value - rounded) < 1e-6 ? rounded : value
}

function axisWindow(target: number, level: number, radius: number, min: number, max: number, incomplete: boolean) {
  const ratio = Math.max(1e-3, target / (max - min))
  const reach = ratio < 0.95 ? Math.ceil(radius / ratio) : radius
  const padding = incomplete ? reach + FAILURE_MARGIN : reach
  const first = Math.trunc(Math.max(0, min))
  const last = Math.min(Math.ceil(max), level)
  const raw = Math.max(0, Math.min(level - first, max - min))
  let offset = 0
  let size = level
  if (last - first <= 0.9 * level) {
    offset = clamp(first - padding, 0, level)
    size = clamp(last - offset + padding, 0, level - offset)
  }
  return { offset, size, extra: size - raw }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
