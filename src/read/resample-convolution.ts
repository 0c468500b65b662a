import { recycle, takeArray } from '../raster/array-pool.ts'
import type { AxisMap, Chunk } from './resample-axis.ts'
import { type ResampleChunk, sourceRow, targetRow } from './resample-job.ts'
import { type ConvolutionKernel, hasNegativeWeights, kernelWeight, resampleRadius } from './resample-kernel.ts'
import { rowRounding } from './resample-rounding.ts'

/** The kernel along one axis: position i takes `count[i]` level pixels from chunk pixel `first[i]` on. */
interface Taps {
  readonly first: Int32Array
  readonly count: Int32Array
  readonly weights: Float64Array
  /** Weights to a position. */
  readonly most: number
}

/**
 * GDALResampleChunk_Convolution: along rows, then along columns, the kernel widened when reducing. With a mask a sample counts by
 * its mask value; cubic and Lanczos also want half of their samples in one run.
 */
export function* convolve(chunk: ResampleChunk, kernel: ConvolutionKernel): Generator<void> {
  const { job, columns, rows, mask } = chunk
  const across = tapsOf(chunk.across, columns, kernel, mask === null)
  const down = tapsOf(chunk.down, rows, kernel, mask === null)
  const width = columns.end - columns.start
  const reduced = takeArray('float64', (rows.to - rows.from) * width) as Float64Array
  const valid = mask === null ? null : (takeArray('uint8', reduced.length) as Uint8Array)
  const line = new Float64Array(columns.to - columns.from)
  const strict = hasNegativeWeights(kernel)
  for (let row = rows.from, at = 0; row < rows.to; row++, at += width) {
    const from = sourceRow(chunk, row)
    line.set(job.source.subarray(from, from + line.length))
    if (mask === null || valid === null) reduceLine(line, across, reduced, at)
    else reduceMaskedLine(line, mask.subarray(from, from + line.length), across, strict, reduced, valid, at)
    yield
  }
  const round = rowRounding(job.type, job.nodata, kernel === 'bilinear' ? null : job.most)
  const sums = new Float64Array(width)
  const totals = new Float64Array(width)
  for (let j = 0; j < down.first.length; j++) {
    if (valid === null) addRows(reduced, down, j, sums)
    else addMaskedRows(reduced, valid, down, j, strict, sums, totals)
    round(sums)
    if (valid !== null) fillInvalid(sums, totals, job.nodata ?? 0)
    job.target.set(sums, targetRow(chunk, rows.start + j))
    yield
  }
  recycle([reduced, valid])
}

function tapsOf(map: AxisMap, chunk: Chunk, kernel: ConvolutionKernel, normalised: boolean): Taps {
  const { ratio, origin, shift, delta } = map
  const scale = Math.min(1 / ratio, 1)
  const radius = resampleRadius[kernel] / scale
  const weigh = kernelWeight[kernel]
  const count = chunk.end - chunk.start
  const most = Math.trunc(2 + 2 * radius + 0.5)
  const taps: Taps = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Float64Array(count * most),
    most,
  }
  for (let i = 0; i < count; i++) {
    const centre = (chunk.start + i + shift + 0.5) * ratio + delta
    const first = Math.max(chunk.from - origin, Math.floor(centre - radius + 0.5))
    const last = Math.min(chunk.to - origin, Math.trunc(centre + radius + 0.5))
    taps.first[i] = first + origin - chunk.from
    taps.count[i] = Math.max(0, last - first)
    let sum = 0
    let x = scale * (first - centre + 0.5)
    for (let k = 0; k < last - first; k++, x += scale) {
      const weight = weigh(x)
      taps.weights[i * most + k] = weight
      sum += weight
    }
    if (!normalised || sum === 0) continue
    const inverse = 1 / sum
    for (let k = 0; k < last - first; k++) taps.weights[i * most + k]! *= inverse
  }
  return taps
}

function reduceLine(
  line: Float64Array,
  { first, count, weights, most }: Taps,
  reduced: Float64Array,
  at: number,
): void {
  for (let i = 0; i < first.length; i++) {
    const from = first[i]!
    const end = from + count[i]!
    let sum = 0
    for (let t = from, w = i * most; t < end; t++, w++) sum += line[t]! * weights[w]!
    reduced[at + i] = sum
  }
}

function reduceMaskedLine(
  line: Float64Array,
  mask: Uint8Array,
  { first, count, weights, most }: Taps,
  strict: boolean,
  reduced: Float64Array,
  valid: Uint8Array,
  at: number,
): void {
  for (let i = 0; i < first.length; i++) {
    const from = first[i]!
    const end = from + count[i]!
    let sum = 0
    let total = 0
    let run = 0
    let longest = 0
    for (let t = from, w = i * most; t < end; t++, w++) {
      const share = mask[t]!
      run = share === 0 ? 0 : run + 1
      if (run > longest) longest = run
      // Invalid samples weigh 0, but NaN times 0 is NaN, in GDAL too.
      const weight = weights[w]! * share
      sum += line[t]! * weight
      total += weight
    }
    const known = total > 0 && !(strict && longest < count[i]! >> 1)
    valid[at + i] = known ? 1 : 0
    reduced[at + i] = known ? sum / total : 0
  }
}

function addRows(reduced: Float64Array, { first, count, weights, most }: Taps, j: number, sums: Float64Array): void {
  const width = sums.length
  sums.fill(0)
  for (let k = 0; k < count[j]!; k++) {
    const weight = weights[j * most + k]!
    const row = (first[j]! + k) * width
    for (let i = 0; i < width; i++) sums[i]! += reduced[row + i]! * weight
  }
}

/** `totals` is 0 where nothing is valid. */
function addMaskedRows(
  reduced: Float64Array,
  valid: Uint8Array,
  { first, count, weights, most }: Taps,
  j: number,
  strict: boolean,
  sums: Float64Array,
  totals: Float64Array,
): void {
  const width = sums.length
  const taps = count[j]!
  for (let i = 0; i < width; i++) {
    let sum = 0
    let total = 0
    let run = 0
    let longest = 0
    for (let k = 0, at = first[j]! * width + i; k < taps; k++, at += width) {
      if (valid[at] === 0) {
        run = 0
        continue
      }
      if (++run > longest) longest = run
      const weight = weights[j * most + k]!
      sum += reduced[at]! * weight
      total += weight
    }
    const known = total > 0 && !(strict && longest < taps >> 1)
    totals[i] = known ? total : 0
    sums[i] = known ? sum / total : 0
  }
}

function fillInvalid(values: Float64Array, totals: Float64Array, nodata: number): void {
  for (let i = 0; i < values.length; i++) if (totals[i] === 0) values[i] = nodata
}
