import { invalid } from './invalid.ts'

export interface Token {
  readonly kind: 'number' | 'name' | 'operator' | 'end'
  readonly text: string
}

const digits = String.raw`\d(?:_?\d)*`
const number = String.raw`0x_?[\da-f](?:_?[\da-f])*|0o_?[0-7](?:_?[0-7])*|0b_?[01](?:_?[01])*|(?:${digits}(?:\.(?:${digits})?)?|\.${digits})(?:e[+-]?${digits})?`
const pattern = new RegExp(
  String.raw`(?<blank>[ \t\f]+|#.*)|(?<line>[\r\n]+)|(?<number>(?:${number})(?![\w.]))|(?<name>[a-z_]\w*)|(?<operator>\*\*|//|==|!=|<=|>=|[-+*/%&|^~<>(),])`,
  'y',
)

/** The tokens of a block in lower case, by Python's lexical rules; a line may end inside parentheses alone. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let depth = 0
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const groups = pattern.exec(text)?.groups
    if (groups === undefined || (groups.line !== undefined && depth === 0))
      throw invalid(`unexpected ${JSON.stringify(text.slice(at, at + 10))}`)
    const { number: digits, name, operator } = groups
    if (operator === '(') depth++
    if (operator === ')') depth--
    if (digits !== undefined) tokens.push({ kind: 'number', text: digits })
    if (name !== undefined) tokens.push({ kind: 'name', text: name })
    if (operator !== undefined) tokens.push({ kind: 'operator', text: operator })
  }
  tokens.push({ kind: 'end', text: 'the end' })
  return tokens
}
