import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { type Answer, ask, expectError } from '../support/http.ts'
import { type Program, type System, startSystem, until } from '../support/programs.ts'
import { createContainer, services, storageToken, uniqueName } from '../support/services.ts'

const collection = uniqueName('secrets-')
const keys = { first: uniqueName('key'), second: uniqueName('key') }
const redisPassword = uniqueName('redis')
const signature = uniqueName('sig')

let system: System
/** No keys, and not a developer's machine. */
let closed: Program
/** Two keys. */
let open: Program
let worker: Program
let search: string
let folder: string

beforeAll(async () => {
  system = await startSystem({ LOCAL_MODE: 'false', LOG_LEVEL: 'trace', ERROR_TTL_SECONDS: '60' })
  const passwords = await Promise.all([system.queueRedis, system.cacheRedis].map((redis) => protect(redis.url)))
  const container = await createContainer('tilepressa')
  await container.upload('a.tif', makeCog({ bounds: [-1, -1, 12, 12], bands: [1, 2, 3] }))
  await container.upload('text.tif', Buffer.from('no picture'))
  const signed = (path: string) => `${container.href(path)}?sv=2022-11-02&sp=r&sig=${signature}`
  await createCollection(system.database, collection, [
    {
      id: 'item',
      bbox: [-1, -1, 12, 12],
      assets: {
        visual: signed('a.tif'),
        missing: signed('missing.tif'),
        text: signed('text.tif'),
        foreign: `https://elsewhere.blob.core.windows.net/c/a.tif?sig=${signature}`,
      },
    },
  ])
  folder = system.environment.TMPDIR ?? ''
  const common = { QUEUE_REDIS_URL: passwords[0]!, CACHE_REDIS_URL: passwords[1]! }
  ;[closed, open, worker] = await Promise.all([
    system.startApi(common),
    system.startApi({ ...common, API_KEYS: `${keys.first}, ${keys.second}` }),
    system.startWorker(common),
  ])
})
afterAll(() => system?.release())

/** Makes a Redis ask for a password; resolves to its URL with it. */
async function protect(url: string): Promise<string> {
  const redis = new Redis(url)
  await redis.config('SET', 'requirepass', redisPassword)
  await redis.quit()
  return url.replace('redis://', `redis://:${redisPassword}@`)
}

const answers: Answer[] = []

async function askAndKeep(...question: Parameters<typeof ask>): Promise<Answer> {
  const answer = await ask(...question)
  answers.push(answer)
  return answer
}

const writes = ['/searches/register', '/prerender-runs', '/prerender-runs/mjuzs000-0a1b2c3d/cancel']
const post = (program: Program, path: string, key?: string) =>
  askAndKeep(program, path, {
    method: 'POST',
    body: { collections: [collection] },
    headers: key === undefined ? {} : { 'x-api-key': key },
  })

describe('a write endpoint', () => {
  test.each(writes)('%s is closed to everybody where no key is configured', async (path) => {
    expectError(await post(closed, path), 403, 'WRITE_CLOSED')
    expectError(await post(closed, path, ''), 403, 'WRITE_CLOSED')
    expectError(await post(closed, path, keys.first), 403, 'WRITE_CLOSED')
  })

  test.each(writes)('%s needs one of the configured keys', async (path) => {
    for (const key of [undefined, '', 'wrong', `${keys.first} `.repeat(2), `${keys.first},${keys.second}`]) {
      const answer = await post(open, path, key)
      expectError(answer, 401, 'KEY_REQUIRED')
      expect(answer.headers['www-authenticate']).toMatch(/^ApiKey /)
    }
  })

  test('reads no body of somebody without a key', async () => {
    const large = Buffer.alloc(2_000_000, 'x')
    expectError(await ask(closed, '/searches/register', { method: 'POST', body: large }), 403, 'WRITE_CLOSED')
  })

  test('is open to the holder of any of the keys', async () => {
    const registered = await Promise.all(Object.values(keys).map((key) => post(open, '/searches/register', key)))
    for (const answer of registered) expect(answer.status).toBe(200)
    search = registered[0]!.json<{ id: string }>().id
    expectError(await post(open, writes[2]!, keys.first), 404, 'RUN_NOT_FOUND')
  })
})

test('reading needs no key', async () => {
  const tile = await askAndKeep(closed, `/searches/${search}/tiles/WebMercatorQuad/5/16/15?assets=visual`)
  expect([tile.status, tile.headers['x-cache']]).toEqual([200, 'MISS'])
  for (const path of ['/', '/api', '/healthz', '/metrics', '/prerender-runs', `/searches/${search}/info`]) {
    expect((await askAndKeep(closed, path)).status, path).toBe(200)
  }
})

test('the token lies in one file that only the worker’s account can read, and it goes with the worker', async () => {
  const token = await storageToken()
  const files = await filesUnder(folder)
  expect(files).toHaveLength(1)
  const [file = ''] = files
  expect((await stat(file)).mode & 0o077).toBe(0)
  expect(await readFile(file, 'utf8')).toMatch(/^Authorization: Bearer eyJ/)
  expect(token).toMatch(/^eyJ/)
})

