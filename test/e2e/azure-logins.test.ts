import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { userCacheFolder } from '../../apps/stack/services/cache-folder.ts'
import { type PostgresService, startPostgres } from '../../apps/stack/services/postgres.ts'
import { connectRedis, type Redis, whenReady } from '../../src/queue/connection.ts'
import { Releasers } from '../../src/release.ts'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask } from '../support/http.ts'
import { type LoginIdentity, startLoginIdentity } from '../support/login-identity.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { type RadiusServer, startRadius } from '../support/radius.ts'
import { textsOf } from '../support/secrets.ts'
import { createContainer } from '../support/services.ts'

/** The next token is asked for at a quarter of it: a busy machine has the other three to sign in anew. */
const LIFE_SECONDS = 12
/** Workers that come and go under load: each signs in to PostgreSQL with the token of its moment. */
const WORKERS = 3
const MS_PER_WORKER = 6_000
const CLIENTS = 6

const releasers = new Releasers()
let postgres: PostgresService
let identity: LoginIdentity
let radius: RadiusServer
let admins: Redis[]
let system: System
let api: Program

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-azure-logins-'))
  await chmod(folder, 0o755)
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  postgres = await startPostgres({ folder, durable: false, cacheFolder: userCacheFolder(process.env) })
  releasers.add('PostgreSQL', () => postgres.stop())
  await postgres.createDatabase('tiles')

  // A user a token: whoever is still signed in with one that is over is cut off, as Azure's Redis does it.
  identity = await startLoginIdentity({
    lifeSeconds: LIFE_SECONDS,
    onLogin: async (user, token) => {
      for (const admin of admins) await admin.call('ACL', 'SETUSER', user, 'on', `>${token}`, '~*', '&*', '+@all')
    },
    onEnd: async (user) => {
      for (const admin of admins) await admin.call('ACL', 'DELUSER', user)
    },
  })
  releasers.add('identity', () => identity.close())
  radius = await startRadius(identity.isGood)
  releasers.add('RADIUS', () => radius.close())
  const hba = join(folder, 'cluster/pg_hba.conf')
  const server = `radiusservers="127.0.0.1" radiussecrets="${radius.secret}" radiusports="${radius.port}"`
  await writeFile(hba, `host all tilepress 127.0.0.1/32 radius ${server}\n${await readFile(hba, 'utf8')}`)
  await query('SELECT pg_reload_conf()')

  system = await startSystem({
    DATABASE_URL: `postgresql://tilepress@127.0.0.1:${postgres.port}/tiles`,
    DATABASE_USE_AZURE_AUTH: 'true',
    REDIS_USE_AZURE_AUTH: 'true',
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    // Every tile asks pgSTAC.
    ITEM_INDEX_LIMIT: '0',
    // A busy machine is no failure.
    RENDER_DEADLINE_MS: '60000',
  })
  releasers.add('system', () => system.release())
  admins = [system.queueRedis, system.cacheRedis].map(({ url }) =>
    connectRedis(url, 'fail-fast', { timeoutMs: 10_000, onError: () => {} }),
  )
  for (const admin of admins) {
    await whenReady(admin, 5_000)
    // Nobody comes in without a token; who is in stays.
    await admin.call('ACL', 'SETUSER', 'default', 'off')
  }
  releasers.add('sign-ins without a token', async () => {
    await system.stopPrograms()
    for (const admin of admins) {
      await admin.call('ACL', 'SETUSER', 'default', 'on')
      admin.disconnect()
    }
  })
  const container = await createContainer()
  await container.upload('gray.tif', makeCog({ bounds: [0, 0, 12, 12], bands: [77] }))
  await createCollection({ query }, 'gray', [
    { id: 'one', bbox: [0, 0, 12, 12], assets: { image: container.href('gray.tif') } },
  ])
  api = await system.startApi({ MEMORY_CACHE_MB: '0' })
})

afterAll(() => releasers.release())

async function query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: postgres.adminUrl('tiles') })
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

test('API and workers under load sign in with tokens that are replaced all the time: no request fails, nothing is logged', async () => {
  let ended = false
  let tiles = 0
  const client = async () => {
    while (!ended) {
      // Another key each time: nothing comes from a cache.
      const path = `/collections/gray/tiles/WebMercatorQuad/5/16/15.png?assets=image&scan_limit=${1_000 + tiles++}`
      const answer = await ask(api, path)
      expect(answer.status, answer.text).toBe(200)
    }
  }
  let worker = await system.startWorker()
  const load = Promise.all(Array.from({ length: CLIENTS }, client)).finally(() => {
    ended = true
  })
  for (let round = 1; round <= WORKERS && !ended; round++) {
    await new Promise((resolve) => setTimeout(resolve, MS_PER_WORKER))
    const next = await system.startWorker()
    expect((await worker.stop()).code).toBe(0)
    worker = next
  }
  ended = true
  await load
  expect(tiles).toBeGreaterThan(100)
  // Each of the programs has two of these tokens, and all have seen them replaced.
  expect(identity.issued.size).toBeGreaterThan(2 * (WORKERS + 2) + 10)
  expect(radius.refused()).toBe(0)
  for (const admin of admins) {
    const users = [...String(await admin.client('LIST')).matchAll(/ user=(\S+) /g)].map(([, user]) => user)
    expect(users.filter((user) => user === 'default')).toHaveLength(1)
    expect(users.length).toBeGreaterThan(2)
  }
  expect(system.unexpectedLogs()).toEqual([])
}, 180_000)

test('no token is in a log, a figure, or either Redis', async () => {
  const metrics = await ask(api, '/metrics')
  const texts = [metrics.text, ...system.programs.map((program) => program.output())]
  for (const admin of admins) texts.push(...(await textsOf(admin)))
  for (const token of identity.issued) expect(texts.some((text) => text.includes(token))).toBe(false)
})
