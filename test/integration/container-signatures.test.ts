import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TokenProvider } from '../../src/auth/token-provider.ts'
import { readConfig } from '../../src/config.ts'
import type { Raster } from '../../src/raster/raster.ts'
import { GdalAccessFiles } from '../../src/read/gdal-access-files.ts'
import { configureGdal } from '../../src/read/gdal-environment.ts'
import { createGdalReader, type GdalReader } from '../../src/read/gdal-reader.ts'
import type { Grid } from '../../src/read/reader.ts'
import { createStorageAccess, type StorageAccess } from '../../src/read/storage-access.ts'
import { Releasers } from '../../src/release.ts'
import { makeCog } from '../support/cogs.ts'
import { makeRaster } from '../support/raster-factory.ts'
import { renderParameters } from '../support/render-parameters.ts'
import { createContainer, services, storageToken, type TestContainer } from '../support/services.ts'
import { seededRandom } from '../support/shapes.ts'
import { type StrictStorage, startStrictStorage } from '../support/strict-storage.ts'
import { startTokenEndpoint, type TokenEndpoint } from '../support/token-endpoint.ts'

/** The next signature is asked for at a quarter of so short a life. */
const LIFE_SECONDS = 8
/** Rows and columns of pixels; each read takes another block of 64. */
const SIZE = 2048

const { signal } = new AbortController()
const releasers = new Releasers()
const files = new GdalAccessFiles()
releasers.add('files', () => files.remove())
const seen: string[] = []
const tokens = new TokenProvider({
  scope: 's',
  credential: { getToken: async () => ({ token: await storageToken(), expiresOnTimestamp: Date.now() + 3_600_000 }) },
  onChange: ({ token }) => files.writeToken(token),
})
releasers.add('tokens', () => tokens.close())

let endpoint: TokenEndpoint
let storage: StrictStorage
let signed: TestContainer
let plain: TestContainer
let refused = 0

beforeAll(async () => {
  configureGdal({
    ...{ blockCacheBytes: 2 ** 20, networkCacheBytes: 2 ** 20, ingestedBytesAtOpen: 16_384 },
    ...{ connectTimeoutSeconds: 2, requestTimeoutSeconds: 10, retries: 0, retryDelaySeconds: 0.01 },
    signatureUrl: files.signatureUrl,
  })
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-signatures-'))
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  const random = seededRandom(5)
  const path = makeRaster({
    ...{ folder, name: 'noise', width: SIZE, height: SIZE, crs: 'EPSG:3857', origin: [0, SIZE], pixel: 1 },
    samples: () => Math.floor(random() * 256),
  })
  const bytes = await readFile(path)
  endpoint = await startTokenEndpoint(LIFE_SECONDS * 1_000)
  releasers.add('endpoint', () => endpoint.close())
  storage = await startStrictStorage({
    certificateFolder: process.env.TILEPRESS_TEST_CERTIFICATE!,
    file: (name) => (name.startsWith('imagery/') ? bytes : null),
    accepts: () => false,
    acceptsSignature: (signature) => {
      seen.push(signature)
      if (endpoint.isGood(signature)) return true
      refused++
      return false
    },
  })
  releasers.add('storage', () => storage.close())
  ;[signed, plain] = await Promise.all([createContainer('tilepressb'), createContainer('tilepressb')])
  const cog = makeCog({ bounds: [0, 0, 1, 1], bands: [42] })
  await Promise.all([signed.upload('a b.tif', cog), plain.upload('x.tif', cog)])
})

afterAll(() => releasers.release())

function open(environment: Record<string, string>): { access: StorageAccess; reader: GdalReader; failures: string[] } {
  const failures: string[] = []
  const config = readConfig({ AZURE_STORAGE_ACCOUNTS: `tilepressb=${services().storage.tilepressb}`, ...environment })
  const access = createStorageAccess(config, {
    ...{ tokens, files, retries: 0, retryDelay: 0.01 },
    onSignatureFailure: (container, error) => failures.push(`${container} ${error.name}`),
  })
  const reader = createGdalReader({
    ...{ hrefResolver: access.resolver, prepare: access.prepare, classify: (href) => access.probe.classify(href) },
    ...{ maxOpenDatasets: 8, maxHandlesPerFile: 1, scratchBytes: 2 ** 22 },
  })
  releasers.add('access', () => access.close())
  releasers.add('reader', () => reader.close())
  return { access, reader, failures }
}

const degrees: Grid = { crs: 'EPSG:4326', bounds: [0.2, 0.2, 0.8, 0.8], width: 16, height: 16 }
const read = (reader: GdalReader, href: string, grid: Grid) => reader.read(href, null, grid, renderParameters(), signal)
const values = (raster: Raster | null) => new Set(raster?.bands[0])

