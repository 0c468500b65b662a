import { invalid } from './query-values.ts'

/** Objects and lists in each other. */
const MAX_DEPTH = 8

/** A query parameter's JSON. Throws PARAMETER_INVALID for what is none, and for more levels than any parameter has a use for. */
export function parseJsonParameter(name: string, text: string): unknown {
  // Counted before it is parsed; brackets inside texts count too, which none of the parameters has.
  let depth = 0
  for (const character of text) {
    if (character === '{' || character === '[') depth++
    if (character === '}' || character === ']') depth--
    if (depth > MAX_DEPTH) throw invalid(name, `takes JSON of at most ${MAX_DEPTH} levels`)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(name, 'takes JSON')
  }
}
