import { TilepressError } from '../errors.ts'

/** EXPRESSION_INVALID with a reason for the client. */
export function invalid(reason: string): TilepressError {
  return new TilepressError('EXPRESSION_INVALID', `invalid expression: ${reason}`)
}
