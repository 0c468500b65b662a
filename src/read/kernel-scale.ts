import type { PointTransform } from './point-transform.ts'
import type { Window } from './source-window.ts'

/** Points a side of the sampled scale. */
const SAMPLES = 10
/** Scales below this share of the largest are of pixels on a discontinuity. */
const OUTLIER = 10

/** Grid pixels per source pixel along one axis, a whole reduction when it is nearly one (GDALWarpKernel::PerformWarp). */
export function kernelScale(target: number, size: number, extra: number): number {
  if (size >= target && size <= target + extra) return 1
  const scale = target / (size - extra)
  if (!(scale < 1)) return scale
  const inverse = Math.trunc(1 / scale + 0.5)
  return Math.abs(1 / scale - inverse) < 0.05 ? 1 / inverse : scale
}

/**
 * The x scale as the mean of what pixels here and there say. GDAL takes the points from the grid's corner, not from the unit's, and
 * so does this. Null when no point has an answer.
 */
export function sampledScale(unit: Window, toSource: PointTransform): number | null {
  const columns = Math.min(SAMPLES, unit.width)
  const rows = Math.min(SAMPLES, unit.height)
  const xs = new Float64Array(3 * columns * rows)
  const ys = new Float64Array(3 * columns * rows)
  for (let row = 0, at = 0; row < rows; row++) {
    const y = rows === 1 ? 0 : (row * unit.height) / (rows - 1)
    for (let column = 0; column < columns; column++, at += 3) {
      const x = columns === 1 ? 0 : (column * unit.width) / (columns - 1)
      xs.fill(x, at, at + 3)
      ys.fill(y, at, at + 3)
      xs[at + 1] = column === columns - 1 ? x - 1 : x + 1
      ys[at + 2] = row === rows - 1 ? y - 1 : y + 1
    }
  }
  toSource(xs, ys, xs.length)
  const scales: number[] = []
  for (let at = 0; at < xs.length; at += 3) {
    const step = Math.max(Math.abs(xs[at + 1]! - xs[at]!), Math.abs(xs[at + 2]! - xs[at]!))
    if (!Number.isNaN(step)) scales.push(1 / step)
  }
  const largest = Math.max(...scales)
  const regular = scales.filter((scale) => scale > largest / OUTLIER)
  return regular.length === 0 ? null : regular.reduce((sum, scale) => sum + scale, 0) / regular.length
}
