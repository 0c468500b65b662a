import { TilepressError } from '../errors.ts'
import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import { type Histogram, type HistogramBins, histogramOf } from './histogram.ts'
import { sortedOrder } from './sorted-order.ts'
import { weightedSums } from './weighted-sums.ts'

export interface StatisticsOptions {
  /** Count single values instead of bins. */
  readonly categorical: boolean
  /** Values to count; empty: all there are. */
  readonly categories: readonly number[]
  /** Whole numbers, 0 to 100. */
  readonly percentiles: readonly number[]
  readonly bins: HistogramBins
}

/** In the order of titiler's answer; null where there is no number. */
export type BandStatistics = Readonly<Record<string, number | string | null | Histogram>>

/** Distinct values of one histogram: an answer of more is no table any more. */
const MOST_CATEGORIES = 65_536

/**
 * Statistics of one band (rio_tiler.utils.get_array_statistics). `mask`: 0 is masked, null is none; values that are no finite number are
 * masked too. `coverage`: the share of each pixel that counts, null for all of every pixel.
 */
export function bandStatistics(
  band: TypedArray,
  type: DataType,
  mask: Uint8Array | null,
  coverage: Float32Array | null,
  description: string,
  options: StatisticsOptions,
): BandStatistics {
  const { values, weights } = compress(band, mask, coverage)
  const pixels = band.length
  const covered = coverage === null ? pixels : countNonzero(coverage)
  const order = sortedOrder(values)
  const distinct = distinctOf(values, order)
  const extremes = values.length === 0 ? null : ([values[order[0]!]!, values[order.at(-1)!]!] as const)
  const isValid = validity(band, mask)
  const sums = weightedSums(band, type, isValid, coverage)
  const shares = [...options.percentiles.map((percentile) => percentile / 100), 0.5]
  const quantiles = weightedQuantiles(values, weights, order, shares)
  const none = values.length === 0
  return {
    min: extremes?.[0] ?? null,
    max: extremes?.[1] ?? null,
    mean: none ? null : finite(sums.mean),
    count: sums.count,
    sum: sums.sum,
    std: none ? null : finite(sums.deviation),
    median: quantiles.at(-1) ?? null,
    majority: distinct.majority,
    minority: distinct.minority,
    unique: distinct.count,
    histogram: options.categorical
      ? categories(values, order, distinct.count, type, options.categories)
      : histogramOf(values, extremes, type, options.bins),
    valid_percent: finite(roundHundredths(Math.min(values.length / covered, 1) * 100)),
    masked_pixels: pixels - values.length,
    valid_pixels: values.length,
    description,
    ...Object.fromEntries(options.percentiles.map((name, index) => [`percentile_${name}`, quantiles[index] ?? null])),
  }
}

function validity(band: TypedArray, mask: Uint8Array | null): (index: number) => boolean {
  return (index) => (mask === null || mask[index] !== 0) && Number.isFinite(band[index]!)
}

interface Compressed {
  readonly values: TypedArray
  /** Null: all are 1. */
  readonly weights: Float32Array | null
}

function compress(band: TypedArray, mask: Uint8Array | null, coverage: Float32Array | null): Compressed {
  const isValid = validity(band, mask)
  let count = 0
  for (let i = 0; i < band.length; i++) if (isValid(i)) count++
  if (count === band.length) return { values: band, weights: coverage }
  const values = band.slice(0, count)
  const weights = coverage === null ? null : new Float32Array(count)
  for (let i = 0, at = 0; i < band.length; i++) {
    if (!isValid(i)) continue
    values[at] = band[i]!
    if (weights !== null) weights[at] = coverage![i]!
    at++
  }
  return { values, weights }
}

function countNonzero(values: Float32Array): number {
  let count = 0
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++
  return count
}

/**
 * The first value at which the sum of weights reaches a share of all (an inverted distribution, nothing interpolated). numpy adds the
 * weights up in their own precision, which decides where the share is met exactly.
 */
function weightedQuantiles(
  values: TypedArray,
  weights: Float32Array | null,
  order: Uint32Array,
  shares: readonly number[],
): number[] {
  if (values.length === 0) return []
  if (weights === null) {
    return shares.map(
      (share) => values[order[Math.min(Math.max(Math.ceil(share * order.length) - 1, 0), order.length - 1)]!]!,
    )
  }
  const sums = new Float32Array(order.length)
  let sum = 0
  for (let i = 0; i < order.length; i++) {
    sum = Math.fround(sum + weights[order[i]!]!)
    sums[i] = sum
  }
  return shares.map((share) => {
    const wanted = share * sum
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! >= wanted) high = middle
      else low = middle + 1
    }
    return values[order[low]!]!
  })
}

interface Distinct {
  /** How many distinct values there are. */
  readonly count: number
  /** Of the most pixels, and of the fewest; of several the smallest. */
  readonly majority: number | null
  readonly minority: number | null
}

function distinctOf(values: TypedArray, order: Uint32Array): Distinct {
  let [count, most, fewest] = [0, 0, Infinity]
  let [majority, minority] = [0, 0]
  forEachRun(values, order, (value, pixels) => {
    count++
    if (pixels > most) [most, majority] = [pixels, value]
    if (pixels < fewest) [fewest, minority] = [pixels, value]
  })
  return count === 0 ? { count, majority: null, minority: null } : { count, majority, minority }
}

/** Each distinct value with how many there are of it, the smallest first. No list of them: sixteen million pixels may have as many. */
function forEachRun(values: TypedArray, order: Uint32Array, visit: (value: number, pixels: number) => void): void {
  for (let start = 0; start < order.length; ) {
    const value = values[order[start]!]!
    let end = start + 1
    while (end < order.length && values[order[end]!]! === value) end++
    visit(value, end - start)
    start = end
  }
}

/** Counts and values. Values asked for are first brought to the band's type as numpy does: 2.7 is 2 there, 300 is 44 of 8 bits. */
function categories(
  values: TypedArray,
  order: Uint32Array,
  distinct: number,
  type: DataType,
  asked: readonly number[],
): Histogram {
  if (asked.length === 0) {
    if (distinct > MOST_CATEGORIES) {
      throw new TilepressError(
        'PARAMETER_INVALID',
        `there are ${distinct} distinct values, at most ${MOST_CATEGORIES} are listed: name some with c`,
      )
    }
    const [counts, keys]: [number[], number[]] = [[], []]
    forEachRun(values, order, (value, pixels) => {
      counts.push(pixels)
      keys.push(value)
    })
    return [counts, keys]
  }
  const cast = asked.map((value) => castTo(type, value))
  const counts = new Map(cast.map((value) => [value, 0]))
  forEachRun(values, order, (value, pixels) => {
    if (counts.has(value)) counts.set(value, pixels)
  })
  return [cast.map((value) => counts.get(value) ?? 0), cast]
}

function castTo(type: DataType, value: number): number {
  if (type === 'float64') return value
  if (type === 'float32') return Math.fround(value)
  const [min, max] = dataTypeRange[type]
  const span = max - min + 1
  const whole = Math.trunc(value)
  return whole - Math.floor((whole - min) / span) * span
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** Python's round(value, 2): toFixed, but for the exact halves, which go to the even neighbour. */
function roundHundredths(value: number): number {
  const isHalf = Number.isInteger(value * 8) && !Number.isInteger(value * 4)
  if (!isHalf) return Number(value.toFixed(2))
  const below = Math.floor(value * 100)
  return (below % 2 === 0 ? below : below + 1) / 100
}
