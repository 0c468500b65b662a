import { recycle, takeArray } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import { AxisTaps } from './axis-taps.ts'
import { type WeighingKernel, weighingRadius } from './kernel-weights.ts'
import { storedValue, type UnitJob } from './warp-job.ts'

/** Rows of the first pass are kept in whole steps of this many numbers, so that the units of other tiles can use the array too. */
const STEP = 16_384
/** As of `Convolution`. */
const MIN_WEIGHT = 1e-6
const UNIT_WEIGHT = 1e-5

/**
 * Which of GDAL's ways the passes stand for: the kernel over four or sixteen samples, which never divides by the weights; that for
 * sources without holes, which always does; that for others.
 */
export type Passes = 'full' | 'plain' | 'masked'

/**
 * A kernel over one unit where x and y don't depend on each other and every sample counts: first along rows, then along columns,
 * instead of a square of samples for each pixel. The same sums, added in another order. At full scale `atEdge` samples the pixels
 * whose kernel leaves the window. Yields between bands.
 */
export function* twoPassUnit(
  unit: UnitJob,
  kernel: WeighingKernel,
  passes: Passes,
  atEdge?: (x: number, y: number, at: number) => void,
): Generator<void> {
  const { job, source, lines, origin, stride } = unit
  const { window } = source
  const { start, end } = lines.columns
  const columns = end - start
  const rows = lines.rows.end - lines.rows.start
  if (columns <= 0 || rows <= 0) return
  const masked = passes === 'masked'
  const across = new AxisTaps(kernel, passes === 'full' ? 1 : source.scaleX, window.width, masked, columns)
  const xs = new Float64Array(columns)
  for (let i = 0; i < columns; i++) xs[i] = lines.xs[job.plan.picked.columns[start + i]! - lines.unit.x]!
  for (let i = 0; i < columns; i++) across.set(i, xs[i]!)
  const down = new AxisTaps(kernel, passes === 'full' ? 1 : source.scaleY, window.height, masked, rows)
  for (let j = 0; j < rows; j++) down.set(j, lines.rowPosition(lines.rows.start + j))
  const [firstRow, endRow] = rowsNeeded(down)
  if (firstRow >= endRow) return
  const reduced = takeArray('float64', Math.ceil(((endRow - firstRow) * columns) / STEP) * STEP) as Float64Array
  const sums = new Float64Array(columns)
  const top = origin + firstRow * stride
  try {
    for (const [b, samples] of job.sources.entries()) {
      reduceRows(samples, top, stride, endRow - firstRow, across, reduced)
      yield
      for (let j = 0; j < rows; j++) {
        if (down.count[j] === 0) continue
        addRows(reduced, down, j, firstRow, sums)
        storeRow(unit, sums, across, down.sum[j]!, passes, b, (lines.rows.start + j) * job.size.width + start)
      }
      yield
    }
  } finally {
    recycle([reduced])
  }
  if (atEdge === undefined) return
  const whole = 2 * weighingRadius[kernel]
  for (let j = 0; j < rows; j++) {
    if (down.count[j] === 0) continue
    const y = lines.rowPosition(lines.rows.start + j)
    for (let i = 0; i < columns; i++) {
      if (across.count[i] === 0 || (down.count[j] === whole && across.count[i] === whole)) continue
      atEdge(xs[i]!, y, (lines.rows.start + j) * job.size.width + start + i)
    }
  }
}

function rowsNeeded({ first, count }: AxisTaps): readonly [first: number, end: number] {
  let from = Infinity
  let to = -Infinity
  for (let j = 0; j < first.length; j++) {
    if (count[j] === 0) continue
    from = Math.min(from, first[j]!)
    to = Math.max(to, first[j]! + count[j]!)
  }
  return [from, to]
}

function reduceRows(
  samples: TypedArray,
  origin: number,
  stride: number,
  rows: number,
  { first, count, weights, max }: AxisTaps,
  reduced: Float64Array,
): void {
  const columns = first.length
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    const line = origin + row * stride
    for (let i = 0, w = 0; i < columns; i++, w += max) {
      const from = line + first[i]!
      const taps = count[i]!
      let sum = 0
      for (let k = 0; k < taps; k++) sum += samples[from + k]! * weights[w + k]!
      reduced[at + i] = sum
    }
  }
}

/** The weighted sum of the reduced rows that position `j` needs. */
function addRows(
  reduced: Float64Array,
  { first, count, weights, max }: AxisTaps,
  j: number,
  firstRow: number,
  sums: Float64Array,
): void {
  const columns = sums.length
  sums.fill(0)
  for (let k = 0; k < count[j]!; k++) {
    const weight = weights[j * max + k]!
    const row = (first[j]! + k - firstRow) * columns
    for (let i = 0; i < columns; i++) sums[i]! += reduced[row + i]! * weight
  }
}

function storeRow(
  { job }: UnitJob,
  sums: Float64Array,
  { count, sum }: AxisTaps,
  sumDown: number,
  passes: Passes,
  band: number,
  at: number,
): void {
  const target = job.targets[band]!
  const { type, nodata, covered } = job
  // Weighted means of bytes lie between them: a byte array cuts by itself. Kernels with negative weights don't.
  const bytes = type === 'uint8' && nodata === null && job.plan.kernel === 'bilinear'
  for (let i = 0; i < sums.length; i++) {
    if (count[i] === 0) continue
    const total = sum[i]! * sumDown
    if (passes === 'masked' && total < MIN_WEIGHT) continue
    const divide = passes === 'plain' || (passes === 'masked' && Math.abs(total - 1) > UNIT_WEIGHT)
    const value = divide ? sums[i]! / total : sums[i]!
    target[at + i] = bytes ? value + 0.5 : storedValue(value, type, nodata)
    covered[at + i] = 255
  }
}
