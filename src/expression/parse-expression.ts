import { TilepressError } from '../errors.ts'
import type { Expression } from './expression.ts'

/** Throws PARAMETER_INVALID for whatever isn't of the language. */
export function parseExpression(text: string): Expression {
  throw new TilepressError(
    'PARAMETER_INVALID',
    `parameter expression is not supported by this server: ${text.slice(0, 80)}`,
  )
}
