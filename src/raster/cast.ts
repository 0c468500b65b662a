import { takeArray } from './array-pool.ts'
import { type DataType, dataTypeRange, type TypedArray } from './data-type.ts'

/**
 * The samples as `type`, as numpy's `astype` stores them on x64: cut towards zero, then wrapped. A value that a C conversion
 * has no integer for (NaN, and 2^31 or more for types up to 16 bits) is 0 there, or the smallest of a 32-bit type.
 */
export function castSamples(samples: TypedArray, from: DataType, type: DataType): TypedArray {
  const cast = takeArray(type, samples.length)
  if (type === 'uint64' || type === 'int64') for (let i = 0; i < cast.length; i++) cast[i] = Math.trunc(samples[i]!)
  else if (isFloat(from) && !isFloat(type)) castFloats(samples, type, cast)
  else cast.set(samples)
  return cast
}

/** A number as a byte, as numpy stores it: cut, wrapped, 0 where it has none. */
export function toByte(value: number): number {
  return Math.abs(value) < 2 ** 31 ? value & 255 : 0
}

function castFloats(samples: TypedArray, type: DataType, cast: TypedArray): void {
  const limit = type === 'uint32' ? 2 ** 63 : 2 ** 31
  const nothing = type === 'int32' ? dataTypeRange.int32[0] : 0
  for (let i = 0; i < cast.length; i++) cast[i] = Math.abs(samples[i]!) < limit ? samples[i]! : nothing
}

export function isFloat(type: DataType): boolean {
  return type === 'float32' || type === 'float64'
}
