import type { DataType, TypedArray } from '../raster/data-type.ts'
import { MIN_BAND_DENSITY } from './warp-job.ts'

/** Kernels that make one value of the samples in a pixel's box. */
export type BoxKernel = 'average' | 'rms' | 'mode' | 'max' | 'min' | 'med' | 'q1' | 'q3'

/** Samples under one grid pixel: their offsets in the block, and their share of the pixel where the kernel asks for it. */
export interface Box {
  count: number
  offsets: Int32Array
  weights: Float64Array
}

/** The statistic of a band's samples; `null` when there is none. */
export type BoxStatistic = (samples: TypedArray, box: Box) => number | null

/** GDAL's ways, with the order of its sums and the ties of its counts (GWKAverageOrModeThread, GDAL 3.10). */
export function boxStatistic(kernel: BoxKernel, type: DataType): BoxStatistic {
  switch (kernel) {
    case 'average':
      return average
    case 'rms':
      return rootMeanSquare
    case 'mode':
      return type === 'uint8' || type === 'uint16' || type === 'int16' ? countedMode() : listedMode()
    case 'max':
      return (samples, box) => extreme(samples, box, 1)
    case 'min':
      return (samples, box) => extreme(samples, box, -1)
    default:
      return quantile({ med: 0.5, q1: 0.25, q3: 0.75 }[kernel])
  }
}

/** A sample with less density isn't looked at. */
export function counts(density: number): boolean {
  return density > MIN_BAND_DENSITY
}

/** The mean as it grows, sample by sample: its rounding decides ties. */
function average(samples: TypedArray, { count, offsets, weights }: Box): number | null {
  let total = 0
  let mean = 0
  for (let i = 0; i < count; i++) {
    const weight = weights[i]!
    if (!(weight > 0)) continue
    total += weight
    mean += (weight / total) * (samples[offsets[i]!]! - mean)
  }
  return total > 0 ? mean : null
}

function rootMeanSquare(samples: TypedArray, { count, offsets, weights }: Box): number | null {
  let total = 0
  let sum = 0
  for (let i = 0; i < count; i++) {
    const sample = samples[offsets[i]!]!
    total += weights[i]!
    sum += sample * sample * weights[i]!
  }
  return total > 0 ? Math.sqrt(sum / total) : null
}

function extreme(samples: TypedArray, { count, offsets }: Box, sign: 1 | -1): number | null {
  if (count === 0) return null
  let most = -Number.MAX_VALUE
  for (let i = 0; i < count; i++) {
    const sample = sign * samples[offsets[i]!]!
    if (most < sample) most = sample
  }
  return sign * most
}

function quantile(share: number): BoxStatistic {
  let sorted = new Float64Array(64)
  return (samples, { count, offsets }) => {
    if (count === 0) return null
    if (sorted.length < count) sorted = new Float64Array(2 * count)
    for (let i = 0; i < count; i++) sorted[i] = samples[offsets[i]!]!
    return sorted.subarray(0, count).sort()[Math.trunc(Math.ceil(share * count - 1))]!
  }
}

/** Whole numbers of up to 16 bits: the first to reach the highest count. −1 is GDAL's mark for none. */
function countedMode(): BoxStatistic {
  const tally = new Int32Array(65_536)
  return (samples, { count, offsets }) => {
    let most = 0
    let mode = -1
    for (let i = 0; i < count; i++) {
      const sample = samples[offsets[i]!]!
      const times = ++tally[sample & 0xffff]!
      if (times > most) {
        most = times
        mode = sample
      }
    }
    for (let i = 0; i < count; i++) tally[samples[offsets[i]!]! & 0xffff] = 0
    return mode === -1 ? null : mode
  }
}

/**
 * Other numbers, in single precision, from a list of those met. A sample equal to one of them counts; only one that takes the lead by
 * that ends the search, any other is added to the list again.
 */
function listedMode(): BoxStatistic {
  let met = new Float32Array(64)
  let times = new Int32Array(64)
  const single = new Float32Array(1)
  return (samples, { count, offsets }) => {
    if (count === 0) return null
    if (met.length < count) {
      met = new Float32Array(2 * count)
      times = new Int32Array(2 * count)
    }
    let known = 0
    let leader = -1
    for (let i = 0; i < count; i++) {
      single[0] = samples[offsets[i]!]!
      const sample = single[0]
      let k = 0
      for (; k < known; k++) {
        if (met[k] === sample && ++times[k]! > times[leader]!) {
          leader = k
          break
        }
      }
      if (k < known) continue
      met[known] = sample
      times[known] = 1
      if (leader < 0) leader = known
      known++
    }
    return met[leader]!
  }
}
