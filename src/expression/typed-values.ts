import type { BinaryOperator, ComparisonOperator, ConstantNode, ExpressionNode, UnaryOperator } from './expression.ts'
import { functionTable } from './functions.ts'
import { invalid } from './invalid.ts'
import { choose, type Kernel, mapped, mappedF32, round32, squareRoot } from './kernels.ts'
import { commonKind, constantKind, isInteger, type Kind } from './kind.ts'
import { arithmetic, comparisons, inversion, negation } from './operators.ts'

/** What an expression computes for each sample: a band, a constant, or a loop over other values. Equal values are one object. */
export interface Value {
  readonly kind: Kind
  readonly source:
    | { readonly band: number }
    | { readonly constant: ConstantNode }
    | { readonly kernel: Kernel; readonly operands: readonly Value[] }
}

const plural: Record<Kind, string> = {
  bool: 'comparisons',
  i32: 'whole numbers',
  i64: 'whole numbers',
  f32: 'fractions',
  f64: 'fractions',
}

const one: ConstantNode = { kind: 'constant', type: 'integer', value: 1 }

/** Loops of the functions, made once so that equal values are found to be equal. */
const loops = new Map(
  Object.entries(functionTable).map(([name, { apply }]) => [
    name,
    name === 'sqrt'
      ? { exact: squareRoot, rounded: mappedF32(Math.sqrt) }
      : { exact: mapped(apply), rounded: mappedF32(apply) },
  ]),
)

/**
 * Gives trees the kinds numexpr works in (numexpr.expressions, necompiler.typeCompileAst) for bands of one kind. Throws EXPRESSION_INVALID for
 * operations a kind does not have.
 */
export class Typing {
  readonly #bandKind: Kind
  readonly #values = new Map<string, Value>()
  readonly #names = new Map<unknown, number>()

  constructor(bandKind: Kind) {
    this.#bandKind = bandKind
  }

