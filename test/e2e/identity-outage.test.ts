import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Releasers } from '../../src/release.ts'
import { createCollection } from '../support/catalogue.ts'
import { type FaultyIdentity, type IdentityTrouble, startFaultyIdentity } from '../support/faulty-identity.ts'
import { type Program, type System, startSystem, until } from '../support/programs.ts'
import { makeRaster } from '../support/raster-factory.ts'
import { startStrictStorage } from '../support/strict-storage.ts'

/** Each tile asks for a file of its own, as GDAL keeps what it has read. */
const FILES = 40
/** The provider asks for the next token after two seconds. */
const LIFE_SECONDS = 8

const releasers = new Releasers()
const good = new Map<string, number>()
let identity: FaultyIdentity
let system: System
let api: Program
let worker: Program
let next = 0

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-identity-'))
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  identity = await startFaultyIdentity(LIFE_SECONDS, (token) => good.set(token, Date.now() + LIFE_SECONDS * 1_000))
  releasers.add('identity', () => identity.close())
  const file = makeRaster({
    folder,
    name: 'gray',
    width: 64,
    height: 64,
    crs: 'EPSG:4326',
    origin: [0, 10],
    pixel: 10 / 64,
    samples: () => 77,
  })
  const bytes = await readFile(file)
  const storage = await startStrictStorage({
    certificateFolder: process.env.TILEPRESS_TEST_CERTIFICATE!,
    file: () => bytes,
    accepts: (token) => (good.get(token) ?? 0) > Date.now(),
  })
  releasers.add('storage', () => storage.close())
  system = await startSystem({
    AZURE_STORAGE_ACCOUNT: 'strict',
    AZURE_STORAGE_ACCOUNTS: `strict=${storage.endpoint}`,
    IDENTITY_ENDPOINT: identity.endpoint,
    IDENTITY_HEADER: identity.header,
    ERROR_TTL_SECONDS: '1',
    GDAL_HTTP_MAX_RETRY: '0',
    // The tile container is another's, whose tokens these are not.
    TILE_CONTAINER_URL: '',
  })
  releasers.add('system', () => system.release())
  const items = Array.from({ length: FILES }, (_, i) => i)
  for (const i of items) {
    await createCollection(system.database, `c${i}`, [
      { id: 'one', bbox: [0, 0, 10, 10], assets: { image: `az://imagery/${i}.tif` } },
    ])
  }
  identity.trouble = 'down'
  ;[api, worker] = await Promise.all([system.startApi(), system.startWorker()])
  // The outages are the test's own, and each level of them may be heard of.
  for (const msg of ['no new token', 'a render failed', 'a render failed and is tried again', 'request failed'])
    system.announce({ msg })
})

afterAll(() => releasers.release())

/** A tile of a file that nobody has read yet: status and code. */
async function freshTile(): Promise<string> {
  const answer = await fetch(`${api.url}/collections/c${next}/tiles/WebMercatorQuad/5/16/15.png?assets=image`)
  if (answer.status !== 200) return `${answer.status} ${((await answer.json()) as { code: string }).code}`
  next++
  return '200'
}

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1_000))

test('without ever a token a tile fails with TOKEN_UNAVAILABLE, and is drawn once there is one', async () => {
  expect(await freshTile()).toBe('503 TOKEN_UNAVAILABLE')
  identity.trouble = null
  await until('a tile', async () => (await freshTile()) === '200', 60_000)
  expect(worker.isAlive()).toBe(true)
})

test.each(['down', 'error', 'garbage', 'expired', 'slow'] as const)(
  'an endpoint that is %s: renders go on while a token is good, then have one code, and go on by themselves after it',
  async (trouble: IdentityTrouble) => {
    await until('a tile', async () => (await freshTile()) === '200', 60_000)
    identity.trouble = trouble
    expect(await freshTile()).toBe('200')
    if (trouble !== 'slow') {
      // No token is good any more.
      await seconds(LIFE_SECONDS + 1)
      const asked = performance.now()
      expect(await freshTile()).toBe('503 TOKEN_UNAVAILABLE')
      expect(performance.now() - asked).toBeLessThan(3_000)
    }
    identity.trouble = null
    await until('a tile', async () => (await freshTile()) === '200', 60_000)
    expect([api.isAlive(), worker.isAlive()]).toEqual([true, true])
  },
)

test('nothing else was logged, and no token', async () => {
  expect(system.unexpectedLogs()).toEqual([])
  for (const token of good.keys()) {
    for (const program of system.programs) expect(program.output()).not.toContain(token)
  }
  await system.stopPrograms()
})
