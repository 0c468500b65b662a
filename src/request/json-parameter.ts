import { parseJson } from './json-text.ts'

/** Objects and lists in each other: no parameter has a use for more. */
const MOST_LEVELS = 8

/** A query parameter's JSON. Throws PARAMETER_INVALID for what is none. */
export function parseJsonParameter(name: string, text: string): unknown {
  return parseJson(`parameter ${name}`, text, MOST_LEVELS)
}
