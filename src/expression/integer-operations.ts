/** Operations of integers held as doubles, by C's rules as numexpr uses them: a division by zero gives 0, remainders take the divisor's sign. */

const WORD = 2 ** 32

export function floorDivide(a: number, b: number): number {
  if (b === 0) return 0
  const rest = a % b
  return (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0) + 0
}

/** C's ((a % b) + b) % b, whose sum wraps. */
export function remainderI32(a: number, b: number): number {
  return b === 0 ? 0 : ((((a % b) + b) | 0) % b) | 0
}

export function remainderI64(a: number, b: number): number {
  return b === 0 ? 0 : (((a % b) + b) % b) + 0
}

/** pow() in doubles, cut to an integer; what does not fit is the smallest one, as x86 converts it. */
export function powerI32(a: number, b: number): number {
  if (b < 0) return reciprocal(a)
  const value = a ** b
  return Math.abs(value) < 2 ** 31 ? Math.trunc(value) + 0 : -(2 ** 31)
}

export function powerI64(a: number, b: number): number {
  if (b < 0) return reciprocal(a)
  const value = a ** b
  return Math.abs(value) < 2 ** 63 ? value : -(2 ** 63)
}

/** 1 / a of integers. */
function reciprocal(a: number): number {
  return a === 1 || a === -1 ? a : 0
}

export function andI64(a: number, b: number): number {
  return join(high(a) & high(b), a & b)
}

export function orI64(a: number, b: number): number {
  return join(high(a) | high(b), a | b)
}

export function xorI64(a: number, b: number): number {
  return join(high(a) ^ high(b), a ^ b)
}

/** The upper half of 64 bits, as JavaScript's bit operations take 32. */
function high(value: number): number {
  return Math.floor(value / WORD) | 0
}

function join(upper: number, lower: number): number {
  return upper * WORD + (lower >>> 0)
}
