import { TilepressError } from '../errors.ts'
import { parseDecimal } from './decimal.ts'

/** Values of a query's parameters, each read with its bounds; all throw PARAMETER_INVALID naming the parameter and what it takes. */

export function invalid(parameter: string, rule: string): TilepressError {
  return new TilepressError('PARAMETER_INVALID', `parameter ${parameter} ${rule}`, { context: { parameter } })
}

export function oneOf<T extends string>(query: URLSearchParams, name: string, allowed: readonly T[], fallback: T): T {
  const text = query.get(name)
  if (text === null) return fallback
  const value = allowed.find((each) => each === text)
  if (value === undefined) throw invalid(name, `takes one of ${allowed.join(', ')}`)
  return value
}

/** Pydantic's spellings of a boolean. */
export function flag(query: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = query.get(name)?.toLowerCase()
  if (text === undefined) return fallback
  if (['true', '1', 'yes', 'on', 't', 'y'].includes(text)) return true
  if (['false', '0', 'no', 'off', 'f', 'n'].includes(text)) return false
  throw invalid(name, 'takes true or false')
}

export function whole(query: URLSearchParams, name: string, fallback: number, min: number, max: number): number {
  const text = query.get(name)
  if (text === null) return fallback
  const value = parseInteger(text)
  if (value === null || value < min || value > max) throw invalid(name, `takes a whole number from ${min} to ${max}`)
  return value
}

/** A finite decimal number as Python's float() reads it: spaces around it, `_` between digits; null for anything else. */
export function parseNumber(text: string): number | null {
  const plain = withoutUnderscores(text.trim())
  return plain === null ? null : parseDecimal(plain)
}

/** A whole number as Python's int() reads it, null for anything else and beyond 2^53. */
export function parseInteger(text: string): number | null {
  const plain = withoutUnderscores(text.trim())
  const value = plain !== null && /^[+-]?\d+$/.test(plain) ? Number(plain) + 0 : Number.NaN
  return Number.isSafeInteger(value) ? value : null
}

/** Python's numbers may have single underscores between digits, and only there; null where one stands elsewhere. */
function withoutUnderscores(text: string): string | null {
  const plain = text.replace(/(?<=\d)_(?=\d)/g, '')
  return plain.includes('_') ? null : plain
}
