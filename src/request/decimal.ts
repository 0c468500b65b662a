/** It has one way alone to match a text, so that one of thousands of digits takes no time. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i

/** A finite decimal number; null for anything else. −0 is 0, as it is in JSON: two texts of one meaning have one key. */
export function parseDecimal(text: string): number | null {
  const value = DECIMAL.test(text) ? Number(text) + 0 : Number.NaN
  return Number.isFinite(value) ? value : null
}
