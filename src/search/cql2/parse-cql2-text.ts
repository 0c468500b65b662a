import { invalidFilter } from './invalid-filter.ts'
import { TokenReader } from './token-reader.ts'
import { tokenize } from './tokens.ts'
import { beginsGeometry, parseGeometry, parseNumber } from './wkt.ts'

/** CQL2 as JSON: an operation, a property, a literal. */
export type Cql2 = boolean | number | string | readonly Cql2[] | { readonly [key: string]: unknown }

/** Binding powers of what stands between two operands. */
const powers: Readonly<Record<string, number>> = {
  ...{ OR: 1, AND: 2, '=': 4, '<>': 4, '<': 4, '<=': 4, '>': 4, '>=': 4, LIKE: 4, BETWEEN: 4, IN: 4, IS: 4, NOT: 4 },
  ...{ '+': 5, '-': 5, '*': 6, '/': 6, '%': 6, DIV: 6, '^': 7 },
}
const NEGATION = 3
const COMPARISON = 4
/** In CQL2 a sign binds tighter than a power. */
const SIGN = 8

/** Functions of CQL2's standard by their number of arguments; pgSTAC has no others. */
const functions: Readonly<Record<string, number>> = {
  ...Object.fromEntries(['casei', 'accenti', 'upper', 'lower'].map((name) => [name, 1])),
  ...Object.fromEntries(
    ['intersects', 'equals', 'disjoint', 'touches', 'within', 'overlaps', 'crosses', 'contains'].map((name) => [
      `s_${name}`,
      2,
    ]),
  ),
  ...Object.fromEntries(
    [
      ...['after', 'before', 'contains', 'disjoint', 'during', 'equals', 'finishedby', 'finishes', 'intersects'],
      ...['meets', 'metby', 'overlappedby', 'overlaps', 'startedby', 'starts'],
    ].map((name) => [`t_${name}`, 2]),
  ),
  ...Object.fromEntries(['equals', 'contains', 'containedby', 'overlaps'].map((name) => [`a_${name}`, 2])),
}

/**
 * A filter in CQL2's text form as CQL2 JSON, which is what pgSTAC takes (OGC 21-065r2): comparisons, AND, OR, NOT, LIKE, BETWEEN, IN, IS NULL,
 * arithmetic, temporal, spatial (well-known text, BBOX) and array predicates, CASEI and ACCENTI. Throws PARAMETER_INVALID.
 */
export function parseCql2Text(filter: string): Cql2 {
  const reader = new TokenReader(tokenize(filter))
  const parsed = new Parser(reader).expression(0)
  if (reader.next.kind !== 'end') throw reader.unexpected()
  if (typeof parsed !== 'boolean' && !(isOperation(parsed) && !('property' in parsed)))
    throw invalidFilter('it is no condition')
  return parsed
}

class Parser {
  readonly #reader: TokenReader

  constructor(reader: TokenReader) {
    this.#reader = reader
  }

