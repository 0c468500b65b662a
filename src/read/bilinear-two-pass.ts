import { recycle, takeArray } from '../raster/array-pool.ts'
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

const STEP = 16_384

/** Rows between the two passes; one array for all units of a warp. */
export class RowBuffer {
  #array: Float64Array | null = null

  /** At least `length` numbers of unspecified value. */
  ofLength(length: number): Float64Array {
    if (this.#array === null || this.#array.length < length) {
      recycle([this.#array])
      // Whole steps, so that the units of other tiles can use it too.
      this.#array = takeArray('float64', Math.ceil(length / STEP) * STEP) as Float64Array
    }
    return this.#array
  }

  /** Must be called at the end of the warp. */
  release(): void {
    recycle([this.#array])
    this.#array = null
  }
}

/**
 * A reducing bilinear warp of one unit where x and y don't depend on each other: first along rows, then along columns, instead of
 * a square of samples for each pixel. The same sums, added in another order.
 */
export function* twoPassUnit(
  job: BilinearJob,
  source: SourceWindow,
  lines: UnitLines,
  pickedColumns: Int32Array,
  buffer: RowBuffer,
): Generator<void> {
  const { window } = source
  const { start, end } = lines.columns
  const rowCount = lines.rows.end - lines.rows.start
  if (end <= start || rowCount <= 0) return
  const xs = Float64Array.from(pickedColumns.subarray(start, end), (column) => lines.xs[column - lines.unit.x]!)
  const ys = new Float64Array(rowCount)
  for (let j = 0; j < rowCount; j++) ys[j] = lines.rowPosition(lines.rows.start + j)
  const across = axisKernel(xs, source.scaleX, window.width)
  const down = axisKernel(ys, source.scaleY, window.height)
  const origin = (window.y - job.block.y) * job.block.width + (window.x - job.block.x)
  const columns = across.first.length
  const reduced = buffer.ofLength(window.height * columns)
  const sums = new Float64Array(columns)
  for (const [b, samples] of job.sources.entries()) {
    if (across.taps === 4) reduceRowsBy4(samples, origin, job.block.width, window.height, across, reduced)
    else reduceRows(samples, origin, job.block.width, window.height, across, reduced)
    yield
    for (let j = 0; j < rowCount; j++) {
      if (down.first[j]! < 0) continue
      addRows(reduced, down, j, sums)
      storeRow(job, sums, across, down.sums[j]!, job.targets[b]!, (lines.rows.start + j) * job.size.width + start)
    }
    yield
  }
  for (let j = 0; j < rowCount; j++) {
    if (down.first[j]! < 0) continue
    const at = (lines.rows.start + j) * job.size.width + start
    for (let i = 0; i < columns; i++) if (across.first[i]! >= 0) job.covered[at + i] = 255
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
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    const line = origin + row * stride
    for (let i = 0, w = 0; i < columns; i++, w += taps) {
      const from = line + first[i]!
      if (first[i]! < 0) continue
      let sum = 0
      for (let k = 0; k < taps; k++) sum += samples[from + k]! * weights[w + k]!
      reduced[at + i] = sum
    }
  }
}

/** As `reduceRows`, for reductions of up to 2, which are nearly all where a file has overviews. */
function reduceRowsBy4(
  samples: TypedArray,
  origin: number,
  stride: number,
  rows: number,
  { first, weights }: AxisKernel,
  reduced: Float64Array,
): void {
  const columns = first.length
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    const line = origin + row * stride
    for (let i = 0, w = 0; i < columns; i++, w += 4) {
      const from = line + first[i]!
      if (first[i]! < 0) continue
      reduced[at + i] =
        samples[from]! * weights[w]! +
        samples[from + 1]! * weights[w + 1]! +
        samples[from + 2]! * weights[w + 2]! +
        samples[from + 3]! * weights[w + 3]!
    }
  }
}

/** The weighted sum of the reduced rows that position `j` needs. */
function addRows(reduced: Float64Array, { first, weights, taps }: AxisKernel, j: number, sums: Float64Array): void {
  const columns = sums.length
  sums.fill(0)
  for (let k = 0; k < taps; k++) {
    const weight = weights[j * taps + k]!
    if (weight === 0) continue
    const row = (first[j]! + k) * columns
    for (let i = 0; i < columns; i++) sums[i]! += reduced[row + i]! * weight
  }
}

function storeRow(
  job: BilinearJob,
  sums: Float64Array,
  across: AxisKernel,
  weightDown: number,
  target: TypedArray,
  at: number,
): void {
  const { first } = across
  // A weighted mean of bytes lies between them: no clamping, and a byte array cuts by itself.
  const bytes = job.type === 'uint8' && job.nodata === null
  for (let i = 0; i < first.length; i++) {
    if (first[i]! < 0) continue
    const value = sums[i]! / (across.sums[i]! * weightDown)
    target[at + i] = bytes ? value + 0.5 : storedValue(value, job.type, job.nodata)
  }
}
