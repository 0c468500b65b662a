import { takeArray } from './array-pool.ts'
import { isFloat } from './cast.ts'
import type { DataType, TypedArray } from './data-type.ts'
import type { Raster } from './raster.ts'

const integerRank: readonly (readonly [signed: boolean, bits: number, type: DataType])[] = [
  [true, 8, 'int8'],
  [false, 8, 'uint8'],
  [true, 16, 'int16'],
  [false, 16, 'uint16'],
  [true, 32, 'int32'],
  [false, 32, 'uint32'],
  [true, 64, 'int64'],
  [false, 64, 'uint64'],
]

/** numpy.promote_types: the smallest type that holds both; uint64 with a signed type is float64. */
export function promoteTypes(a: DataType, b: DataType): DataType {
  if (a === b) return a
  if (a === 'float64' || b === 'float64') return 'float64'
  const [signedA, bitsA] = integerShape(a)
  const [signedB, bitsB] = integerShape(b)
  if (bitsA === 0 || bitsB === 0) return Math.max(bitsA, bitsB) <= 16 ? 'float32' : 'float64'
  if (signedA === signedB) return bitsA > bitsB ? a : b
  const unsignedBits = signedA ? bitsB : bitsA
  const needed = Math.max(signedA ? bitsA : bitsB, unsignedBits * 2)
  return needed <= 16 ? 'int16' : needed <= 32 ? 'int32' : needed <= 64 ? 'int64' : 'float64'
}

/**
 * numpy.result_type of several: not one after the other, as uint16 with int16 is int32, which float32 does not hold, while it holds each of
 * the two.
 */
export function promoteAll(types: readonly DataType[]): DataType {
  return types.toSorted((a, b) => Number(isFloat(b)) - Number(isFloat(a))).reduce(promoteTypes)
}

/** Bits 0 stands for float32. */
function integerShape(type: DataType): readonly [signed: boolean, bits: number] {
  const found = integerRank.find(([, , name]) => name === type)
  return found ? [found[0], found[1]] : [true, 0]
}

/** The raster with its samples as `type`, itself when they are already; `type` must hold all its values. */
export function convertRaster(raster: Raster, type: DataType): Raster {
  if (raster.dataType === type) return raster
  const bands = raster.bands.map((band) => convert(band, type))
  return { ...raster, dataType: type, bands }
}

function convert(band: TypedArray, type: DataType): TypedArray {
  const converted = takeArray(type, band.length)
  converted.set(band)
  return converted
}
