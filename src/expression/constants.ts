import type { BinaryOperator, ConstantNode, ExpressionNode, UnaryOperator } from './expression.ts'
import { functionTable } from './functions.ts'
import { invalid } from './invalid.ts'

/** Operations between constants, done by Python's rules before any band is looked at: `1/3*b1` is 0.333… times b1. */

/** A number as written. Integers beyond 2^53 are refused: doubles would not hold them. */
export function parseNumber(text: string): ConstantNode {
  const digits = text.replaceAll('_', '')
  const integer = /^(\d+|0[xob].*)$/.test(digits)
  if (integer && /^0+[1-9]/.test(digits)) throw invalid(`${text.slice(0, 40)} begins with a zero`)
  return constant(integer ? 'integer' : 'double', Number(digits))
}

export function foldUnary(operator: UnaryOperator, operand: ExpressionNode): ExpressionNode {
  if (operand.kind !== 'constant') return { kind: 'unary', operator, operand }
  const type = operand.type === 'bool' ? 'integer' : operand.type
  if (operator === '-') return constant(type, -operand.value)
  if (type === 'double') throw invalid('~ takes whole numbers and comparisons')
  return constant(type, -operand.value - 1)
}

export function foldBinary(operator: BinaryOperator, left: ExpressionNode, right: ExpressionNode): ExpressionNode {
  if (left.kind !== 'constant' || right.kind !== 'constant') return { kind: 'binary', operator, left, right }
  const [a, b] = [left.value, right.value]
  const types = [left.type, right.type]
  const type = types.includes('double') ? 'double' : types.includes('long') ? 'long' : 'integer'
  switch (operator) {
    case '==':
      return truth(a === b)
    case '!=':
      return truth(a !== b)
    case '<':
      return truth(a < b)
    case '<=':
      return truth(a <= b)
    case '>':
      return truth(a > b)
    case '>=':
      return truth(a >= b)
    case '&':
    case '|':
    case '^': {
      if (type === 'double') throw invalid(`${operator} takes whole numbers and comparisons`)
      const [x, y] = [BigInt(a), BigInt(b)]
      const bits = operator === '&' ? x & y : operator === '|' ? x | y : x ^ y
      return constant(types.every((each) => each === 'bool') ? 'bool' : type, Number(bits))
    }
    case '**':
      if (a === 0 && b < 0) throw invalid('0 to a negative power')
      return constant(b < 0 ? 'double' : type, finite(a ** b))
    case '+':
      return constant(type, a + b)
    case '-':
      return constant(type, a - b)
    case '*':
      return constant(type, a * b)
    case '/':
      return constant('double', a / nonzero(b))
    case '//':
      return constant(type, Math.round((a - floorRemainder(a, nonzero(b))) / b))
    case '%':
      return constant(type, floorRemainder(a, nonzero(b)))
  }
}

/** Also a `where` whose condition is known: the other branch is then no part of the expression. */
export function foldCall(name: string, operands: readonly ExpressionNode[]): ExpressionNode {
  const [first, second, third] = operands
  if (name === 'where' && first?.kind === 'constant') return (first.value !== 0 ? second : third)!
  const constants = operands.filter((operand) => operand.kind === 'constant')
  if (name === 'where' || constants.length < operands.length) return { kind: 'call', name, arguments: operands }
  const { apply, keepsIntegers, kind } = functionTable[name]!
  const value = apply(constants[0]?.value ?? 0, constants[1]?.value ?? 0)
  if (kind('f64') === 'bool') return truth(value !== 0)
  return constant(keepsIntegers && constants.every(({ type }) => type !== 'double') ? 'long' : 'double', value)
}

function constant(type: ConstantNode['type'], value: number): ConstantNode {
  if (type !== 'double' && !Number.isSafeInteger(value)) throw invalid('a whole number lies beyond 2^53')
  // Integers have one zero.
  return { kind: 'constant', type, value: type === 'double' ? value : value + 0 }
}

function truth(value: boolean): ConstantNode {
  return constant('bool', value ? 1 : 0)
}

function nonzero(value: number): number {
  if (value === 0) throw invalid('division by zero')
  return value
}

/** Python has no number for what overflows, and a complex one for the root of a negative. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw invalid('a constant is no finite number')
  return value
}

/** Python's %: the sign is the divisor's. */
function floorRemainder(a: number, b: number): number {
  const rest = a % b
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest
}
