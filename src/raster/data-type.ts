/** Sample types in numpy's names. 64-bit integers are held as doubles: exact up to 2^53, and a hundred times faster than BigInt. */
export const dataTypes = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float32',
  'float64',
] as const

export type DataType = (typeof dataTypes)[number]

export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array

const constructors = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: Float64Array,
  int64: Float64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const

/** A zeroed array of `length` samples. */
export function createArray(type: DataType, length: number): TypedArray {
  return new constructors[type](length)
}

/** An array of `length` samples over the start of `buffer`. */
export function viewArray(type: DataType, buffer: ArrayBuffer, length: number): TypedArray {
  return new constructors[type](buffer, 0, length)
}

export function bytesPerSample(type: DataType): number {
  return constructors[type].BYTES_PER_ELEMENT
}

/** Smallest and largest value: for floats the largest finite one and its negative, as numpy.finfo gives them. */
export const dataTypeRange: Record<DataType, readonly [min: number, max: number]> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  uint32: [0, 4294967295],
  int32: [-2147483648, 2147483647],
  uint64: [0, 2 ** 64],
  int64: [-(2 ** 63), 2 ** 63],
  float32: [-3.4028234663852886e38, 3.4028234663852886e38],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
}
