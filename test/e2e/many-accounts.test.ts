import { afterAll, beforeAll, expect, test } from 'vitest'
import { type IdentityEndpoint, startIdentity } from '../../apps/stack/services/identity.ts'
import { Releasers } from '../../src/release.ts'
import { createCollection } from '../support/catalogue.ts'
import { createFourContainers, type Quarter, spellingNames } from '../support/four-containers.ts'
import { ask, decode } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { uniqueName } from '../support/services.ts'
import { type StrictStorage, startStrictStorage } from '../support/strict-storage.ts'

/** All of WebMercatorQuad 10 over the mosaic, and a bit more: 34 × 34. */
const ZOOM = 10
const SIDE = 34
const CLIENTS = 16

const releasers = new Releasers()
const mosaic = uniqueName('four-containers-')
let identity: IdentityEndpoint
/** An account that nobody configured. */
let third: StrictStorage
let system: System
let api: Program
let quarters: Quarter[]

beforeAll(async () => {
  identity = await startIdentity()
  releasers.add('identity', () => identity.stop())
  third = await startStrictStorage({
    ...{ certificateFolder: process.env.TILEPRESS_TEST_CERTIFICATE!, file: () => null },
    accepts: () => true,
  })
  releasers.add('third account', () => third.close())
  // A busy machine is no failure.
  system = await startSystem({ RENDER_DEADLINE_MS: '60000' })
  releasers.add('system', () => system.release())
  quarters = await createFourContainers(system.database, mosaic)
  await createCollection(system.database, 'third', [
    {
      id: 'one',
      bbox: [0, 0, 12, 12],
      assets: { url: `${third.endpoint}/c-1/x.tif`, name: 'https://third.blob.core.windows.net/c-1/x.tif' },
    },
  ])
  // One of the containers is opened by a signature: its mosaic mixes both.
  const signed = quarters.find(({ name }) => name === 'southEast')!.container
  ;[api] = await Promise.all([
    system.startApi(),
    system.startWorker({
      IDENTITY_ENDPOINT: identity.endpoint,
      IDENTITY_HEADER: identity.header,
      AZURE_SAS_CONTAINERS: `tilepressb/${signed.name}`,
    }),
  ])
})

afterAll(() => releasers.release())

const tile = (at: string, asset: string, collection = mosaic) =>
  ask(api, `/collections/${collection}/tiles/WebMercatorQuad/${at}.png?assets=${asset}`)

test.each(spellingNames)('one tile over two accounts and four containers, by hrefs as %s', async (asset) => {
  // 5/16/15: 0 … 11.25 by 0 … 11.18 degrees.
  const answer = await tile('5/16/15', asset)
  expect(answer.status, answer.text).toBe(200)
  const picture = await decode(answer.body)
  const at = { northWest: [60, 60], northEast: [200, 60], southWest: [60, 200], southEast: [200, 200] } as const
  for (const { name, gray } of quarters) {
    const [column, row] = at[name]
    expect(picture.at(column, row), name).toEqual([gray, gray, gray, 255])
  }
})

test('1,000 tiles take one token, and every one has the pixels of its container', async () => {
  const places = Array.from({ length: SIDE * SIDE }, (_, i) => [512 + (i % SIDE), 511 - Math.floor(i / SIDE)] as const)
  const seen = new Map<number, number>()
  let next = 0
  const client = async () => {
    for (let place = places[next++]; place !== undefined; place = places[next++]) {
      const answer = await tile(`${ZOOM}/${place[0]}/${place[1]}`, 'https')
      expect(answer.status, answer.text).toBe(200)
      const [gray = -1] = (await decode(answer.body)).at(128, 128)
      seen.set(gray, (seen.get(gray) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  expect([...seen.keys()].sort((a, b) => a - b)).toEqual([30, 90, 150, 210])
  expect([...seen.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(1_000)
  expect(identity.tokensIssued()).toBe(1)
}, 240_000)

test('a third account is refused before any request, whatever the href looks like', async () => {
  system.announce({ msg: 'a render failed', code: 'ASSET_REFUSED' })
  system.announce({ msg: 'request failed', code: 'ASSET_REFUSED' })
  for (const asset of ['url', 'name']) {
    const answer = await tile('5/16/15', asset, 'third')
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([502, 'ASSET_REFUSED'])
  }
  expect(Object.values(third.counts).reduce((sum, count) => sum + count, 0)).toBe(0)
  expect(identity.tokensIssued()).toBe(1)
})

test('a blob that a signed container lacks is told by its code, and the log has its href but no signature', async () => {
  const { container } = quarters.find(({ name }) => name === 'southEast')!
  await createCollection(system.database, 'gone', [
    { id: 'one', bbox: [0, 0, 12, 12], assets: { image: container.href('gone.tif') } },
  ])
  system.announce({ code: 'ASSET_NOT_FOUND' })
  const answer = await tile('5/16/15', 'image', 'gone')
  expect([answer.status, answer.json<{ code: string }>().code]).toEqual([502, 'ASSET_NOT_FOUND'])
  const lines = system.programs.flatMap((program) => program.logs()).filter(({ code }) => code === 'ASSET_NOT_FOUND')
  expect(lines.map(({ href }) => href)).toContain(container.href('gone.tif'))
  expect(JSON.stringify(lines)).not.toMatch(/sig=|skoid/)
})

test('nothing else was logged', () => {
  expect(system.unexpectedLogs()).toEqual([])
})