describe('a container that is opened by a user-delegation SAS', () => {
  test('is read with it and without the token, by a name that holds neither, while others keep the token', async () => {
    const { access, reader } = open({ AZURE_SAS_CONTAINERS: `tilepressb/${signed.name}` })
    const href = signed.href('a%20b.tif')
    expect(values(await read(reader, href, degrees))).toEqual(new Set([42]))
    const name = access.resolver.resolve(href)
    expect(name).toContain(`pc_collection=${encodeURIComponent(`tilepressb/${signed.name}`)}`)
    expect(name).not.toMatch(/sig=|header_file/)
    expect(access.resolver.resolve(plain.href('x.tif'))).toContain('header_file')
    expect(values(await read(reader, plain.href('x.tif'), degrees))).toEqual(new Set([42]))
    const sas = new URLSearchParams(await access.signatures.signatureOf(`tilepressb/${signed.name}`))
    expect(Object.fromEntries(sas)).toMatchObject({ sp: 'r', sr: 'c', spr: 'https', skoid: expect.any(String) })
  })

  test('is read under a fresh name too, after a failure that GDAL remembers', async () => {
    const { reader } = open({ AZURE_SAS_CONTAINERS: 'tilepressb' })
    const href = signed.href('later.tif')
    await expect(read(reader, href, degrees)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' })
    await signed.upload('later.tif', makeCog({ bounds: [0, 0, 1, 1], bands: [43] }))
    expect(values(await read(reader, href, degrees))).toEqual(new Set([43]))
  })

  test('whose account refuses the key gets the code of the refusal', async () => {
    const { reader } = open({
      AZURE_STORAGE_ACCOUNTS: `strict=${storage.endpoint}`,
      AZURE_SAS_CONTAINERS: 'strict/imagery',
    })
    const href = 'https://strict.blob.core.windows.net/imagery/x.tif'
    await expect(read(reader, href, degrees)).rejects.toMatchObject({ code: 'STORAGE_TOKEN_REJECTED' })
  })
})

describe('a container that the Planetary Computer signs for', () => {
  const pc = () => ({ PLANETARY_COMPUTER_ACCOUNTS: `pcaccount=${storage.endpoint}`, PC_SDK_SAS_URL: endpoint.url })
  const href = (file: string) => `https://pcaccount.blob.core.windows.net/imagery/${file}.tif`
  let block = 0

  /** A place of the file that no read has been at, so that storage is asked. */
  function fresh(): Grid {
    // GDAL fetches 16 KiB at a time: some neighbours.
    block = (block + 37) % (SIZE / 64) ** 2
    const [column, row] = [block % (SIZE / 64), Math.floor(block / (SIZE / 64))]
    const [west, south] = [column * 64, SIZE - (row + 1) * 64]
    return { crs: 'EPSG:3857', bounds: [west, south, west + 64, south + 64], width: 64, height: 64 }
  }

  test('is read with one signature for many at once; open files stay open while it is replaced, and nothing is refused', async () => {
    const { access, reader, failures } = open(pc())
    const before = endpoint.asked.length
    await Promise.all(Array.from({ length: 12 }, (_, i) => read(reader, href(`cold-${i}`), fresh())))
    expect(endpoint.asked.slice(before)).toEqual(['pcaccount/imagery'])
    expect(access.resolver.resolve(href('cold-0'))).not.toMatch(/sig=|header_file/)
    await read(reader, href('open'), fresh())
    const heads = storage.counts.HEAD
    const until = Date.now() + LIFE_SECONDS * 1_500
    let reads = 0
    while (Date.now() < until) {
      expect(await read(reader, href('open'), fresh())).not.toBeNull()
      reads++
      await sleep(100)
    }
    expect(reads).toBeGreaterThan(20)
    expect({ heads: storage.counts.HEAD, refused, failures }).toEqual({ heads, refused: 0, failures: [] })
    expect(new Set(seen.slice(-reads)).size).toBeGreaterThan(3)
  }, 60_000)

  test('that was revoked is replaced at once, and the read goes on', async () => {
    const { reader } = open(pc())
    await read(reader, href('revoked'), fresh())
    endpoint.revoke()
    expect(await read(reader, href('revoked'), fresh())).not.toBeNull()
    expect(refused).toBeGreaterThan(0)
  })

  test('is asked for with the subscription key', async () => {
    const { reader } = open({ ...pc(), PC_SDK_SUBSCRIPTION_KEY: 'key-of-a-subscription' })
    await read(reader, href('subscribed'), fresh())
    expect(endpoint.subscriptionKey).toBe('key-of-a-subscription')
  })

  test.each([
    [0, 'TOKEN_UNAVAILABLE'],
    [403, 'ASSET_FORBIDDEN'],
    [404, 'ASSET_NOT_FOUND'],
    [429, 'STORAGE_UNAVAILABLE'],
    [503, 'STORAGE_UNAVAILABLE'],
  ])('whose endpoint answers %i is %s, soon, and read when it works again', async (status, code) => {
    const { reader } = open(pc())
    const asset = href(`trouble-${status}`)
    endpoint.status = status
    const started = Date.now()
    await expect(read(reader, asset, fresh())).rejects.toMatchObject({ code })
    expect(Date.now() - started).toBeLessThan(3_000)
    endpoint.status = 200
    let raster: Raster | null = null
    while (raster === null) raster = await read(reader, asset, fresh()).catch(() => sleep(100, null))
  })

  test('is not asked anything by default: its account is refused', async () => {
    const { reader } = open({})
    await expect(read(reader, href('off'), fresh())).rejects.toMatchObject({ code: 'ASSET_REFUSED' })
  })
})
