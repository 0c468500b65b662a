import type { DataType, TypedArray } from '../raster/data-type.ts'

export interface WeightedSums {
  /** Σw, Σvw, Σvw ÷ Σw, and the root of Σw(v − mean)² ÷ Σw. */
  readonly count: number
  readonly sum: number
  readonly mean: number
  readonly deviation: number
}

/** Types whose products with single-precision weights numpy keeps in single precision. */
const single: ReadonlySet<DataType> = new Set(['uint8', 'int8', 'uint16', 'int16', 'float32'])

/**
 * The sums behind mean and deviation. Without weights all is in double precision. With them as numpy has it: products and sums in single
 * precision where the values are of 16 bits or single precision themselves. For large values of both signs that is off by more than a
 * millionth of the result, so it is followed: `band` and `weights` are whole, with weight 0 where a pixel is masked.
 */
export function weightedSums(
  band: TypedArray,
  type: DataType,
  isValid: (index: number) => boolean,
  coverage: Float32Array | null,
): WeightedSums {
  if (coverage === null) return doubleSums(band, isValid, null)
  const exact = doubleSums(band, isValid, coverage)
  const weights = coverage.map((weight, index) => (isValid(index) ? weight : 0))
  const count = pairwiseSum(weights)
  if (!single.has(type)) return { ...exact, count, mean: exact.sum / count }
  const products = weights.map((weight, index) => (weight === 0 ? 0 : band[index]! * weight))
  const sum = pairwiseSum(products)
  const mean = Math.fround(sum / count)
  return {
    count,
    sum,
    mean,
    deviation: type === 'float32' ? singleDeviation(band, isValid, coverage) : exact.deviation,
  }
}

function doubleSums(
  band: TypedArray,
  isValid: (index: number) => boolean,
  coverage: Float32Array | null,
): WeightedSums {
  let [count, sum] = [0, 0]
  for (let i = 0; i < band.length; i++) {
    if (!isValid(i)) continue
    const weight = coverage === null ? 1 : coverage[i]!
    count += weight
    sum += band[i]! * weight
  }
  const mean = sum / count
  let squares = 0
  for (let i = 0; i < band.length; i++) {
    if (!isValid(i)) continue
    const apart = band[i]! - mean
    squares += apart * apart * (coverage === null ? 1 : coverage[i]!)
  }
  return { count, sum, mean, deviation: Math.sqrt(squares / count) }
}

/** numpy.ma.average twice over the valid pixels alone, which it has compressed before. */
function singleDeviation(band: TypedArray, isValid: (index: number) => boolean, coverage: Float32Array): number {
  const values = Float32Array.from(band.filter((_, index) => isValid(index)))
  const weights = coverage.filter((_, index) => isValid(index))
  const total = pairwiseSum(weights)
  const mean = Math.fround(pairwiseSum(values.map((value, index) => value * weights[index]!)) / total)
  const squares = values.map((value) => Math.fround(value - mean) ** 2)
  return Math.sqrt(Math.fround(pairwiseSum(squares.map((square, index) => square * weights[index]!)) / total))
}

/** numpy's sum of single precision: halves added up apart, down to 128 numbers, which eight accumulators share (pairwise_sum). */
export function pairwiseSum(values: Float32Array, start = 0, length = values.length): number {
  const { fround } = Math
  if (length < 8) {
    let sum = 0
    for (let i = 0; i < length; i++) sum = fround(sum + values[start + i]!)
    return sum
  }
  if (length > 128) {
    const half = (length >> 1) - ((length >> 1) % 8)
    return fround(pairwiseSum(values, start, half) + pairwiseSum(values, start + half, length - half))
  }
  const sums = values.slice(start, start + 8)
  const whole = length - (length % 8)
  for (let i = 8; i < whole; i += 8) for (let k = 0; k < 8; k++) sums[k]! += values[start + i + k]!
  const [a, b, c, d, e, f, g, h] = sums as unknown as [number, number, number, number, number, number, number, number]
  let sum = fround(fround(fround(a + b) + fround(c + d)) + fround(fround(e + f) + fround(g + h)))
  for (let i = whole; i < length; i++) sum = fround(sum + values[start + i]!)
  return sum
}
