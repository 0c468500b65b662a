import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TokenProvider } from '../../src/auth/token-provider.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { TilepressError } from '../../src/errors.ts'
import type { Raster } from '../../src/raster/raster.ts'
import { AssetProbe } from '../../src/read/asset-probe.ts'
import { GdalAccessFiles } from '../../src/read/gdal-access-files.ts'
import { configureGdal } from '../../src/read/gdal-environment.ts'
import { createGdalReader, type GdalReader } from '../../src/read/gdal-reader.ts'
import { AssetHrefResolver } from '../../src/read/href-resolver.ts'
import type { Grid } from '../../src/read/reader.ts'
import { Releasers } from '../../src/release.ts'
import { makeRaster } from '../support/raster-factory.ts'
import { renderParameters } from '../support/render-parameters.ts'
import { seededRandom } from '../support/shapes.ts'
import { type Fault, type StrictStorage, startStrictStorage } from '../support/strict-storage.ts'

const { signal } = new AbortController()
const releasers = new Releasers()
const files = new GdalAccessFiles()
const issued: string[] = []
const tokens = new TokenProvider({
  scope: 's',
  credential: {
    getToken: async () => {
      issued.push(`token-${issued.length + 1}`)
      return { token: issued.at(-1)!, expiresOnTimestamp: Date.now() + 3_600_000 }
    },
  },
  onChange: ({ token }) => files.writeToken(token),
})

let storage: StrictStorage
let reader: GdalReader
let right: Raster
let fault: (method: string, path: string) => Fault | null = () => null
let names = 0

/** The only raster there is, under every name: GDAL keeps what it has read, so each case takes a name of its own. */
const freshHref = () => `https://imagery.blob.core.windows.net/container/${++names}.tif`
const grid: Grid = { crs: 'EPSG:3857', bounds: [0, 0, 100_000, 100_000], width: 64, height: 64 }
const read = (href: string) => reader.read(href, null, grid, renderParameters(), signal)

async function expectRight(reading: Promise<Raster | null>): Promise<void> {
  const raster = await reading
  expect(raster?.bands).toEqual(right.bands)
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-faults-'))
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  // An answer that never comes is given up after two seconds, and asked for once more.
  configureGdal({
    blockCacheBytes: 2 ** 24,
    networkCacheBytes: 2 ** 24,
    ingestedBytesAtOpen: 32_768,
    connectTimeoutSeconds: 1,
    requestTimeoutSeconds: 2,
    retries: 1,
    retryDelaySeconds: 0.01,
  })
  const random = seededRandom(7)
  const file = makeRaster({
    folder,
    name: 'noise',
    width: 512,
    height: 512,
    bands: 3,
    crs: 'EPSG:3857',
    origin: [-10_000, 110_000],
    pixel: 250,
    samples: () => Math.floor(random() * 256),
  })
  const bytes = await readFile(file)
  storage = await startStrictStorage({
    certificateFolder: process.env.TILEPRESS_TEST_CERTIFICATE!,
    file: (path) => (path.startsWith('container/') ? bytes : null),
    accepts: (token) => token === issued.at(-1),
    fault: (method, path) => fault(method, path),
  })
  releasers.add('storage', () => storage.close())
  const hrefResolver = new AssetHrefResolver({
    accounts: new Map([['imagery', storage.endpoint]]),
    defaultAccount: null,
    prefixes: [`${folder}/`],
    headerFile: files.headerFile,
    maxRetry: 1,
    retryDelay: 0.01,
  })
  const probe = new AssetProbe(hrefResolver, tokens)
  reader = createGdalReader({
    hrefResolver,
    maxOpenDatasets: 32,
    maxHandlesPerFile: 2,
    scratchBytes: 2 ** 22,
    classify: (href) => probe.classify(href),
  })
  await tokens.getToken()
  right = (await read(file))!
})

afterAll(async () => {
  reader?.close()
  tokens.close()
  files.remove()
  await releasers.release()
})

