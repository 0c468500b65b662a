import type { ArithmeticOperator, BitOperator, ComparisonOperator } from './expression.ts'
import { power } from './functions.ts'
import * as integers from './integer-operations.ts'
import type { Kernel } from './kernels.ts'
import * as kernels from './kernels.ts'
import type { Kind } from './kind.ts'

type KernelByKind = Readonly<Record<Kind, Kernel | null>>

/** Loops of the operators by the kind they work in; null where there is none. `/` never works in integers. */
export const arithmetic: Readonly<Record<ArithmeticOperator | BitOperator, KernelByKind>> = {
  '+': {
    bool: kernels.or,
    i32: kernels.addI32,
    i64: kernels.add,
    f32: kernels.addF32,
    f64: kernels.add,
  },
  '-': {
    bool: null,
    i32: kernels.subtractI32,
    i64: kernels.subtract,
    f32: kernels.subtractF32,
    f64: kernels.subtract,
  },
  '*': {
    bool: kernels.and,
    i32: kernels.multiplyI32,
    i64: kernels.multiplyI64,
    f32: kernels.multiplyF32,
    f64: kernels.multiply,
  },
  '/': { bool: null, i32: null, i64: null, f32: kernels.divideF32, f64: kernels.divide },
  '//': {
    bool: null,
    i32: kernels.mapped((a, b) => integers.floorDivide(a, b) | 0),
    i64: kernels.mapped(integers.floorDivide),
    f32: kernels.mapped((a, b) => Math.floor(Math.fround(a / b))),
    f64: kernels.mapped((a, b) => Math.floor(a / b)),
  },
  '%': {
    bool: null,
    i32: kernels.mapped(integers.remainderI32),
    i64: kernels.mapped(integers.remainderI64),
    f32: kernels.mappedF32((a, b) => a - Math.fround(Math.floor(Math.fround(a / b)) * b)),
    f64: kernels.mapped((a, b) => a - Math.floor(a / b) * b),
  },
  '**': {
    bool: null,
    i32: kernels.mapped(integers.powerI32),
    i64: kernels.mapped(integers.powerI64),
    f32: kernels.mappedF32(power),
    f64: kernels.mapped(power),
  },
  '&': { bool: kernels.and, i32: kernels.and, i64: kernels.mapped(integers.andI64), f32: null, f64: null },
  '|': { bool: kernels.or, i32: kernels.or, i64: kernels.mapped(integers.orI64), f32: null, f64: null },
  '^': { bool: kernels.xor, i32: kernels.xor, i64: kernels.mapped(integers.xorI64), f32: null, f64: null },
}

export const negation: KernelByKind = {
  bool: null,
  i32: kernels.negateI32,
  i64: kernels.negateI64,
  f32: kernels.negate,
  f64: kernels.negate,
}

export const inversion: KernelByKind = {
  bool: kernels.not,
  i32: kernels.invert,
  i64: kernels.invert,
  f32: null,
  f64: null,
}

/** With whether the operands change places. */
export const comparisons: Readonly<Record<ComparisonOperator, readonly [kernel: Kernel, swapped: boolean]>> = {
  '>': [kernels.greater, false],
  '>=': [kernels.greaterOrEqual, false],
  '<': [kernels.greater, true],
  '<=': [kernels.greaterOrEqual, true],
  '==': [kernels.equal, false],
  '!=': [kernels.unequal, false],
}
