import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessToken } from '@azure/identity'
import { Queue, Worker } from 'bullmq'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { userCacheFolder } from '../../apps/stack/services/cache-folder.ts'
import { type PostgresService, startPostgres } from '../../apps/stack/services/postgres.ts'
import { type RedisService, startRedis } from '../../apps/stack/services/redis.ts'
import { TokenProvider } from '../../src/auth/token-provider.ts'
import { connectRedis, whenReady } from '../../src/queue/connection.ts'
import { RedisLogin } from '../../src/queue/redis-login.ts'
import { Releasers } from '../../src/release.ts'
import { createDatabase } from '../../src/search/database.ts'
import { startRadius } from '../support/radius.ts'

/** A token's life: the next one is asked for after a second, the shortest pause there is. */
const LIFE_MS = 3_000
/** Tokens that are good at a time: a busy machine has three seconds to sign in anew. */
const GOOD = 4
const ROTATIONS = 8

const releasers = new Releasers()
let folder: string
let redis: RedisService
let postgres: PostgresService

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilepress-logins-'))
  await chmod(folder, 0o755)
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  const cacheFolder = userCacheFolder(process.env)
  redis = await startRedis({ folder: join(folder, 'redis'), policy: 'noeviction', aof: false })
  releasers.add('Redis', () => redis.stop())
  postgres = await startPostgres({ folder: join(folder, 'postgres'), durable: false, cacheFolder })
  releasers.add('PostgreSQL', () => postgres.stop())
})

afterAll(() => releasers.release())

/** Tokens t1, t2 …, each known to `publish` before anybody has it. */
function rotatingTokens(publish: (token: string, count: number) => Promise<void>, onChange: (token: string) => void) {
  let count = 0
  const good: string[] = []
  const credential = {
    getToken: async (): Promise<AccessToken> => {
      count++
      const claims = Buffer.from(JSON.stringify({ oid: `user-${count}` })).toString('base64url')
      const token = `e30.${claims}.`
      await publish(token, count)
      good.push(token)
      if (good.length > GOOD) good.shift()
      return { token, expiresOnTimestamp: Date.now() + LIFE_MS }
    },
  }
  const tokens = new TokenProvider({ credential, scope: 's', onChange: ({ token }) => onChange(token) })
  return { tokens, isGood: (token: string) => good.includes(token), count: () => count }
}

test('Redis connections, BullMQ’s own included, outlive the tokens that opened them', async () => {
  const admin = connectRedis(redis.url, 'fail-fast', { onError: () => {} })
  await whenReady(admin, 5_000)
  const errors: string[] = []
  const onError = (error: Error) => errors.push(error.message)
  const login = new RedisLogin(onError)
  // A user a token: whoever is still signed in with one that is over is cut off, as Azure does it.
  const { tokens, count } = rotatingTokens(
    async (token, n) => {
      await admin.call('ACL', 'SETUSER', `user-${n}`, 'on', `>${token}`, '~*', '&*', '+@all')
      if (n > GOOD) await admin.call('ACL', 'DELUSER', `user-${n - GOOD}`)
    },
    (token) => login.use(token),
  )
  await tokens.getToken()
  const connect = (kind: 'fail-fast' | 'worker' | 'subscriber') => connectRedis(redis.url, kind, { onError, login })
  const [plain, work, subscriber] = [connect('fail-fast'), connect('worker'), connect('subscriber')]
  await Promise.all([plain, work, subscriber].map((each) => whenReady(each, 5_000)))
  let heard = 0
  subscriber.on('message', () => {
    heard++
  })
  await subscriber.subscribe('news')
  const done: number[] = []
  const queue = new Queue('q', { connection: plain })
  const worker = new Worker('q', async (job) => void done.push(job.data), { connection: work })
  worker.on('error', onError)
  await worker.waitUntilReady()
  expect(login.size).toBe(4)

  let added = 0
  while (count() < ROTATIONS) {
    await queue.add('job', ++added)
    await plain.set('key', added)
    expect(await plain.get('key')).toBe(String(added))
  }
  while (done.length < added) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: added }, (_, i) => i + 1))
  expect(errors).toEqual([])
  const before = heard
  while (heard === before) await plain.publish('news', 'x').then(() => new Promise((resolve) => setTimeout(resolve, 5)))
  const users = String(await admin.client('LIST')).matchAll(/ user=(user-\d+) /g)
  const newest = Array.from({ length: GOOD }, (_, age) => `user-${count() - age}`)
  for (const [, user] of users) expect(newest).toContain(user)

  tokens.close()
  await worker.close()
  await queue.close()
  for (const each of [plain, work, subscriber, admin]) each.disconnect()
})

test('PostgreSQL connections sign in with the token of the moment', async () => {
  const { tokens, isGood, count } = rotatingTokens(
    async () => {},
    () => {},
  )
  const radius = await startRadius(isGood)
  const hba = join(folder, 'postgres/cluster/pg_hba.conf')
  const server = `radiusservers="127.0.0.1" radiussecrets="${radius.secret}" radiusports="${radius.port}"`
  await writeFile(hba, `host all tilepress 127.0.0.1/32 radius ${server}\n${await readFile(hba, 'utf8')}`)
  const url = (password: string) => `postgresql://tilepress${password}@127.0.0.1:${postgres.port}/postgres`
  const connect = (passwordInUrl: string, password?: () => Promise<string>) =>
    createDatabase({
      connectionString: url(passwordInUrl),
      password,
      poolSize: 3,
      statementTimeoutMs: 10_000,
      connectTimeoutMs: 10_000,
      applicationName: 'test',
      log: { warn: () => {} },
    })
  const admin = createDatabase({
    connectionString: postgres.adminUrl('postgres'),
    poolSize: 1,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    applicationName: 'test',
    log: { warn: () => {} },
  })
  await admin.query('SELECT pg_reload_conf()')
  await admin.close()

  const one = connect('', async () => (await tokens.getToken()).token)
  const answer = (database: typeof one) =>
    Promise.all(Array.from({ length: 6 }, () => database.query<{ x: number }>('SELECT 1 AS x')))
  let logins = 0
  while (count() < ROTATIONS) {
    const fresh = connect('', async () => (await tokens.getToken()).token)
    for (const database of [one, fresh]) expect((await answer(database)).flat()).toEqual(Array(6).fill({ x: 1 }))
    await fresh.close()
    logins++
  }
  expect(logins).toBeGreaterThan(ROTATIONS)
  expect(radius.refused()).toBe(0)
  // The server does look at the password.
  const wrong = connect(':t0')
  await expect(wrong.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  expect(radius.refused()).toBe(1)

  tokens.close()
  await Promise.all([one.close(), wrong.close(), radius.close()])
})
