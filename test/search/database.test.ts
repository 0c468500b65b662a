import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { createDatabase, type DatabaseOptions, publicDatabaseUrl } from '../../src/search/database.ts'
import { isStatementTimeout, sqlState, toDatabaseError } from '../../src/search/database-error.ts'

const options = {
  poolSize: 1,
  statementTimeoutMs: 1_000,
  connectTimeoutMs: 200,
  applicationName: 'test',
  log: { warn: () => {} },
} satisfies Partial<DatabaseOptions>

const servers: Server[] = []

/** A port on which nobody listens, or a server that takes connections and says nothing. */
async function port(silent: boolean): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (silent) servers.push(server)
  else await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

describe('the public form of a database URL', () => {
  test('has no user, no password and no parameters', () => {
    expect(publicDatabaseUrl('postgresql://me:s3cret@db.example:5432/stac?password=s3cret')).toBe(
      'postgresql://db.example:5432/stac',
    )
    expect(publicDatabaseUrl('me:s3cret@db')).not.toContain('s3cret')
    expect(publicDatabaseUrl('')).toBe('')
  })
})

describe('a database that can not be reached', () => {
  test('is DATABASE_UNAVAILABLE, and no ping is answered', async () => {
    const database = createDatabase({
      ...options,
      connectionString: `postgresql://me:s3cret@127.0.0.1:${await port(false)}/stac`,
    })
    try {
      const error = await database.query('SELECT 1').catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        retryable: true,
        context: { reason: 'ECONNREFUSED' },
      })
      expect(`${JSON.stringify(error)} ${(error as Error).stack}`).not.toContain('s3cret')
      expect(await database.ping(1_000)).toBe(false)
    } finally {
      await database.close()
    }
  })

  test('holds nobody for longer than the time to connect', async () => {
    const database = createDatabase({
      ...options,
      connectionString: `postgresql://me@127.0.0.1:${await port(true)}/stac`,
    })
    try {
      const waiting = Array.from({ length: 3 }, () => database.query('SELECT 1'))
      for (const outcome of await Promise.allSettled(waiting)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE' } })
      }
      expect(await database.ping(1)).toBe(false)
    } finally {
      await database.close()
    }
  })

  test('refuses at once when too many wait', async () => {
    const database = createDatabase({
      ...options,
      connectionString: `postgresql://me@127.0.0.1:${await port(true)}/stac`,
    })
    try {
      const outcomes = await Promise.allSettled(Array.from({ length: 80 }, () => database.query('SELECT 1')))
      const details = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.detail : ''))
      expect(details.filter((detail) => detail.startsWith('too many'))).toHaveLength(80 - 65)
    } finally {
      await database.close()
    }
  })

  test('passes on why there was no password', async () => {
    const silent = await port(true)
    const database = createDatabase({
      ...options,
      connectionString: `postgresql://me@127.0.0.1:${silent}/stac`,
      password: () => Promise.reject(new TilepressError('TOKEN_UNAVAILABLE', 'no token')),
    })
    for (const server of servers) {
      // PostgreSQL's AuthenticationCleartextPassword.
      server.on('connection', (socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])))
    }
    try {
      await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'TOKEN_UNAVAILABLE' })
    } finally {
      await database.close()
    }
  })
})

test('a database URL that is none is refused without being repeated', () => {
  const create = () => createDatabase({ ...options, connectionString: 'postgresql://me:s3cret@[bad' })
  expect(create).toThrow(TypeError)
  expect(create).not.toThrow(/s3cret/)
})

describe('an error of the database', () => {
  const answer = (code: string) => Object.assign(new pg.DatabaseError('words', 5, 'error'), { code })

  test.each(['08006', '28P01', '3D000', '53300', '57014', '57P01', '40001', '55P03', '25006'])(
    '%s may pass',
    (code) => {
      expect(toDatabaseError(answer(code))).toMatchObject({ code: 'DATABASE_UNAVAILABLE', context: { reason: code } })
    },
  )

  test.each(['P0001', '22P02', '42883', '23502', 'XX000', '54000', '25001'])('%s will not', (code) => {
    const error = answer(code)
    expect(toDatabaseError(error)).toBe(error)
    expect(sqlState(error)).toBe(code)
  })

  test('without a code is trouble with the connection', () => {
    expect(toDatabaseError(new Error('Connection terminated unexpectedly'))).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      context: { reason: 'CONNECTION' },
    })
  })

  test('of our own, or a mistake in a program, stays what it is', () => {
    for (const error of [new TilepressError('TOKEN_UNAVAILABLE', 'x'), new TypeError('x')])
      expect(toDatabaseError(error)).toBe(error)
  })

  test('tells a statement that ran out of time', () => {
    expect(isStatementTimeout(toDatabaseError(answer('57014')))).toBe(true)
    expect(isStatementTimeout(toDatabaseError(answer('57P01')))).toBe(false)
  })
})