describe('a token that is over before the next one is known', () => {
  test('fails no read, of a file that is open or of a new one', async () => {
    fault = () => null
    const open = freshHref()
    await expectRight(read(open))
    for (let turn = 0; turn < 5; turn++) {
      // The storage goes over to the next token; we still send the old one until it says so.
      issued.push(`token-${issued.length + 1}-unknown`)
      const reads = [open, freshHref(), freshHref()].map(read)
      for (const each of reads) await expectRight(each)
    }
  })
})

describe('what storage refuses with', () => {
  const cases: [code: string, status: number, expected: ErrorCode][] = [
    ['BlobNotFound', 404, 'ASSET_NOT_FOUND'],
    ['ContainerNotFound', 404, 'ASSET_NOT_FOUND'],
    ['AuthorizationPermissionMismatch', 403, 'STORAGE_ROLE_MISSING'],
    ['AuthorizationFailure', 403, 'STORAGE_FIREWALL'],
    ['AuthenticationFailed', 403, 'STORAGE_TOKEN_REJECTED'],
    ['InvalidAuthenticationInfo', 401, 'STORAGE_TOKEN_REJECTED'],
    ['PublicAccessNotPermitted', 409, 'ASSET_FORBIDDEN'],
    ['AccountIsDisabled', 403, 'ASSET_FORBIDDEN'],
    ['ServerBusy', 503, 'STORAGE_UNAVAILABLE'],
    ['OperationTimedOut', 500, 'STORAGE_UNAVAILABLE'],
    ['TooManyRequests', 429, 'STORAGE_UNAVAILABLE'],
  ]
  test.each(cases)('%s (%d) is %s, and forgotten once it is over', async (code, status, expected) => {
    const href = freshHref()
    fault = () => ({ kind: 'refuse', status, code })
    await expect(read(href)).rejects.toMatchObject({ code: expected })
    fault = () => null
    await expectRight(read(href))
  })

  test('an account whose name resolves to nothing is STORAGE_ACCOUNT_NOT_FOUND', async () => {
    const resolver = new AssetHrefResolver({
      accounts: new Map([['gone', 'https://gone.invalid']]),
      defaultAccount: 'gone',
      prefixes: [],
      headerFile: files.headerFile,
      maxRetry: 0,
      retryDelay: 0.01,
    })
    expect(await new AssetProbe(resolver, tokens).classify('az://container/x.tif')).toBe('STORAGE_ACCOUNT_NOT_FOUND')
  })
})

describe('trouble on the way', () => {
  test.each(['reset', 'truncate', 'stall'] as const)('one %s of a connection fails no read', async (kind) => {
    for (const at of [0, 1, 2]) {
      let requests = 0
      fault = () => (requests++ === at ? { kind } : null)
      await expectRight(read(freshHref()))
    }
  })

  test('30 %% of requests answered ServerBusy: every read ends right or with a code, and none stays broken', async () => {
    const random = seededRandom(11)
    const hrefs = Array.from({ length: 12 }, freshHref)
    fault = () => (random() < 0.3 ? { kind: 'refuse', status: 503, code: 'ServerBusy' } : null)
    const ends = await Promise.all(
      hrefs.map((href) =>
        read(href).then(
          (raster) => (raster === null ? 'nothing' : JSON.stringify(raster.bands.map((band) => band.join()))),
          (error: unknown) => (error instanceof TilepressError ? error.code : String(error)),
        ),
      ),
    )
    const pixels = JSON.stringify(right.bands.map((band) => band.join()))
    const others = ends.filter((end) => end !== pixels)
    expect(others.filter((end) => end !== 'STORAGE_UNAVAILABLE' && end !== 'ASSET_UNREADABLE')).toEqual([])
    expect(others.length).toBeLessThan(hrefs.length)
    fault = () => null
    for (const href of hrefs) await expectRight(read(href))
  })
})
