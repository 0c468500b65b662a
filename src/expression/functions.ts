import { isInteger, type Kind } from './kind.ts'

/** A function of the language. `kind` is the result's by the operands' common kind, null where it takes no such operands. */
export interface ExpressionFunction {
  readonly arity: 1 | 2 | 3
  readonly kind: (operands: Kind) => Kind | null
  /** Integers in, an integer out: in an operation between constants. */
  readonly keepsIntegers?: true
  readonly apply: (a: number, b: number) => number
}

/** numexpr computes in doubles for integers, and in floats where the operands are (or are truth values). */
const floating = (kind: Kind): Kind => (isInteger(kind) ? 'f64' : kind === 'bool' ? 'f32' : kind)
const double = (): Kind => 'f64'
const same = (kind: Kind): Kind => kind
const integerOrDouble = (kind: Kind): Kind => (isInteger(kind) ? kind : 'f64')
const truth = (): Kind => 'bool'

const unary = (apply: (a: number) => number): ExpressionFunction => ({ arity: 1, kind: floating, apply })
const binary = (apply: (a: number, b: number) => number): ExpressionFunction => ({ arity: 2, kind: double, apply })
const predicate = (apply: (a: number) => boolean): ExpressionFunction => ({
  arity: 1,
  kind: truth,
  apply: (a) => (apply(a) ? 1 : 0),
})

/** numexpr's functions, but for those of whole arrays, of complex numbers and of texts. */
export const functionTable: Readonly<Record<string, ExpressionFunction>> = {
  sqrt: unary(Math.sqrt),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tan: unary(Math.tan),
  arcsin: unary(Math.asin),
  arccos: unary(Math.acos),
  arctan: unary(Math.atan),
  sinh: unary(Math.sinh),
  cosh: unary(Math.cosh),
  tanh: unary(Math.tanh),
  arcsinh: unary(Math.asinh),
  arccosh: unary(Math.acosh),
  arctanh: unary(Math.atanh),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  log10: unary(Math.log10),
  log2: unary(Math.log2),
  exp: unary(Math.exp),
  expm1: unary(Math.expm1),
  abs: { ...unary(Math.abs), keepsIntegers: true },
  ceil: { ...unary(Math.ceil), keepsIntegers: true },
  floor: { ...unary(Math.floor), keepsIntegers: true },
  trunc: { ...unary(Math.trunc), kind: double, keepsIntegers: true },
  round: { ...unary(roundHalfToEven), kind: integerOrDouble, keepsIntegers: true },
  sign: { ...unary((a) => Math.sign(a) + 0), kind: integerOrDouble, keepsIntegers: true },
  copy: { ...unary((a) => a), kind: same, keepsIntegers: true },
  ones_like: { ...unary(() => 1), kind: (kind) => (kind === 'bool' ? null : kind), keepsIntegers: true },
  isnan: predicate(Number.isNaN),
  isinf: predicate((a) => a === Number.POSITIVE_INFINITY || a === Number.NEGATIVE_INFINITY),
  isfinite: predicate(Number.isFinite),
  signbit: predicate((a) => a < 0 || Object.is(a, -0)),
  arctan2: { ...binary(Math.atan2), kind: floating },
  fmod: { ...binary((a, b) => a % b), kind: floating, keepsIntegers: true },
  hypot: binary(Math.hypot),
  nextafter: binary(nextAfter),
  copysign: binary((a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a))),
  maximum: { ...binary(Math.max), keepsIntegers: true },
  minimum: { ...binary(Math.min), keepsIntegers: true },
  /** Its kind and loop are its own, see compile. */
  where: { arity: 3, kind: same, apply: (a) => a },
}

/** From here on a double has no place for halves, so adding this rounds to whole numbers, ties to even, as all sums are. */
const WHOLE = 2 ** 52

/** C's rint; keeps the sign of zero. */
function roundHalfToEven(value: number): number {
  if (value < 0) return Math.abs(value) < WHOLE ? -(WHOLE - value - WHOLE) : value
  return value > 0 && value < WHOLE ? WHOLE + value - WHOLE : value
}

const double64 = new Float64Array(1)
const words = new Uint32Array(double64.buffer)

/** C's nextafter: the double next to `from` on the way to `to`. */
function nextAfter(from: number, to: number): number {
  if (Number.isNaN(from) || Number.isNaN(to)) return Number.NaN
  if (from === to) return to
  if (from === 0) return to > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE
  double64[0] = from
  const [low = 0, high = 0] = words
  // The bits of a double's size, as one number, count up with it.
  if (to > from === from > 0) {
    words[0] = low + 1
    if (words[0] === 0) words[1] = high + 1
  } else {
    words[0] = low - 1
    if (low === 0) words[1] = high - 1
  }
  return double64[0]
}

/** C's pow, where 1 to any power and -1 to an infinite one are 1 even though JavaScript says NaN. */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1
  return base ** exponent
}
