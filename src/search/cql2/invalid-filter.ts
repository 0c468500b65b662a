import { TilepressError } from '../../errors.ts'

export function invalidFilter(reason: string): TilepressError {
  return new TilepressError('PARAMETER_INVALID', `parameter filter is no CQL2 text that is understood: ${reason}`, {
    context: { parameter: 'filter' },
  })
}
