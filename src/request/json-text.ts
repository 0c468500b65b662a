import { TilepressError } from '../errors.ts'

/**
 * JSON of somebody else's making. Objects and lists in each other are counted before they are parsed, as whatever walks over the value may do so
 * by recursion; numbers beyond doubles (`1e999`), which would be null in the next JSON, are refused. `what` begins the message.
 * Throws PARAMETER_INVALID.
 */
export function parseJson(what: string, text: string, mostLevels: number): unknown {
  if (levelsOf(text) > mostLevels)
    throw new TilepressError('PARAMETER_INVALID', `${what} takes JSON of at most ${mostLevels} levels`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = Infinity
  }
  if (hasInfinity(value))
    throw new TilepressError('PARAMETER_INVALID', `${what} takes JSON, with numbers up to 1.7e308`)
  return value
}

/** A walk of its own: JSON.parse with a function takes a second for a megabyte. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasInfinity)
  for (const name in value) if (hasInfinity((value as Record<string, unknown>)[name])) return true
  return false
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}')

/** How deep brackets are in each other, those inside texts apart. */
function levelsOf(text: string): number {
  let [levels, most] = [0, 0]
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inText) {
      if (code === BACKSLASH) i++
      else if (code === QUOTE) inText = false
    } else if (code === QUOTE) inText = true
    else if (code === OPEN_LIST || code === OPEN_OBJECT) most = Math.max(most, ++levels)
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) levels--
  }
  return most
}
