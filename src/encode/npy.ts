import type { DataType, TypedArray } from '../raster/data-type.ts'
import type { BandImage } from '../render/image.ts'

/** numpy's names of the types, little-endian. */
const typeCodes: Record<DataType, string> = {
  uint8: '|u1',
  int8: '|i1',
  uint16: '<u2',
  int16: '<i2',
  uint32: '<u4',
  int32: '<i4',
  uint64: '<u8',
  int64: '<i8',
  float32: '<f4',
  float64: '<f8',
}

/** Data begins at a multiple of so many bytes. */
const ALIGNMENT = 64

/** Spaces that numpy leaves for the first length of the shape to grow, its digits taken off. */
const GROWTH_DIGITS = 21

/** An array of bands × rows × columns in numpy's file format 1.0 (NEP 1), alpha as the last band: what numpy.save writes. */
export function encodeNpy(image: BandImage): Buffer {
  const bands = image.alpha === null ? image.bands : [...image.bands, image.alpha]
  const samples = bands.map((band) => bytesOf(band, image.dataType))
  return Buffer.concat([header(image.dataType, [bands.length, image.height, image.width]), ...samples])
}

function header(type: DataType, shape: readonly number[]): Buffer {
  const dictionary = `{'descr': '${typeCodes[type]}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`
  const grown = dictionary + ' '.repeat(GROWTH_DIGITS - String(shape[0]).length)
  const unpadded = 10 + grown.length + 1
  const text = `${grown}${' '.repeat(ALIGNMENT - (unpadded % ALIGNMENT))}\n`
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1')
  start.writeUInt16LE(text.length, 8)
  return Buffer.concat([start, Buffer.from(text, 'latin1')])
}

/** 64-bit integers are doubles in memory. */
export function bytesOf(samples: TypedArray, type: DataType): Uint8Array {
  const whole = type === 'int64' || type === 'uint64' ? wholeNumbers(samples, type) : samples
  return new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength)
}

/** The largest numbers are no doubles: they are held as one more, and end at the type's limit. */
export function wholeNumbers(samples: TypedArray, type: 'int64' | 'uint64'): BigInt64Array | BigUint64Array {
  const whole = type === 'int64' ? new BigInt64Array(samples.length) : new BigUint64Array(samples.length)
  const least = type === 'int64' ? -(2n ** 63n) : 0n
  const most = type === 'int64' ? 2n ** 63n - 1n : 2n ** 64n - 1n
  for (let i = 0; i < whole.length; i++) {
    const value = BigInt(Math.trunc(Number.isFinite(samples[i]!) ? samples[i]! : 0))
    whole[i] = value > most ? most : value < least ? least : value
  }
  return whole
}
