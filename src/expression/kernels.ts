/**
 * The loops an expression is evaluated by, over registers of doubles. Every kind's numbers are held as doubles, so that each loop meets one
 * type of array and is compiled well; a kernel keeps its results within their kind: 32-bit integers wrap, floats are rounded after each
 * operation, integers have no negative zero. 64-bit integers are exact to 2^53. A register may be both operand and result.
 */
export type Kernel = (to: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array, n: number) => void

export const add: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! + b[i]!
}
export const addI32: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = (a[i]! + b[i]!) | 0
}
export const addF32: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = Math.fround(a[i]! + b[i]!)
}
export const subtract: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! - b[i]!
}
export const subtractI32: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = (a[i]! - b[i]!) | 0
}
export const subtractF32: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = Math.fround(a[i]! - b[i]!)
}
export const multiply: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! * b[i]!
}
export const multiplyI32: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = Math.imul(a[i]!, b[i]!)
}
export const multiplyI64: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! * b[i]! + 0
}
export const multiplyF32: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = Math.fround(a[i]! * b[i]!)
}
export const divide: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! / b[i]!
}
export const divideF32: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = Math.fround(a[i]! / b[i]!)
}

export const and: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! & b[i]!
}
export const or: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! | b[i]!
}
export const xor: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! ^ b[i]!
}
export const not: Kernel = (to, a, _b, _c, n) => {
  for (let i = 0; i < n; i++) to[i] = 1 - a[i]!
}
export const invert: Kernel = (to, a, _b, _c, n) => {
  for (let i = 0; i < n; i++) to[i] = -1 - a[i]!
}
export const negate: Kernel = (to, a, _b, _c, n) => {
  for (let i = 0; i < n; i++) to[i] = -a[i]!
}
export const negateI32: Kernel = (to, a, _b, _c, n) => {
  for (let i = 0; i < n; i++) to[i] = -a[i]! | 0
}
export const negateI64: Kernel = (to, a, _b, _c, n) => {
  for (let i = 0; i < n; i++) to[i] = 0 - a[i]!
}

export const greater: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! > b[i]! ? 1 : 0
}
export const greaterOrEqual: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! >= b[i]! ? 1 : 0
}
export const equal: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! === b[i]! ? 1 : 0
}
export const unequal: Kernel = (to, a, b, _, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! !== b[i]! ? 1 : 0
}
export const choose: Kernel = (to, a, b, c, n) => {
  for (let i = 0; i < n; i++) to[i] = a[i]! !== 0 ? b[i]! : c[i]!
}

/** To the nearest float. */
export const round32: Kernel = (to, a, _b, _c, n) => {
  for (let i = 0; i < n; i++) to[i] = Math.fround(a[i]!)
}
export const squareRoot: Kernel = (to, a, _b, _c, n) => {
  for (let i = 0; i < n; i++) to[i] = Math.sqrt(a[i]!)
}

/** A loop that calls a function for each sample: several times slower than the loops above. */
export function mapped(apply: (a: number, b: number) => number): Kernel {
  return (to, a, b, _, n) => {
    for (let i = 0; i < n; i++) to[i] = apply(a[i]!, b[i]!)
  }
}

/** As `mapped`, rounded to floats: within one unit in the last place of C's functions of floats. */
export function mappedF32(apply: (a: number, b: number) => number): Kernel {
  return (to, a, b, _, n) => {
    for (let i = 0; i < n; i++) to[i] = Math.fround(apply(a[i]!, b[i]!))
  }
}

/** numpy.nan_to_num: NaN is 0, an infinite number the largest of its kind. */
export function makeFinite(values: Float64Array, n: number, largest: number): void {
  for (let i = 0; i < n; i++) {
    const value = values[i]!
    if (value - value !== 0) values[i] = value > 0 ? largest : value < 0 ? -largest : 0
  }
}