  /** Everything up to what binds no tighter than `power`. */
  expression(power: number): Cql2 {
    return this.#reader.nested(() => {
      let left = this.#operand()
      for (;;) {
        const operator = this.#reader.keyword
        const binding = Object.hasOwn(powers, operator) ? powers[operator]! : 0
        if (binding <= power) return left
        this.#reader.take()
        left = binding === COMPARISON ? this.#predicate(operator, left) : this.#operation(operator, binding, left)
      }
    })
  }

  #operation(operator: string, binding: number, left: Cql2): Cql2 {
    const right = this.expression(binding)
    const op = operator.toLowerCase()
    // `a AND b AND c` is one operation of three.
    if ((op === 'and' || op === 'or') && isOperation(left) && left.op === op)
      return { op, args: [...(left.args as Cql2[]), right] }
    return { op, args: [left, right] }
  }

  #predicate(operator: string, left: Cql2): Cql2 {
    const reader = this.#reader
    switch (operator) {
      case 'NOT': {
        const negated = reader.keyword
        if (negated !== 'LIKE' && negated !== 'BETWEEN' && negated !== 'IN')
          throw reader.unexpected('LIKE, BETWEEN or IN')
        reader.take()
        return { op: 'not', args: [this.#predicate(negated, left)] }
      }
      case 'IS': {
        const negated = reader.accept('NOT')
        reader.expect('NULL')
        const isNull = { op: 'isNull', args: [left] }
        return negated ? { op: 'not', args: [isNull] } : isNull
      }
      case 'BETWEEN': {
        const low = this.expression(COMPARISON)
        reader.expect('AND')
        return { op: 'between', args: [left, low, this.expression(COMPARISON)] }
      }
      case 'IN':
        return { op: 'in', args: [left, reader.list(() => this.expression(COMPARISON))] }
      default:
        return { op: operator.toLowerCase(), args: [left, this.expression(COMPARISON)] }
    }
  }

  #operand(): Cql2 {
    const reader = this.#reader
    const { keyword } = reader
    const { kind } = reader.next
    if (kind === 'number') return parseNumber(reader)
    if (kind === 'text') return reader.take().text
    if (kind === 'quoted name') return { property: reader.take().text }
    if (keyword === '-') return this.#negative()
    if (keyword === '(') return this.#enclosed()
    const operator = Object.hasOwn(powers, keyword) && keyword !== 'NOT'
    if (kind !== 'name' || operator) throw reader.unexpected()
    if (reader.accept('NOT')) return { op: 'not', args: [this.expression(NEGATION)] }
    if (reader.accept('TRUE')) return true
    if (reader.accept('FALSE')) return false
    if (beginsGeometry(keyword) && ['(', 'Z'].includes(reader.second)) return { ...parseGeometry(reader) }
    if (reader.second === '(') return this.#call(reader.take().text.toLowerCase())
    return { property: reader.take().text }
  }

  #negative(): Cql2 {
    this.#reader.take()
    const value = this.expression(SIGN)
    return typeof value === 'number' ? -value : { op: '*', args: [-1, value] }
  }

  /** A condition or value in parentheses, or an array. */
  #enclosed(): Cql2 {
    const values = this.#reader.list(() => this.expression(0))
    return values.length === 1 ? values[0]! : values
  }

  #call(name: string): Cql2 {
    const reader = this.#reader
    if (name === 'date' || name === 'timestamp') return { [name]: reader.list(() => this.#text())[0] }
    if (name === 'interval')
      return {
        interval: arguments_(
          name,
          2,
          reader.list(() => this.expression(0)),
        ),
      }
    if (name === 'bbox') return boxGeometry(reader.list(() => parseNumber(reader)))
    const count = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (count === undefined) throw invalidFilter(`there is no function ${name.slice(0, 40)}`)
    const given = arguments_(
      name,
      count,
      reader.list(() => this.expression(0)),
    )
    // An array of one is written like a value in parentheses.
    return {
      op: name,
      args: name.startsWith('a_') ? given.map((value) => (isLiteral(value) ? [value] : value)) : given,
    }
  }

  #text(): string {
    if (this.#reader.next.kind !== 'text') throw this.#reader.unexpected('a text')
    return this.#reader.take().text
  }
}

function arguments_(name: string, count: number, given: readonly Cql2[]): readonly Cql2[] {
  if (given.length === count) return given
  throw invalidFilter(`${name} takes ${count} values, not ${given.length}`)
}

/** pgSTAC's spatial operations take GeoJSON alone. */
function boxGeometry(box: readonly number[]): Cql2 {
  const [west = 0, south = 0, east = 0, north = 0] = box.length === 6 ? [0, 1, 3, 4].map((at) => box[at]) : box
  if (box.length !== 4 && box.length !== 6) throw invalidFilter('BBOX takes 4 numbers, or 6 with heights')
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
  return { type: 'Polygon', coordinates: [ring] }
}

function isLiteral(value: Cql2): boolean {
  return typeof value !== 'object'
}

function isOperation(value: Cql2): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && !Array.isArray(value) && 'op' in value
}
