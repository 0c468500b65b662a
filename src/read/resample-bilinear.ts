import { recycle, takeArray } from '../raster/array-pool.ts'
import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Size } from './dataset-facts.ts'
import { kernelSpan, type PlainAxis } from './plain-plan.ts'

/** The kernel along one axis: for each position, weights for source pixels `first` … `first + count − 1`, adding up to 1. */
interface Taps {
  readonly first: Int32Array
  readonly count: Int32Array
  readonly weights: Float64Array
  readonly max: number
}

/** Where a block of source pixels lies in its level. */
interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
}

/** A position this near to a whole number of output pixels is taken for it. */
const WHOLE_OFFSET = 1e-8

/** What is resampled, and onto what: grid pixels [start, end) of both axes, in arrays as large as `size`. */
export interface Resampling {
  readonly place: Place
  readonly x: PlainAxis
  readonly y: PlainAxis
  readonly type: DataType
  readonly size: Size
}

/**
 * GDAL's bilinear RasterIO (GDALResampleChunk_Convolution): a triangle of radius 1, widened when reducing, along rows and then
 * along columns. Where `mask` is given a sample counts by its mask value; a pixel without any becomes `nodata`, and one that comes
 * out as nodata by chance is moved aside. Fills and returns `target`.
 */
export function resampleBilinear(
  source: TypedArray,
  mask: TypedArray | null,
  nodata: number | null,
  { place, x, y, type, size }: Resampling,
  target: TypedArray,
): TypedArray {
  const across = tapsOf(x)
  const down = tapsOf(y)
  const columns = x.end - x.start
  const [firstRow, endRow] = kernelSpan(y)
  const reduced = takeArray('float64', (endRow - firstRow) * columns) as Float64Array
  const valid = mask === null ? null : new Uint8Array(reduced.length)
  for (let row = firstRow; row < endRow; row++) {
    const line = (row - place.y) * place.width - place.x
    const at = (row - firstRow) * columns
    if (mask === null || valid === null) reduceLine(source, line, across, reduced, at)
    else reduceMaskedLine(source, mask, line, across, reduced, valid, at)
  }
  const store = storing(type, nodata)
  const empty = nodata ?? 0
  for (let j = 0; j < down.first.length; j++) {
    const from = (down.first[j]! - firstRow) * columns
    const at = (y.start + j) * size.width + x.start
    for (let i = 0; i < columns; i++) {
      let sum = 0
      let total = 0
      for (let k = 0; k < down.count[j]!; k++) {
        const tap = from + k * columns + i
        if (valid !== null && valid[tap] === 0) continue
        const weight = down.weights[j * down.max + k]!
        sum += reduced[tap]! * weight
        total += weight
      }
      if (valid === null) target[at + i] = store(sum)
      else target[at + i] = total > 0 ? store(sum / total) : empty
    }
  }
  recycle([reduced])
  return target
}

function reduceLine(source: TypedArray, line: number, taps: Taps, reduced: Float64Array, at: number): void {
  for (let i = 0; i < taps.first.length; i++) {
    const from = line + taps.first[i]!
    const weights = i * taps.max
    let sum = 0
    for (let k = 0; k < taps.count[i]!; k++) sum += source[from + k]! * taps.weights[weights + k]!
    reduced[at + i] = sum
  }
}

function reduceMaskedLine(
  source: TypedArray,
  mask: TypedArray,
  line: number,
  taps: Taps,
  reduced: Float64Array,
  valid: Uint8Array,
  at: number,
): void {
  for (let i = 0; i < taps.first.length; i++) {
    const from = line + taps.first[i]!
    let sum = 0
    let total = 0
    for (let k = 0; k < taps.count[i]!; k++) {
      const share = mask[from + k]!
      if (share === 0) continue
      const weight = taps.weights[i * taps.max + k]! * share
      sum += source[from + k]! * weight
      total += weight
    }
    valid[at + i] = total > 0 ? 1 : 0
    reduced[at + i] = total > 0 ? sum / total : 0
  }
}

function tapsOf(axis: PlainAxis): Taps {
  const count = axis.end - axis.start
  const ratio = axis.size / count
  const scale = Math.min(1, 1 / ratio)
  const radius = 1 / scale
  const max = Math.ceil(2 * radius) + 2
  const [low, high] = kernelSpan(axis)
  const whole = Math.trunc(axis.offset / ratio + 0.5)
  const isWhole = Math.abs(axis.offset / ratio - whole) < WHOLE_OFFSET
  const taps: Taps = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Float64Array(count * max),
    max,
  }
  for (let i = 0; i < count; i++) {
    const centre = isWhole ? (i + whole + 0.5) * ratio : (i + 0.5) * ratio + axis.offset
    const first = Math.max(low, Math.floor(centre - radius + 0.5))
    const last = Math.min(high, Math.trunc(centre + radius + 0.5))
    taps.first[i] = first
    taps.count[i] = Math.max(0, last - first)
    let sum = 0
    for (let t = first; t < last; t++) {
      const weight = Math.max(0, 1 - Math.abs(scale * (t - centre + 0.5)))
      taps.weights[i * max + t - first] = weight
      sum += weight
    }
    if (sum > 0) for (let k = 0; k < last - first; k++) taps.weights[i * max + k]! /= sum
  }
  return taps
}

/** To float32, rounded half away from zero, clamped, never nodata itself. */
function storing(type: DataType, nodata: number | null): (value: number) => number {
  if (type === 'float32' || type === 'float64') return (value) => value
  const [min, max] = dataTypeRange[type]
  const single = type !== 'int32' && type !== 'uint32'
  return (value) => {
    const number = single ? Math.fround(value) : value
    const rounded = number < 0 ? -Math.floor(-number + 0.5) : Math.floor(number + 0.5)
    const clamped = Math.min(max, Math.max(min, rounded))
    if (clamped !== nodata) return clamped
    return clamped === max ? max - 1 : clamped + 1
  }
}
