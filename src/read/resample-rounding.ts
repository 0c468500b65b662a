import { type DataType, dataTypeRange } from '../raster/data-type.ts'

/** Turns computed numbers of one row into values of the type, in place. */
export type RowRounding = (values: Float64Array) => void

/** GDAL computes these in single precision (GDALGetOvrWorkDataType). */
export function isSingle(type: DataType): boolean {
  return type === 'uint8' || type === 'int8' || type === 'uint16' || type === 'int16' || type === 'float32'
}

export function isFloat(type: DataType): boolean {
  return type === 'float32' || type === 'float64'
}

/**
 * GDALCopyWords from the working type: halves away from zero, clamped, NaN becomes 0. A valid value that comes out as `nodata` is
 * moved aside, upwards if there is room (GDALGetNoDataReplacementValue). `most` bounds what overshoots in files of fewer bits.
 */
export function rowRounding(type: DataType, nodata: number | null, most: number | null): RowRounding {
  if (isFloat(type)) return floatRounding(type, nodata)
  const [min, max] = dataTypeRange[type]
  const top = most ?? max
  const replacement = nodata === null ? 0 : replacementOf(nodata, type)
  const single = isSingle(type)
  return (values) => {
    for (let i = 0; i < values.length; i++) {
      const value = single ? Math.fround(values[i]!) : values[i]!
      const magnitude = Math.abs(value) + 0.5
      const whole = Math.floor(single ? Math.fround(magnitude) : magnitude)
      let rounded = value < 0 ? -whole : whole
      if (!(rounded >= min)) rounded = Number.isNaN(rounded) ? 0 : min
      if (rounded > max) rounded = max
      if (rounded === nodata) rounded = replacement
      values[i] = Math.min(rounded, top)
    }
  }
}

function floatRounding(type: DataType, nodata: number | null): RowRounding {
  if (nodata === null) return () => {}
  const replacement = replacementOf(nodata, type)
  const single = type === 'float32'
  return (values) => {
    for (let i = 0; i < values.length; i++) {
      const value = single ? Math.fround(values[i]!) : values[i]!
      values[i] = value === nodata ? replacement : value
    }
  }
}

/** The value next to nodata. */
export function replacementOf(nodata: number, type: DataType): number {
  const [min, max] = dataTypeRange[type]
  if (isFloat(type)) return nextUp(nodata, type === 'float32', max)
  if (!(nodata >= min && nodata <= max)) return 0
  return nodata === max ? max - 1 : nodata + 1
}

/** The next number towards `max`, from `max` the one below. */
function nextUp(value: number, single: boolean, max: number): number {
  if (!Number.isFinite(value)) return value
  const downwards = value >= max
  const ulps = value === 0 ? 1 : value > 0 === downwards ? -1 : 1
  if (single) {
    const [number, bits] = [new Float32Array([value]), new Int32Array(1)]
    const view = new Int32Array(number.buffer)
    bits[0] = view[0]! + ulps
    view[0] = value === 0 ? 1 : bits[0]!
    return number[0]!
  }
  const number = new Float64Array([value])
  const view = new BigInt64Array(number.buffer)
  view[0] = value === 0 ? 1n : view[0]! + BigInt(ulps)
  return number[0]!
}
