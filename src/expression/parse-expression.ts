import { compileExpression } from './compile.ts'
import { foldBinary, foldCall, foldUnary, parseNumber } from './constants.ts'
import type { BinaryOperator, Expression, ExpressionBlock, ExpressionNode, UnaryOperator } from './expression.ts'
import { functionTable } from './functions.ts'
import { invalid } from './invalid.ts'
import { bandKinds } from './kind.ts'
import { type Token, tokenize } from './tokens.ts'

/** Bounds on what one expression may ask: a node is a pass over every pixel of every item. */
export const LONGEST_EXPRESSION = 4_096
const MOST_BLOCKS = 32
const MOST_NODES = 256
const DEEPEST = 64
const LAST_BAND = 65_535

/** Binding powers of Python's binary operators; `**` binds its right side alone tighter than a sign does. */
const powers: Readonly<Record<BinaryOperator, number>> = {
  ...{ '==': 1, '!=': 1, '<': 1, '<=': 1, '>': 1, '>=': 1 },
  ...{ '|': 2, '^': 3, '&': 4, '+': 5, '-': 5, '*': 6, '/': 6, '//': 6, '%': 6, '**': 8 },
}
const COMPARISON = 1
const SIGN = 7

/**
 * A band-math expression: blocks parted by `;`, each in Python's grammar restricted to numbers, bands `b1` …, operators and functions
 * (rio_tiler.expression). Whatever no image could be computed by is refused here; what depends on the image's type, when it is compiled for it.
 * Throws EXPRESSION_INVALID.
 */
export function parseExpression(text: string): Expression {
  if (text.length > LONGEST_EXPRESSION) throw invalid(`it has more than ${LONGEST_EXPRESSION} characters`)
  const texts = text
    .split(';')
    .map((block) => block.trim().toLowerCase())
    .filter((block) => block !== '')
  if (texts.length === 0 || texts.length > MOST_BLOCKS) throw invalid(`it needs 1 to ${MOST_BLOCKS} blocks`)
  const bands = new Set<number>()
  const budget = { nodes: MOST_NODES }
  const blocks = texts.map((block) => parseBlock(block, bands, budget))
  const expression = { text: texts.join(';'), blocks, bands: [...bands].sort((a, b) => a - b) }
  // It must make sense for one type of image at least: else the client learns now what is wrong.
  const failures = bandKinds.map((kind) => failureOf(() => compileExpression(expression, kind)))
  if (!failures.includes(null)) throw failures.at(-1)
  return expression
}

function parseBlock(text: string, bands: Set<number>, budget: { nodes: number }): ExpressionBlock {
  const block = { text, node: new BlockParser(tokenize(text), bands, budget).parse() }
  if (block.node.kind === 'constant') throw invalid(`${text} names no band`)
  return block
}

function failureOf(run: () => unknown): unknown {
  try {
    run()
    return null
  } catch (error) {
    return error
  }
}

/** A Pratt parser. */
class BlockParser {
  readonly #tokens: readonly Token[]
  readonly #bands: Set<number>
  readonly #budget: { nodes: number }
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[], bands: Set<number>, budget: { nodes: number }) {
    this.#tokens = tokens
    this.#bands = bands
    this.#budget = budget
  }

  parse(): ExpressionNode {
    const node = this.#expression(0)
    if (this.#next.kind !== 'end') throw invalid(`unexpected ${this.#next.text}`)
    return node
  }

  get #next(): Token {
    return this.#tokens[this.#at]!
  }

  /** Everything up to an operator that binds no tighter than `power`. */
  #expression(power: number): ExpressionNode {
    if (++this.#depth > DEEPEST) throw invalid(`it is nested deeper than ${DEEPEST} levels`)
    let left = this.#operand()
    for (let compared = false; ; ) {
      const operator = this.#next.text as BinaryOperator
      const binding = this.#next.kind === 'operator' ? (powers[operator] ?? 0) : 0
      if (binding <= power) break
      if (binding === COMPARISON && compared) throw invalid('comparisons can not be chained: write (a < b) & (b < c)')
      compared = binding === COMPARISON
      this.#at++
      this.#count()
      // A power's exponent takes a sign, and further powers: 2**-b1**2 is 2**(-(b1**2)).
      left = foldBinary(operator, left, this.#expression(operator === '**' ? SIGN : binding))
    }
    this.#depth--
    return left
  }

  #operand(): ExpressionNode {
    this.#count()
    const { kind, text } = this.#next
    this.#at++
    if (kind === 'number') return parseNumber(text)
    if (kind === 'name') return this.#next.text === '(' ? this.#call(text) : this.#band(text)
    if (text === '-' || text === '~' || text === '+') return this.#signed(text)
    if (text === '(') {
      const node = this.#expression(0)
      this.#expect(')')
      return node
    }
    throw invalid(`unexpected ${text}`)
  }

  #signed(operator: UnaryOperator | '+'): ExpressionNode {
    const operand = this.#expression(SIGN)
    return operator === '+' ? operand : foldUnary(operator, operand)
  }

  #call(name: string): ExpressionNode {
    if (!Object.hasOwn(functionTable, name)) throw invalid(`no function ${name.slice(0, 40)}`)
    this.#expect('(')
    const operands: ExpressionNode[] = []
    while (this.#next.text !== ')') {
      if (operands.length > 0) this.#expect(',')
      operands.push(this.#expression(0))
    }
    this.#expect(')')
    const { arity } = functionTable[name]!
    if (operands.length !== arity) throw invalid(`${name} takes ${arity} values, not ${operands.length}`)
    return foldCall(name, operands)
  }

  #band(name: string): ExpressionNode {
    const band = /^b[1-9]\d{0,4}$/.test(name) ? Number(name.slice(1)) : 0
    if (band < 1 || band > LAST_BAND)
      throw invalid(`${name.slice(0, 40)} is no band: they are b1, b2 … in the order of the assets' bands`)
    this.#bands.add(band)
    return { kind: 'band', band }
  }

  #expect(text: string): void {
    if (this.#next.text !== text) throw invalid(`expected ${text}, found ${this.#next.text}`)
    this.#at++
  }

  #count(): void {
    if (--this.#budget.nodes < 0) throw invalid(`it has more than ${MOST_NODES} operands and operators`)
  }
}
