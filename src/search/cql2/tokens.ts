import { invalidFilter } from './invalid-filter.ts'

export interface Cql2Token {
  readonly kind: 'number' | 'text' | 'name' | 'quoted name' | 'symbol' | 'end'
  /** Without quotes; a name as it is written. */
  readonly text: string
}

const pattern =
  /\s+|(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\w.]))|'(?<text>(?:[^']|'')*)'|"(?<quoted>(?:[^"]|"")+)"|(?<name>[\p{L}_][\p{L}\p{M}\p{N}_:.]*)|(?<symbol><>|<=|>=|[<>=(),+\-*/%^])/iuy

/** The tokens of a CQL2 text (OGC 21-065r2, annex B). Throws PARAMETER_INVALID. */
export function tokenize(filter: string): Cql2Token[] {
  const tokens: Cql2Token[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < filter.length) {
    const at = pattern.lastIndex
    const groups = pattern.exec(filter)?.groups
    if (groups === undefined) throw invalidFilter(`unexpected ${JSON.stringify(filter.slice(at, at + 10))}`)
    const { number, text, quoted, name, symbol } = groups
    if (number !== undefined) tokens.push({ kind: 'number', text: number })
    if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll("''", "'") })
    if (quoted !== undefined) tokens.push({ kind: 'quoted name', text: quoted.replaceAll('""', '"') })
    if (name !== undefined) tokens.push({ kind: 'name', text: name })
    if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol })
  }
  tokens.push({ kind: 'end', text: 'the end' })
  return tokens
}
