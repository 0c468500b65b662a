import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRedis } from '../../apps/stack/services/redis.ts'
import type { Finding } from '../../src/diagnosis/access-check.ts'
import { Releasers } from '../../src/release.ts'
import { makeCog } from '../support/cogs.ts'
import {
  createContainer,
  createDatabase,
  programEnvironment,
  type TestContainer,
  type TestDatabase,
} from '../support/services.ts'
import { type Fault, startStrictStorage } from '../support/strict-storage.ts'

const main = resolve(import.meta.dirname, '../../apps/cli/main.ts')
const releasers = new Releasers()

let database: TestDatabase
let imagery: TestContainer
let tiles: TestContainer
let environment: Record<string, string>

beforeAll(async () => {
  database = await createDatabase()
  releasers.add('database', () => database.drop())
  ;[imagery, tiles] = await Promise.all([createContainer('tilepressb'), createContainer('tilepressa')])
  await imagery.upload('scene.tif', makeCog({ bounds: [0, 0, 1, 1], bands: [1, 2, 3] }))
  environment = { ...programEnvironment(database.url), TILE_CONTAINER_URL: tiles.url }
})

afterAll(() => releasers.release())

/** The findings by step, and all that the program wrote. */
async function check(href: string | null, change: Record<string, string> = {}) {
  const args = ['auth', 'check', '--json', ...(href === null ? [] : [href])]
  const child = spawn(process.execPath, [main, ...args], { env: { ...environment, ...change }, stdio: 'pipe' })
  const [out, said, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const lines = out.split('\n').filter((line) => line !== '')
  const findings = lines.map((line) => JSON.parse(line) as Finding)
  return { exitCode, written: out + said, steps: Object.fromEntries(findings.map((each) => [each.step, each])) }
}

test('every step of a working set-up is ok, and no token is shown', async () => {
  const { exitCode, steps, written } = await check(imagery.href('scene.tif'))
  expect(Object.entries(steps).map(([step, { state }]) => [step, state])).toEqual(
    [
      ...['identity', 'token', 'account', 'container', 'blob', 'GDAL', 'pgSTAC', 'queue', 'cache', 'tile container'],
    ].map((step) => [step, 'ok']),
  )
  expect(steps.token?.says).toMatch(/audience https:\/\/storage.azure.com, tenant \S+, object \S+, .* min left/)
  expect(steps.GDAL?.says).toMatch(/3 bands of uint8, EPSG:4326/)
  expect(written).not.toMatch(/eyJ|Bearer|postgres:\/\//)
  expect(exitCode).toBe(0)
})

test('a container that is opened by a SAS has a step for its signature, which is not shown', async () => {
  const { exitCode, steps, written } = await check(imagery.href('scene.tif'), {
    AZURE_SAS_CONTAINERS: `tilepressb/${imagery.name}`,
  })
  const states = ['signature', 'account', 'container', 'blob', 'GDAL'].map((step) => steps[step]?.state)
  expect(states).toEqual(['ok', 'skipped', 'skipped', 'ok', 'ok'])
  expect(steps.signature?.says).toMatch(new RegExp(`^of tilepressb/${imagery.name}, good until 20`))
  expect(written).not.toMatch(/sig=|eyJ/)
  expect(exitCode).toBe(0)
})

test('what people read is one line a step', async () => {
  const child = spawn(process.execPath, [main, 'auth', 'check'], { env: environment, stdio: 'pipe' })
  const out = await text(child.stdout)
  expect(out.split('\n')).toHaveLength(11)
  expect(out).toMatch(/^ok +pgSTAC +pgSTAC 0\.10\.0$/m)
  expect(out).toMatch(/^– +blob +no href was given$/m)
})

describe('each failure has its code and what mends it', () => {
  let fault: Fault | null = null
  let endpoint: string

  beforeAll(async () => {
    const storage = await startStrictStorage({
      certificateFolder: process.env.TILEPRESS_TEST_CERTIFICATE!,
      file: () => Buffer.from('no raster at all'),
      accepts: () => true,
      fault: () => fault,
    })
    releasers.add('storage', () => storage.close())
    endpoint = storage.endpoint
  })

  const strict = (change: Record<string, string> = {}) =>
    check('https://strict.blob.core.windows.net/imagery/x.tif', {
      AZURE_STORAGE_ACCOUNTS: `strict=${endpoint}`,
      AZURE_STORAGE_ACCOUNT: 'strict',
      LOCAL_MODE: 'false',
      ...change,
    })

  test.each([
    [
      'AuthorizationPermissionMismatch',
      403,
      'STORAGE_ROLE_MISSING',
      /az role assignment create --role "Storage Blob Data Reader" --assignee-object-id [0-9a-f-]{36} /,
    ],
    ['AuthorizationFailure', 403, 'STORAGE_FIREWALL', /az storage account network-rule add --account-name account/],
    ['InvalidAuthenticationInfo', 401, 'STORAGE_TOKEN_REJECTED', /AZURE_TOKEN_SCOPE=https:\/\/storage.azure.com/],
    ['BlobNotFound', 404, 'ASSET_NOT_FOUND', /az storage blob list --auth-mode login/],
  ])('%s', async (azureCode, status, code, mend) => {
    fault = { kind: 'refuse', status, code: azureCode }
    const { exitCode, steps } = await strict()
    expect(steps.blob).toMatchObject({ state: 'failed', code, says: `status ${status}, ${azureCode}` })
    expect(steps.blob?.mend).toMatch(mend)
    expect(steps.GDAL?.state).toBe('skipped')
    expect(steps.pgSTAC?.state).toBe('ok')
    expect(exitCode).toBe(1)
  })

  test('a key for signatures that is refused', async () => {
    fault = { kind: 'refuse', status: 403, code: 'AuthorizationPermissionMismatch' }
    const { steps } = await strict({ AZURE_SAS_CONTAINERS: 'strict/imagery' })
    expect(steps.signature).toMatchObject({ state: 'failed', code: 'STORAGE_ROLE_MISSING' })
    expect(steps.signature?.mend).toContain('--role "Storage Blob Delegator"')
    expect(steps.GDAL?.state).toBe('skipped')
  })

  test('a file that GDAL cannot read', async () => {
    fault = null
    const { steps } = await strict()
    expect(steps.blob?.state).toBe('ok')
    expect(steps.GDAL).toMatchObject({ state: 'failed', code: 'ASSET_UNREADABLE' })
  })

  test('an account that is not configured is never asked', async () => {
    const { steps } = await check('https://another.blob.core.windows.net/c/x.tif')
    expect(steps.account).toMatchObject({ state: 'failed', code: 'ASSET_REFUSED' })
    expect(steps.account?.mend).toContain('AZURE_STORAGE_ACCOUNTS')
  })

  test('no identity', async () => {
    const { steps } = await check(null, { IDENTITY_HEADER: 'wrong', LOCAL_MODE: 'false' })
    expect(steps.token).toMatchObject({ state: 'failed', code: 'TOKEN_UNAVAILABLE' })
    expect(steps.token?.mend).toContain('az containerapp identity assign')
    expect(steps.pgSTAC?.state).toBe('ok')
  })

  test('no database, and a queue that evicts', async () => {
    const evicting = await startRedis({
      folder: `${process.env.TILEPRESS_TEST_CERTIFICATE}/evicting-redis`,
      policy: 'allkeys-lru',
      aof: false,
    })
    try {
      const { steps } = await check(null, {
        DATABASE_URL: 'postgresql://tilepress:secret@127.0.0.1:1/none',
        QUEUE_REDIS_URL: evicting.url,
      })
      expect(steps.pgSTAC).toMatchObject({ state: 'failed', code: 'DATABASE_UNAVAILABLE' })
      expect(steps.queue).toMatchObject({ state: 'failed', code: 'QUEUE_UNAVAILABLE' })
      expect(steps.queue?.says).toContain('allkeys-lru')
    } finally {
      await evicting.stop()
    }
  })
})
