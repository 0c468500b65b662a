import type { Size } from './dataset-facts.ts'
import type { Project } from './projection.ts'

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

const SIDE_POINTS = 21

/**
 * Source window and kernel scale of a warp unit (GDALWarpOperation::ComputeSourceWindow and WarpRegionToBuffer).
 * `toPixel` maps a destination pixel position to the source level; `radius` is the kernel's. `loseExtra` is the defect of
 * GDAL ≤ 3.12 that forgets the padding when it warps a whole warped dataset at once. Null: nothing of the source is needed.
 */
export function sourceWindowOf(
  unit: Window,
  level: Size,
  radius: number,
  toPixel: Project,
  loseExtra: boolean,
): SourceWindow | null {
  const out = new Float64Array(2)
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  const visit = (x: number, y: number) => {
    toPixel(x, y, out)
    const [px, py] = [out[0]!, out[1]!]
    if (!Number.isFinite(px + py)) return
    minX = Math.min(minX, px)
    maxX = Math.max(maxX, px)
    minY = Math.min(minY, py)
    maxY = Math.max(maxY, py)
  }
  for (let k = 0; k < SIDE_POINTS; k++) {
    const share = k === SIDE_POINTS - 1 ? 1 : k * 0.05
    const x = unit.x + share * unit.width
    const y = unit.y + share * unit.height
    visit(x, unit.y)
    visit(x, unit.y + unit.height)
    visit(unit.x, y)
    visit(unit.x + unit.width, y)
  }
  if (!(minX <= maxX)) return null
  minX = snap(minX)
  minY = snap(minY)
  maxX = snap(maxX)
  maxY = snap(maxY)
  if (maxX <= 0 || minX >= level.width || maxY <= 0 || minY >= level.height) return null
  const x = axisWindow(unit.width, level.width, radius, minX, maxX, loseExtra)
  const y = axisWindow(unit.height, level.height, radius, minY, maxY, loseExtra)
  if (x.size <= 0 || y.size <= 0) return null
  return {
    window: { x: x.offset, y: y.offset, width: x.size, height: y.size },
    scaleX: x.scale,
    scaleY: y.scale,
  }
}

/** A value within 1e-6 of a whole number is that number. */
function snap(value: number): number {
  const rounded = Math.floor(value + 0.5)
  return Math.abs(value - rounded) < 1e-6 ? rounded : value
}

function axisWindow(target: number, level: number, radius: number, min: number, max: number, loseExtra: boolean) {
  const ratio = Math.max(1e-3, target / (max - min))
  const padding = ratio < 0.95 ? Math.ceil(radius / ratio) : radius
  const first = Math.trunc(Math.max(0, min))
  const last = Math.min(Math.ceil(max), level)
  const raw = Math.max(0, Math.min(level - first, max - min))
  let offset = 0
  let size = level
  if (last - first <= 0.9 * level) {
    offset = clamp(first - padding, 0, level)
    size = clamp(last - offset + padding, 0, level - offset)
  }
  const extra = loseExtra ? 0 : size - raw
  return { offset, size, scale: kernelScale(target, size, extra) }
}

function kernelScale(target: number, size: number, extra: number): number {
  if (size >= target && size <= target + extra) return 1
  const scale = target / (size - extra)
  if (scale >= 1) return scale
  const inverse = Math.trunc(1 / scale + 0.5)
  return Math.abs(1 / scale - inverse) < 0.05 ? 1 / inverse : scale
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
