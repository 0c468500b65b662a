import pg from 'pg'
import { TilepressError } from '../errors.ts'
import { toDatabaseError } from './database-error.ts'

export interface DatabaseOptions {
  readonly connectionString: string
  /** Asked for at every new connection, for passwords that expire; stands before the URL's own. */
  readonly password?: (() => Promise<string>) | undefined
  readonly poolSize: number
  /** Longest statement unless a call says otherwise. */
  readonly statementTimeoutMs: number
  /** Longest wait for a connection, new or from the pool. */
  readonly connectTimeoutMs: number
  readonly applicationName: string
  readonly log: { warn(details: object, message: string): void }
}

/** A pool of connections to the PostgreSQL that holds pgSTAC. */
export interface Database {
  /**
   * One statement in a transaction of its own, with pgSTAC's search path. Throws DATABASE_UNAVAILABLE for what may pass, and
   * pg.DatabaseError for an answer that will not (see sqlState).
   */
  query<Row extends object>(text: string, values?: readonly unknown[], timeoutMs?: number): Promise<Row[]>
  /** True when a connection answered within the time. Never throws; pings under way are shared. */
  ping(timeoutMs: number): Promise<boolean>
  /** Connections open, of these idle, and calls that wait for one. */
  stats(): { readonly connections: number; readonly idle: number; readonly waiting: number }
  close(): Promise<void>
}

/** All that the catalogue and the search need of a database. */
export type Queryable = Pick<Database, 'query'>

/** Calls that may wait per connection of the pool; more are refused at once. */
const WAITING_PER_CONNECTION = 64

/** How much longer than the server's own limit the client waits before it gives the connection up. */
const GRACE_MS = 5_000

/** Throws TypeError without the URL in it when the URL can't be read. Opens no connection. */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    ...connectionOf(options),
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs,
    idleTimeoutMillis: 60_000,
    application_name: options.applicationName,
    keepAlive: true,
    // BEGIN, the statement and COMMIT travel together: a transaction costs one round trip.
    pipeline: true,
  })
  // A connection may break while idle; without a listener that ends the process.
  pool.on('error', (error) => {
    options.log.warn({ reason: 'code' in error ? error.code : undefined }, 'an idle database connection broke')
  })

  async function query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    timeoutMs?: number,
  ): Promise<Row[]> {
    if (pool.waitingCount >= options.poolSize * WAITING_PER_CONNECTION) {
      throw new TilepressError('DATABASE_UNAVAILABLE', 'too many queries wait for the catalogue database')
    }
    let client: pg.PoolClient
    try {
      client = await pool.connect()
    } catch (error) {
      throw toDatabaseError(error)
    }
    return await inTransaction<Row>(client, text, values, timeoutMs ?? options.statementTimeoutMs)
  }

  let pinging: Promise<boolean> | null = null

  return {
    query,
    async ping(timeoutMs) {
      pinging ??= query('SELECT 1', [], timeoutMs)
        .then(() => true)
        .catch(() => false)
        .finally(() => {
          pinging = null
        })
      const late = Promise.withResolvers<boolean>()
      const timer = setTimeout(() => late.resolve(false), timeoutMs)
      try {
        return await Promise.race([pinging, late.promise])
      } finally {
        clearTimeout(timer)
      }
    },
    stats: () => ({ connections: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  }
}

/**
 * Settings are made with SET LOCAL inside the transaction: PgBouncer refuses them as start-up parameters, and in its transaction mode a
 * plain SET would land on a connection that the next call does not get.
 */
async function inTransaction<Row extends object>(
  client: pg.PoolClient,
  text: string,
  values: readonly unknown[],
  timeoutMs: number,
): Promise<Row[]> {
  const begin =
    'BEGIN; SET LOCAL search_path TO pgstac, public; SET LOCAL client_min_messages TO error; ' +
    `SET LOCAL statement_timeout TO ${Math.ceil(timeoutMs)}`
  const query_timeout = Math.ceil(timeoutMs) + GRACE_MS
  // pg reads `query_timeout` of a single query, its types do not know.
  const timed = (config: pg.QueryConfig) => client.query<Row>({ ...config, query_timeout } as pg.QueryConfig)
  // COMMIT after a failed statement rolls back, so the connection is clean either way.
  const answers = await Promise.allSettled([
    timed({ text: begin }),
    timed({ text, values: [...values] }),
    timed({ text: 'COMMIT' }),
  ])
  const failure = answers.find((answer) => answer.status === 'rejected')
  if (failure) {
    const error = toDatabaseError(failure.reason)
    // Only a connection that answered with an error of the server is known to be sound.
    client.release(!(failure.reason instanceof pg.DatabaseError))
    throw error
  }
  client.release()
  const [, answer] = answers
  return answer.status === 'fulfilled' ? answer.value.rows : []
}

function connectionOf({ connectionString, password }: DatabaseOptions): pg.PoolConfig {
  let parsed: pg.Client & { ssl?: pg.ClientConfig['ssl'] }
  try {
    parsed = new pg.Client({ connectionString })
  } catch {
    // The parser's own error repeats the URL, and with it the password.
    throw new TypeError('the database URL is not one: postgresql://user@host:5432/database')
  }
  if (!password) return { connectionString }
  // Beside a connection string pg ignores `password`.
  const { host, port, user, database, ssl } = parsed
  return { host, port, user, database, password, ssl }
}

/** The URL without user, password and parameters, for people to see; empty when it can't be read. */
export function publicDatabaseUrl(connectionString: string): string {
  if (!/^postgres(ql)?:/.test(connectionString) || !URL.canParse(connectionString)) return ''
  const url = new URL(connectionString)
  return `${url.protocol}//${url.host}${url.pathname}`
}