  valueOf(node: ExpressionNode): Value {
    switch (node.kind) {
      case 'constant':
        return this.#constant(node, constantKind(node))
      case 'band':
        return this.#unique(`band ${node.band}`, { kind: this.#bandKind, source: { band: node.band } })
      case 'unary':
        return this.#unary(node.operator, this.valueOf(node.operand))
      case 'binary':
        return this.#binary(node.operator, this.valueOf(node.left), this.valueOf(node.right))
      case 'call':
        return this.#call(
          node.name,
          node.arguments.map((each) => this.valueOf(each)),
        )
    }
  }

  #unary(operator: UnaryOperator, operand: Value): Value {
    const kernel = (operator === '-' ? negation : inversion)[operand.kind]
    if (kernel === null) throw invalid(`${operator} has no meaning for ${plural[operand.kind]}`)
    return this.#compute(kernel, operand.kind, [operand])
  }

  #binary(operator: BinaryOperator, left: Value, right: Value): Value {
    if (Object.hasOwn(comparisons, operator)) {
      const kind = commonKind(left.kind, right.kind)
      const [kernel, swapped] = comparisons[operator as ComparisonOperator]
      const operands = [this.#cast(left, kind), this.#cast(right, kind)]
      return this.#compute(kernel, 'bool', swapped ? operands.reverse() : operands)
    }
    if (operator === '/') return this.#quotient(left, right)
    if (operator === '**' && 'constant' in right.source) return this.#power(left, right, right.source.constant.value)
    return this.#arithmetic(operator as keyof typeof arithmetic, commonKind(left.kind, right.kind), left, right)
  }

  #arithmetic(operator: keyof typeof arithmetic, kind: Kind, left: Value, right: Value): Value {
    const kernel = arithmetic[operator][kind]
    if (kernel === null) throw invalid(`${operator} has no meaning for ${plural[kind]}`)
    return this.#compute(kernel, kind, [this.#cast(left, kind), this.#cast(right, kind)])
  }

  /** numexpr multiplies doubles by the reciprocal of a constant double, whatever that does to the last bit. */
  #quotient(left: Value, right: Value): Value {
    if (left.kind === 'f64' && 'constant' in right.source && right.source.constant.type === 'double') {
      if (right.source.constant.value === 0) throw invalid('division by zero')
      const reciprocal: ConstantNode = { kind: 'constant', type: 'double', value: 1 / right.source.constant.value }
      return this.#arithmetic('*', 'f64', left, this.#constant(reciprocal, 'f64'))
    }
    const kind = commonKind(left.kind, right.kind)
    return this.#arithmetic('/', kind === 'f32' ? 'f32' : 'f64', left, right)
  }

  /** Powers of halves up to 50 are products (numexpr.expressions.pow_op): the low bits first, a root last. */
  #power(base: Value, exponent: Value, value: number): Value {
    if (isInteger(base.kind) && isInteger(exponent.kind) && value < 0)
      throw invalid('whole numbers have no negative whole powers; write the exponent as -1.0')
    if (!Number.isFinite(value)) throw invalid('an exponent is no finite number')
    const positive = Math.abs(value)
    if (positive > 50 || !Number.isInteger(2 * value))
      return this.#arithmetic('**', commonKind(base.kind, exponent.kind), base, exponent)
    const product = (a: Value, b: Value) => this.#arithmetic('*', commonKind(a.kind, b.kind), a, b)
    let result: Value | null = null
    let square = base
    for (let bit = 1; bit <= positive; bit *= 2) {
      if (bit > 1) square = product(square, square)
      if (Math.floor(positive) & bit) result = result === null ? square : product(result, square)
    }
    if (!Number.isInteger(positive)) {
      const root = this.#call('sqrt', [base])
      result = result === null ? root : product(result, root)
    }
    result ??= this.#call('ones_like', [base])
    return value < 0 ? this.#quotient(this.#constant(one, 'i32'), result) : result
  }

  #call(name: string, operands: readonly Value[]): Value {
    const [first, second, third] = operands
    if (name === 'where') {
      if (first!.kind !== 'bool') throw invalid('the condition of where is no comparison')
      const kind = commonKind(second!.kind, third!.kind)
      return this.#compute(choose, kind, [first!, this.#cast(second!, kind), this.#cast(third!, kind)])
    }
    const common = commonKind(...operands.map(({ kind }) => kind))
    const kind = functionTable[name]!.kind(common)
    if (kind === null) throw invalid(`${name} has no meaning for ${plural[common]}`)
    // Whole numbers are neither rounded nor copied.
    if ((name === 'round' && isInteger(kind)) || name === 'copy') return first!
    const { exact, rounded } = loops.get(name)!
    const cast = kind === 'bool' ? operands : operands.map((operand) => this.#cast(operand, kind))
    return this.#compute(kind === 'f32' ? rounded : exact, kind, cast)
  }

  /** As numbers of another kind: all are doubles, so only floats of whole numbers are other numbers. */
  #cast(value: Value, kind: Kind): Value {
    if (value.kind === kind) return value
    if ('constant' in value.source) return this.#constant(value.source.constant, kind)
    if (kind === 'f32' && isInteger(value.kind)) return this.#compute(round32, 'f32', [value])
    return value
  }

  #constant(node: ConstantNode, kind: Kind): Value {
    const value = kind === 'f32' ? Math.fround(node.value) : node.value
    const name = `${kind} ${Object.is(value, -0) ? '-0' : value} ${node.type}`
    return this.#unique(name, { kind, source: { constant: { ...node, value } } })
  }

  #compute(kernel: Kernel, kind: Kind, operands: readonly Value[]): Value {
    const name = [kernel, ...operands].map((part) => this.#name(part)).join(' ')
    return this.#unique(`${kind} = ${name}`, { kind, source: { kernel, operands } })
  }

  #unique(name: string, value: Value): Value {
    const known = this.#values.get(name)
    if (known) return known
    this.#values.set(name, value)
    return value
  }

  #name(part: unknown): number {
    const name = this.#names.get(part) ?? this.#names.size
    this.#names.set(part, name)
    return name
  }
}
