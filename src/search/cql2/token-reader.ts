import { invalidFilter } from './invalid-filter.ts'
import type { Cql2Token } from './tokens.ts'

/** Parentheses, signs and negations in each other. */
const DEEPEST = 32

/** A place in a list of tokens. Keywords are names in any case. */
export class TokenReader {
  readonly #tokens: readonly Cql2Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Cql2Token[]) {
    this.#tokens = tokens
  }

  get next(): Cql2Token {
    return this.#tokens[this.#at]!
  }

  /** The symbol, or the name in upper case; empty for texts, numbers and quoted names, so that none is taken for a keyword. */
  get keyword(): string {
    return this.#keywordAt(0)
  }

  /** The keyword behind the next token. */
  get second(): string {
    return this.next.kind === 'end' ? '' : this.#keywordAt(1)
  }

  take(): Cql2Token {
    const token = this.next
    if (token.kind === 'end') throw invalidFilter('it ends too soon')
    this.#at++
    return token
  }

  /** Takes the keyword when it comes next. */
  accept(keyword: string): boolean {
    if (this.keyword !== keyword) return false
    this.#at++
    return true
  }

  expect(keyword: string): void {
    if (!this.accept(keyword)) throw this.unexpected(keyword)
  }

  unexpected(wanted?: string): Error {
    const found = this.next.text.slice(0, 40)
    return invalidFilter(wanted === undefined ? `unexpected ${found}` : `expected ${wanted}, found ${found}`)
  }

  /** One value or more, parted by commas, in parentheses. */
  list<T>(one: () => T): T[] {
    this.expect('(')
    const values = [one()]
    while (this.accept(',')) values.push(one())
    this.expect(')')
    return values
  }

  /** Runs a step that may come to itself again. */
  nested<T>(step: () => T): T {
    if (++this.#depth > DEEPEST) throw invalidFilter(`it is nested deeper than ${DEEPEST} levels`)
    const value = step()
    this.#depth--
    return value
  }

  #keywordAt(offset: number): string {
    const token = this.#tokens[this.#at + offset]
    return token?.kind === 'name' || token?.kind === 'symbol' ? token.text.toUpperCase() : ''
  }
}
