import type { TypedArray } from '../raster/data-type.ts'
import { type BilinearJob, kernelReach, storedValue, triangle } from './bilinear-warp.ts'
import type { SourceWindow } from './source-window.ts'
import type { UnitLines } from './unit-lines.ts'

/** The kernel along one axis: for each position `taps` weights from source pixel `first` on, and their sum. */
interface AxisKernel {
  /** −1 where the position has no place in the source. */
  readonly first: Int32Array
  readonly weights: Float64Array
  readonly sums: Float64Array
  readonly taps: number
}

/**
 * A reducing bilinear warp of one unit where x and y don't depend on each other: first along rows, then along columns, instead of
 * a square of samples for each pixel. The same sums, added in another order.
 */
export function* twoPassUnit(job: BilinearJob, source: SourceWindow, lines: UnitLines): Generator<void> {
  const { window } = source
  const { start, end } = lines.columns
  const rowCount = lines.rows.end - lines.rows.start
  if (end <= start || rowCount <= 0) return
  lines.fillRow(lines.rows.start)
  const ys = new Float64Array(rowCount)
  for (let j = 0; j < rowCount; j++) ys[j] = lines.rowPosition(lines.rows.start + j)
  const across = axisKernel(lines.xs.subarray(start, end), source.scaleX, window.width)
  const down = axisKernel(ys, source.scaleY, window.height)
  const origin = (window.y - job.block.y) * job.block.width + (window.x - job.block.x)
  const reduced = new Float64Array(window.height * across.first.length)
  for (const [b, samples] of job.sources.entries()) {
    reduceRows(samples, origin, job.block.width, window.height, across, reduced)
    yield
    const target = job.targets[b]!
    for (let j = 0; j < rowCount; j++) {
      if (down.first[j]! >= 0)
        reduceColumns(job, reduced, across, down, j, target, (lines.rows.start + j) * job.size.width + start)
    }
    yield
  }
  for (let j = 0; j < rowCount; j++) {
    if (down.first[j]! < 0) continue
    const at = (lines.rows.start + j) * job.size.width + start
    for (let i = 0; i < across.first.length; i++) if (across.first[i]! >= 0) job.covered[at + i] = 255
  }
}

function axisKernel(positions: Float64Array, axisScale: number, size: number): AxisKernel {
  const reach = kernelReach(axisScale)
  const scale = Math.min(axisScale, 1)
  const taps = Math.min(2 * reach, size)
  const first = new Int32Array(positions.length).fill(-1)
  const weights = new Float64Array(positions.length * taps)
  const sums = new Float64Array(positions.length)
  for (const [i, position] of positions.entries()) {
    if (Number.isNaN(position)) continue
    const pixel = Math.floor(position - 0.5)
    const delta = position - 0.5 - pixel
    // The taps of a position at the window's edge are shifted inwards; what lies beyond the kernel weighs nothing.
    const from = Math.max(0, Math.min(size - taps, pixel + 1 - reach))
    first[i] = from
    for (let k = 0; k < taps; k++) {
      const offset = from + k - pixel
      const weight = offset > reach || offset < 1 - reach ? 0 : triangle((offset - delta) * scale)
      weights[i * taps + k] = weight
      sums[i]! += weight
    }
  }
  return { first, weights, sums, taps }
}

function reduceRows(
  samples: TypedArray,
  origin: number,
  stride: number,
  rows: number,
  { first, weights, taps }: AxisKernel,
  reduced: Float64Array,
): void {
  const columns = first.length
  for (let row = 0; row < rows; row++) {
    const line = origin + row * stride
    const at = row * columns
    for (let i = 0; i < columns; i++) {
      const from = first[i]!
      if (from < 0) continue
      let sum = 0
      for (let k = 0; k < taps; k++) sum += samples[line + from + k]! * weights[i * taps + k]!
      reduced[at + i] = sum
    }
  }
}

function reduceColumns(
  job: BilinearJob,
  reduced: Float64Array,
  across: AxisKernel,
  down: AxisKernel,
  j: number,
  target: TypedArray,
  at: number,
): void {
  const columns = across.first.length
  const from = down.first[j]! * columns
  const { taps } = down
  for (let i = 0; i < columns; i++) {
    if (across.first[i]! < 0) continue
    let sum = 0
    for (let k = 0; k < taps; k++) sum += reduced[from + k * columns + i]! * down.weights[j * taps + k]!
    target[at + i] = storedValue(sum / (across.sums[i]! * down.sums[j]!), job.type, job.nodata)
  }
}
