import { TilepressError } from '../errors.ts'
import { takeArray } from '../raster/array-pool.ts'
import { isFloat, toByte } from '../raster/cast.ts'
import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { ColorOperation } from '../request/tile-request.ts'
import { saturate } from './saturation.ts'

type CurveOperation = Exclude<ColorOperation, { kind: 'saturation' }>

/** What a bias of 0 is in its place (numpy's epsilon of doubles). */
const EPSILON = 2 ** -52

/** Types of so few values that a table of them is cheaper than the formula for each sample. */
const tabulated: readonly DataType[] = ['uint8', 'int8', 'uint16', 'int16']

/**
 * Applies the operations in order (color_operations, titiler's `color_formula`). Each works on samples divided by the type's largest
 * value and leaves all bands cut to bytes: 16-bit samples lose their lower half in the first one, also in bands it does not name.
 * Negative samples are 0; masks stay.
 * Throws PARAMETER_INVALID for float samples, RASTER_SHAPE_INVALID when a band named is missing, or one of three for a saturation.
 */
export function applyColorFormula(raster: Raster, operations: readonly ColorOperation[]): Raster {
  const [first, ...rest] = operations
  if (first === undefined) return raster
  if (isFloat(raster.dataType)) {
    throw new TilepressError(
      'PARAMETER_INVALID',
      `parameter color_formula takes images of whole numbers, this one is ${raster.dataType}: rescale it`,
    )
  }
  for (const operation of operations) requireBands(raster, operation)
  const bands = raster.bands.map((band, b) => toBytes(band, raster.dataType, curveOf(first, b)))
  if (first.kind === 'saturation')
    saturate(firstThree(raster.bands), dataTypeRange[raster.dataType][1], firstThree(bands), first.proportion)
  for (const operation of rest) {
    if (operation.kind === 'saturation') saturate(firstThree(bands), 255, firstThree(bands), operation.proportion)
    else for (const b of operation.bands) lookUp(bands[b]!, tableOf('uint8', curveOf(operation, b)), bands[b]!)
  }
  return { ...raster, dataType: 'uint8', bands }
}

function requireBands({ bands }: Raster, operation: ColorOperation): void {
  const needed = operation.kind === 'saturation' ? 3 : Math.max(...operation.bands) + 1
  if (bands.length >= needed) return
  throw new TilepressError(
    'RASTER_SHAPE_INVALID',
    `${operation.kind} needs an image of ${needed} bands, this one has ${bands.length}`,
  )
}

function firstThree<T>(bands: readonly T[]): readonly [red: T, green: T, blue: T] {
  const [red, green, blue] = bands
  return [red!, green!, blue!]
}

/** The curve from 0…1 to 0…1 that the operation has for a band; of one it does not name, and of a saturation, none. */
function curveOf(operation: ColorOperation, band: number): (value: number) => number {
  if (operation.kind === 'saturation' || !operation.bands.includes(band)) return (value) => value
  return operation.kind === 'gamma' ? (value) => value ** (1 / operation.gamma) : sigmoidal(operation)
}

function sigmoidal({ contrast, bias }: Extract<CurveOperation, { kind: 'sigmoidal' }>): (value: number) => number {
  const middle = bias === 0 ? EPSILON : bias
  if (contrast === 0) return (value) => value
  if (contrast > 0) {
    const low = 1 / (1 + Math.exp(contrast * middle))
    const span = 1 / (1 + Math.exp(contrast * (middle - 1))) - low
    return (value) => (1 / (1 + Math.exp(contrast * (middle - value))) - low) / span
  }
  const high = 1 + Math.exp(contrast * middle - contrast)
  const low = 1 + Math.exp(contrast * middle)
  return (value) => (contrast * middle - Math.log(1 / (value / high - value / low + 1 / low) - 1)) / contrast
}

function toBytes(band: TypedArray, type: DataType, curve: (value: number) => number): Uint8Array {
  const bytes = takeArray('uint8', band.length) as Uint8Array
  if (tabulated.includes(type)) lookUp(band, tableOf(type, curve), bytes)
  else for (let i = 0; i < bytes.length; i++) bytes[i] = level(band[i]!, dataTypeRange[type][1], curve)
  return bytes
}

function tableOf(type: DataType, curve: (value: number) => number): Uint8Array {
  const largest = dataTypeRange[type][1]
  return Uint8Array.from({ length: largest + 1 }, (_, value) => level(value, largest, curve))
}

function level(value: number, largest: number, curve: (value: number) => number): number {
  return toByte(curve(Math.max(value, 0) / largest) * 255)
}

function lookUp(band: TypedArray, table: Uint8Array, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = table[Math.max(band[i]!, 0)]!
}
