import type { DataType } from '../raster/data-type.ts'
import type { ConstantNode } from './expression.ts'

/** What an operation computes in, as numexpr has them. In rising order: an operation of two works in the higher one. */
export const kinds = ['bool', 'i32', 'i64', 'f32', 'f64'] as const
export type Kind = (typeof kinds)[number]

export const bandKinds: readonly Kind[] = ['i32', 'i64', 'f32', 'f64']

const kindOfType: Record<DataType, Kind> = {
  ...{ uint8: 'i32', int8: 'i32', uint16: 'i32', int16: 'i32', int32: 'i32' },
  ...{ uint32: 'i64', uint64: 'i64', int64: 'i64', float32: 'f32', float64: 'f64' },
}

/** A truth value is a byte of 0 or 1: there are no images of booleans. */
const typeOfKind: Record<Kind, DataType> = { bool: 'uint8', i32: 'int32', i64: 'int64', f32: 'float32', f64: 'float64' }

/** The kind in which a band of a type is computed. */
export function bandKind(type: DataType): Kind {
  return kindOfType[type]
}

/** The type of a block's band. */
export function resultType(kind: Kind): DataType {
  return typeOfKind[kind]
}

export function commonKind(...operands: readonly Kind[]): Kind {
  return kinds[Math.max(...operands.map((kind) => kinds.indexOf(kind)))]!
}

/** An integer is of 32 bits where it fits, so that it promotes no band; a float is double and promotes all. */
export function constantKind({ type, value }: ConstantNode): Kind {
  if (type === 'bool') return 'bool'
  if (type === 'double') return 'f64'
  return type === 'integer' && value === (value | 0) ? 'i32' : 'i64'
}

export function isInteger(kind: Kind): boolean {
  return kind === 'i32' || kind === 'i64'
}
