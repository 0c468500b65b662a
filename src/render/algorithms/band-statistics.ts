import { takeArray } from '../../raster/array-pool.ts'
import { isFloat } from '../../raster/cast.ts'
import type { DataType } from '../../raster/data-type.ts'
import { medianOf } from '../../raster/median.ts'
import { type Algorithm, withBands } from './algorithm.ts'

/** What becomes of the valid samples of a pixel's bands, which are the first `count` of `values`; NaN-or-infinite = masked where `finite`. */
interface BandStatistic {
  readonly type: (input: DataType) => DataType
  readonly reduce: (values: Float64Array, count: number, single: boolean) => number
  /** A result that is not finite is masked, as numpy masks what a division gives. */
  readonly finite: boolean
}

const asDouble = () => 'float64' as const

/** Statistics over the valid bands of each pixel; masked where no band is valid (numpy.ma along axis 0). */
const statistics = {
  min: { type: (input) => input, reduce: smallest, finite: false },
  max: { type: (input) => input, reduce: largest, finite: false },
  median: { type: (input) => (input === 'float32' ? input : 'float64'), reduce: medianOf, finite: false },
  mean: { type: asDouble, reduce: (values, count, single) => sum(values, count, single) / count, finite: true },
  std: { type: asDouble, reduce: (values, count, single) => Math.sqrt(variance(values, count, single)), finite: true },
  var: { type: asDouble, reduce: variance, finite: true },
  sum: {
    type: (input) => (isFloat(input) ? input : input.startsWith('u') ? 'uint64' : 'int64'),
    reduce: sum,
    finite: false,
  },
} as const satisfies Record<string, BandStatistic>

export type BandStatisticName = keyof typeof statistics

export function bandStatistic(name: BandStatisticName): Algorithm {
  const { type, reduce, finite }: BandStatistic = statistics[name]
  return (raster) => {
    const { bands, masks, dataType } = raster
    const single = dataType === 'float32'
    const values = new Float64Array(bands.length)
    const result = takeArray(type(dataType), raster.width * raster.height)
    const mask = takeArray('uint8', result.length) as Uint8Array
    let holes = 0
    for (let i = 0; i < result.length; i++) {
      let count = 0
      for (let b = 0; b < bands.length; b++) {
        const known = masks[b]!
        if (known === null || known[i] !== 0) values[count++] = bands[b]![i]!
      }
      const value = count === 0 ? Number.NaN : reduce(values, count, single)
      const valid = count > 0 && (!finite || Number.isFinite(value))
      result[i] = valid ? value : 0
      mask[i] = valid ? 255 : 0
      if (!valid) holes++
    }
    return withBands(raster, type(dataType), [result], [holes === 0 ? null : mask], [name])
  }
}

function smallest(values: Float64Array, count: number): number {
  let result = values[0]!
  for (let i = 1; i < count; i++) result = Math.min(result, values[i]!)
  return result
}

function largest(values: Float64Array, count: number): number {
  let result = values[0]!
  for (let i = 1; i < count; i++) result = Math.max(result, values[i]!)
  return result
}

/** In float32 after each step when the samples are that. */
function sum(values: Float64Array, count: number, single: boolean): number {
  let result = 0
  if (single) for (let i = 0; i < count; i++) result = Math.fround(result + values[i]!)
  else for (let i = 0; i < count; i++) result += values[i]!
  return result
}

/** With one degree of freedom less; not finite for a single value. */
function variance(values: Float64Array, count: number, single: boolean): number {
  const mean = sum(values, count, single) / count
  let squares = 0
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2
  return squares / (count - 1)
}
