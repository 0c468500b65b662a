import { TilepressError } from '../../src/errors.ts'

/** The TilepressError that `run` throws; any other end fails the test. */
export function failure(run: () => unknown): TilepressError {
  try {
    run()
  } catch (error) {
    if (error instanceof TilepressError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
