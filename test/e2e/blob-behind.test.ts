import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask } from '../support/http.ts'
import { metric, type Program, type System, startSystem, until } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'
import { type StrictStorage, startStrictStorage } from '../support/strict-storage.ts'

const bounds = [-1, -1, 90, 12] as const
const collection = uniqueName('behind-')
const blobs = new Map<string, Buffer>()

let system: System
let storage: StrictStorage
let api: Program
let worker: Program
let tiles: string
/** Writes to Blob are heard when it is resolved. */
let gate = Promise.withResolvers<void>()

beforeAll(async () => {
  storage = await startStrictStorage({
    certificateFolder: process.env.TILEPRESS_TEST_CERTIFICATE ?? '',
    file: (path) => blobs.get(path) ?? null,
    accepts: () => true,
    fault: (method) => (method === 'PUT' ? { kind: 'late', until: gate.promise } : null),
    put: (path, body) => blobs.set(path, body),
  })
  system = await startSystem({ TILE_CONTAINER_URL: `${storage.endpoint}/tiles` })
  const container = await createContainer()
  await container.upload('a.tif', makeCog({ bounds, bands: [1, 2, 3] }))
  const assets = { a: container.href('a.tif') }
  await createCollection(system.database, collection, [{ id: 'item', bbox: bounds, assets }])
  ;[api, worker] = await Promise.all([system.startApi(), system.startWorker()])
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  tiles = `/searches/${registered.json<{ id: string }>().id}/tiles/WebMercatorQuad`
})

afterAll(async () => {
  gate.resolve()
  await system?.release()
  await storage?.close()
})

const noJob = async () => (await metric(api, 'tilepress_queue_jobs', { queue: 'live' })) === 0

test('neither a client nor its job waits for Blob', async () => {
  const answer = await ask(api, `${tiles}/6/33/31.png?assets=a`)
  expect([answer.status, answer.headers['x-cache']]).toEqual([200, 'MISS'])
  await until('no job is left', noJob)
  expect(blobs.size).toBe(0)
  gate.resolve()
  await until('the tile is in Blob', async () => blobs.size === 1)
  const [[path, body]] = [...blobs] as [[string, Buffer]]
  expect(path).toMatch(/^tiles\/v1\/search-[0-9a-f]+\/0\/[0-9a-f]{32}\/WebMercatorQuad\/png\/6\/33\/31$/)
  expect(body.equals(answer.body)).toBe(true)
})

test('a worker that is told to end brings what it is behind with to Blob first', async () => {
  gate = Promise.withResolvers<void>()
  blobs.clear()
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, x) => ask(api, `${tiles}/6/${34 + x}/31.png?assets=a`)),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
  await until('no job is left', noJob)
  const ended = worker.stop()
  setTimeout(() => gate.resolve(), 500)
  expect((await ended).code).toBe(0)
  expect(blobs.size).toBe(8)
  for (const { body } of answers) expect([...blobs.values()].some((blob) => blob.equals(body))).toBe(true)
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})
