import pg from 'pg'
import { TilepressError } from '../errors.ts'

/** The five characters PostgreSQL gives an error (its appendix A), null for whatever did not come from the server. */
export function sqlState(thrown: unknown): string | null {
  return thrown instanceof pg.DatabaseError && thrown.code !== undefined ? thrown.code : null
}

/**
 * SQLSTATEs, or classes of them, that pass: connection trouble, wrong or expired sign-in, no such database yet, a standby that
 * became our server, serialization and deadlock, resources, locks, timeouts (57014) and shutdown.
 */
const passing = /^(08|28|3D|53|57|25006$|40|55P03$|58)/

/**
 * What a call of the database threw, in our terms: what passes becomes DATABASE_UNAVAILABLE with the SQLSTATE in its context, an answer of
 * the server that does not pass stays the pg.DatabaseError that it is. Decided by code and origin, never by a message's words.
 */
export function toDatabaseError(thrown: unknown): unknown {
  if (thrown instanceof TilepressError || thrown instanceof TypeError) return thrown
  const state = sqlState(thrown)
  if (state !== null && !passing.test(state)) return thrown
  const reason = state ?? systemCode(thrown)
  return new TilepressError('DATABASE_UNAVAILABLE', 'the catalogue database is not available', {
    cause: thrown,
    context: { reason },
  })
}

/** True for our own error about a statement that ran out of time (query_canceled). */
export function isStatementTimeout(thrown: unknown): boolean {
  return thrown instanceof TilepressError && thrown.context.reason === '57014'
}

/** ECONNREFUSED and its kin; what the driver throws without a code is trouble with the connection, too. */
function systemCode(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' ? code : 'CONNECTION'
}
