import type { AxisMap, Chunk } from './resample-axis.ts'
import { type ResampleChunk, sourceRow, targetRow } from './resample-job.ts'
import { rowRounding } from './resample-rounding.ts'

/** Binomial weights along one axis, by the reduction along the rows' axis (GDALResampleChunk_Gauss takes that for both). */
const kernels = [
  [1, 2, 1],
  [1, 4, 6, 4, 1],
  [1, 6, 15, 20, 15, 6, 1],
] as const

/** Where the kernel lies for each grid pixel of an axis: chunk pixels [first, end), from weight `skipped` on. */
export interface GaussTaps {
  readonly first: Int32Array
  readonly end: Int32Array
  readonly skipped: Int32Array
}

export function gaussWeights(chunk: ResampleChunk): readonly number[] {
  const factor = Math.trunc(0.5 + chunk.down.ratio)
  return factor <= 2 ? kernels[0] : factor <= 4 ? kernels[1] : kernels[2]
}

/** GDAL's Gauss starts at whole pixels: the fraction of the window's offset is lost. */
export function gaussTaps({ ratio, origin, shift }: AxisMap, chunk: Chunk, size: number): GaussTaps {
  const count = chunk.end - chunk.start
  const taps: GaussTaps = {
    first: new Int32Array(count),
    end: new Int32Array(count),
    skipped: new Int32Array(count),
  }
  const [low, high] = [chunk.from - origin, chunk.to - origin]
  for (let i = 0; i < count; i++) {
    const position = chunk.start + i + shift
    let from = Math.trunc(0.5 + position * ratio)
    let to = Math.trunc(0.5 + (position + 1) * ratio) + 1
    if (from < low) {
      from = low
      to++
    }
    from += Math.trunc((to - from) / 2) - Math.trunc(size / 2)
    const skipped = Math.max(0, low - from)
    taps.first[i] = from + skipped - low
    taps.end[i] = Math.min(high, from + size) - low
    taps.skipped[i] = skipped
  }
  return taps
}

/** A binomial kernel of fixed size around the middle of what lies under a grid pixel; invalid samples weigh nothing. */
export function* gauss(chunk: ResampleChunk): Generator<void> {
  const { job, columns, rows, mask } = chunk
  const weights = gaussWeights(chunk)
  const across = gaussTaps(chunk.across, columns, weights.length)
  const down = gaussTaps(chunk.down, rows, weights.length)
  const values = new Float64Array(columns.end - columns.start)
  const totals = new Float64Array(values.length)
  const line = new Float64Array(columns.to - columns.from)
  const round = rowRounding(job.type, null, null)
  const empty = job.nodata ?? 0
  for (let j = 0; j < rows.end - rows.start; j++) {
    values.fill(0)
    totals.fill(0)
    for (let row = down.first[j]!; row < down.end[j]!; row++) {
      const from = sourceRow(chunk, rows.from + row)
      const weightDown = weights[row - down.first[j]! + down.skipped[j]!]!
      line.set(job.source.subarray(from, from + line.length))
      for (let i = 0; i < values.length; i++) {
        const first = across.first[i]!
        for (let t = first; t < across.end[i]!; t++) {
          if (mask !== null && mask[from + t] === 0) continue
          const weight = weights[t - first + across.skipped[i]!]! * weightDown
          values[i]! += line[t]! * weight
          totals[i]! += weight
        }
      }
    }
    for (let i = 0; i < values.length; i++) values[i] = totals[i] === 0 ? empty : values[i]! / totals[i]!
    round(values)
    job.target.set(values, targetRow(chunk, rows.start + j))
    yield
  }
}