describe('no secret', () => {
  const texts: { where: string; text: string }[] = []

  test('is left anywhere by tiles, failures, runs and outages', async () => {
    for (const code of [
      'ASSET_NOT_FOUND',
      'ASSET_UNREADABLE',
      'ASSET_REFUSED',
      'DATABASE_UNAVAILABLE',
      'QUEUE_UNAVAILABLE',
    ]) {
      system.announce({ code })
    }
    const tiles = `/searches/${search}/tiles/WebMercatorQuad`
    for (const asset of ['missing', 'text', 'foreign']) {
      expect((await askAndKeep(open, `${tiles}/5/16/15?assets=${asset}`)).status).toBe(502)
    }
    const run = await askAndKeep(open, '/prerender-runs', {
      method: 'POST',
      headers: { 'x-api-key': keys.second },
      body: { search, zooms: [5, 6], bbox: [0, 0, 11, 11], parameters: { assets: ['missing'] } },
    })
    expect(run.status).toBe(202)
    const { id } = run.json<{ id: string }>()
    await until('the run ends', async () => {
      return (await ask(open, `/prerender-runs/${id}`)).json<{ state: string }>().state !== 'running'
    })
    await askAndKeep(open, `/prerender-runs/${id}`)
    for (const program of [closed, open, worker]) {
      for (const path of ['/metrics', '/healthz']) await askAndKeep(program, path)
    }
    await collectRedis('queue', system.queueRedis.url)
    await collectRedis('cache', system.cacheRedis.url)
    await collectBlobs()

    // What an outage makes the programs say.
    system.announce({ msg: 'Redis connection' })
    system.announce({ msg: 'a cache tier was skipped' })
    system.announce({ msg: 'an idle database connection broke' })
    system.announce({ msg: 'the queue' })
    await Promise.all([system.queueRedis.stop(), system.cacheRedis.stop(), system.database.drop()])
    // Parameters that no ancestor was drawn with: a part of it would do.
    for (const program of [closed, open]) {
      expect((await askAndKeep(program, `${tiles}/6/32/31?assets=visual&return_mask=false`)).status).toBe(503)
      expect((await askAndKeep(program, `/searches/${search}/info`)).status).toBe(503)
      await askAndKeep(program, '/healthz')
    }
    await askAndKeep(worker, '/healthz')
    await system.stopPrograms()
    for (const program of system.programs) texts.push({ where: `log of ${program.name}`, text: program.output() })
    for (const { text, headers } of answers)
      texts.push({ where: 'answer', text: `${JSON.stringify(headers)}\n${text}` })
    expect(texts.length).toBeGreaterThan(50)
    expect(texts.map(({ text }) => text).join('').length).toBeGreaterThan(50_000)
  })

  const secrets: readonly (readonly [string, () => RegExp])[] = [
    ['token', () => /eyJ[\w-]{8,}/],
    ['database password', () => literal(new URL(system.environment.DATABASE_URL ?? '').password)],
    ['Redis password', () => literal(redisPassword)],
    ['API key', () => literal(keys.first, keys.second)],
    ['secret of the identity endpoint', () => literal(services().identity.header)],
    ['signature of a href', () => literal(signature)],
    ['account key', () => /AccountKey|SharedKey/i],
    ['bearer header', () => /Bearer \S/],
  ]

  test.each(secrets)('such as a %s is in a log, a page, an answer, Redis or Blob', (_, pattern) => {
    const found = texts
      .filter(({ text }) => pattern().test(text))
      .map(({ where, text }) => {
        const at = pattern().exec(text)?.index ?? 0
        return `${where}: ${text.slice(Math.max(0, at - 80), at + 20)}`
      })
    expect(found).toEqual([])
  })

  test('outlives the programs in a file', async () => {
    expect(await filesUnder(folder)).toEqual([])
  })

  async function collectRedis(name: string, url: string): Promise<void> {
    const redis = new Redis(url, { password: redisPassword })
    for (const key of await redis.keys('*')) {
      const bytes = (await redis.dumpBuffer(key)) ?? Buffer.alloc(0)
      texts.push({
        where: `${name} Redis`,
        text: `${key}\n${await contentOf(redis, key)}\n${bytes.toString('latin1')}`,
      })
    }
    await redis.quit()
  }

  async function collectBlobs(): Promise<void> {
    const headers = { authorization: `Bearer ${await storageToken()}`, 'x-ms-version': '2021-08-06' }
    const list = await fetch(`${system.tiles.url}?restype=container&comp=list&include=metadata`, { headers })
    const text = await list.text()
    expect(text).toContain('<Name>v1/search-')
    texts.push({ where: 'Blob', text })
  }
})

test('all this left nothing in the logs but what it should', () => {
  expect(system.unexpectedLogs()).toEqual([])
})

/** Small values are compressed in a dump: here they are plain. */
async function contentOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? ''
    case 'hash':
      return JSON.stringify(await redis.hgetall(key))
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1))
    case 'set':
      return JSON.stringify(await redis.smembers(key))
    case 'zset':
      return JSON.stringify(await redis.zrange(key, '0', '-1'))
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'))
    default:
      return ''
  }
}

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

function literal(...texts: string[]): RegExp {
  for (const text of texts) if (text.length < 8) throw new Error('a secret to look for is too short to be one')
  return new RegExp(texts.map((text) => text.replace(/[^\w]/g, '\\$&')).join('|'))
}
