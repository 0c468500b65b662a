import { availableParallelism } from 'node:os'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, settingNames, threadPoolSize } from '../src/config.ts'

function refusal(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message
    throw thrown
  }
  throw new Error('it was taken')
}

describe('the settings', () => {
  test('have defaults, all of them', () => {
    const config = readConfig({})
    expect(config).toMatchObject({ PORT: 8000, USE_AZURE_AUTH: true, LOCAL_MODE: false, API_KEYS: [] })
    expect(config.AZURE_STORAGE_ACCOUNTS).toEqual(new Map())
  })

  test('count as unset when they are empty or blank, and are trimmed', () => {
    expect(readConfig({ PORT: '', TILE_CONTAINER_URL: '  ', API_KEYS: ' a , ,b ' })).toMatchObject({
      PORT: 8000,
      API_KEYS: ['a', 'b'],
    })
    expect(readConfig({ PORT: ' 81 ' }).PORT).toBe(81)
  })

  test('are no others: what the environment has beside them is not looked at', () => {
    expect(
      Object.keys(readConfig({ NODE_ENV: 'x', PATH: '/bin' })).every((name) => settingNames.includes(name as never)),
    ).toBe(true)
  })

  test('name storage accounts with or without their endpoint', () => {
    const { AZURE_STORAGE_ACCOUNTS } = readConfig({ AZURE_STORAGE_ACCOUNTS: 'one, two=https://127.0.0.1:10000/two/' })
    expect([...AZURE_STORAGE_ACCOUNTS]).toEqual([
      ['one', 'https://one.blob.core.windows.net'],
      ['two', 'https://127.0.0.1:10000/two'],
    ])
  })

  test('name folders and hosts that end in a slash, or another host could begin with the same letters', () => {
    expect(readConfig({ ASSET_PREFIXES: '/data, https://host, http://host:81/a/' }).ASSET_PREFIXES).toEqual([
      '/data/',
      'https://host/',
      'http://host:81/a/',
    ])
  })

  test('name containers of configured accounts for signatures', () => {
    const config = readConfig({ AZURE_STORAGE_ACCOUNTS: 'one', AZURE_SAS_CONTAINERS: 'one/a-b, one/$web, one' })
    expect(config.AZURE_SAS_CONTAINERS).toEqual(['one/a-b', 'one/$web', 'one'])
  })
})

test('the names that titiler deployments have mean here what they mean there', () => {
  const config = readConfig({
    AZURE_STORAGE_ACCOUNT: 'imagery',
    USE_AZURE_AUTH: 'true',
    LOCAL_MODE: 'true',
    DATABASE_URL: 'postgresql://user:word@host:5432/postgis',
    DB_POOL_SIZE: '10',
    LOG_LEVEL: 'warn',
    GDAL_CACHEMAX: '200',
    GDAL_INGESTED_BYTES_AT_OPEN: '16384',
    CPL_VSIL_CURL_CACHE_SIZE: '200000000',
    GDAL_HTTP_MAX_RETRY: '5',
    GDAL_HTTP_RETRY_DELAY: '0.5',
  })
  expect(config).toMatchObject({
    ...{
      AZURE_STORAGE_ACCOUNT: 'imagery',
      USE_AZURE_AUTH: true,
      LOCAL_MODE: true,
      DB_POOL_SIZE: 10,
      LOG_LEVEL: 'warn',
    },
    ...{ GDAL_CACHEMAX: 200, GDAL_INGESTED_BYTES_AT_OPEN: 16_384, CPL_VSIL_CURL_CACHE_SIZE: 200_000_000 },
    ...{ GDAL_HTTP_MAX_RETRY: 5, GDAL_HTTP_RETRY_DELAY: 0.5 },
  })
})

describe('settings that contradict each other are refused by name:', () => {
  test.each([
    [{ AZURE_SAS_CONTAINERS: 'one/abc' }, /^AZURE_SAS_CONTAINERS: .*AZURE_STORAGE_ACCOUNTS/],
    [
      { AZURE_STORAGE_ACCOUNTS: 'one', AZURE_SAS_CONTAINERS: 'one/abc', USE_AZURE_AUTH: 'false' },
      /^AZURE_SAS_CONTAINERS: .*USE_AZURE_AUTH/,
    ],
    [{ AZURE_STORAGE_ACCOUNT: 'one', PLANETARY_COMPUTER_ACCOUNTS: 'one' }, /^PLANETARY_COMPUTER_ACCOUNTS: /],
  ])('%j', (environment, words) => {
    expect(refusal(environment)).toMatch(words)
  })
})

describe('a setting that cannot be used', () => {
  test.each([
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', 'http'],
    ['WORKER_CONCURRENCY', '0'],
    ['WORKER_CONCURRENCY', '-1'],
    ['MEMORY_CACHE_MB', '1e9'],
    ['ERROR_TTL_SECONDS', '61'],
    ['USE_AZURE_AUTH', 'yes'],
    ['LOCAL_MODE', '1'],
    ['LOG_LEVEL', 'loud'],
    ['PUBLIC_URL', 'tiles.example'],
    ['DATABASE_URL', 'mysql://localhost/a'],
    ['DATABASE_URL', 'localhost'],
    ['QUEUE_REDIS_URL', 'http://localhost'],
    ['CACHE_REDIS_URL', 'localhost:6379'],
    ['TILE_CONTAINER_URL', 'http://account.blob.core.windows.net/tiles'],
    ['AZURE_STORAGE_ACCOUNTS', 'Not-An-Account'],
    ['AZURE_STORAGE_ACCOUNTS', 'one=http://plain'],
    ['AZURE_STORAGE_ACCOUNTS', 'one=https://host/?sig=secret'],
    ['AZURE_STORAGE_ACCOUNTS', 'one=https://user:password@host'],
    ['AZURE_SAS_CONTAINERS', 'one/two/three'],
    ['AZURE_SAS_CONTAINERS', '../secret'],
    ['PLANETARY_COMPUTER_ACCOUNTS', 'one=http://plain'],
    ['PC_SDK_SAS_URL', 'ftp://host'],
    ['ASSET_PREFIXES', 'data'],
    ['ASSET_PREFIXES', '/vsicurl/https://host/'],
    ['ASSET_PREFIXES', 'https://user:password@host/'],
    ['ASSET_PREFIXES', 'https://host/?sig=secret'],
  ])('%s=%s is named, and its value is not repeated', (name, value) => {
    const message = refusal({ [name]: value })
    expect(message).toMatch(new RegExp(`^${name}: .`))
    expect(message).not.toContain(value)
    expect(message).not.toMatch(/secret|password/)
  })

  test('is named beside every other', () => {
    const lines = refusal({ PORT: 'x', DB_POOL_SIZE: 'y', LOCAL_MODE: 'z' }).split('\n')
    expect(lines.map((line) => line.split(':')[0]).sort()).toEqual(['DB_POOL_SIZE', 'LOCAL_MODE', 'PORT'])
  })

  test('is one Redis for queue and cache, as a queue may lose no key and a cache must', () => {
    const url = 'redis://localhost:6379'
    expect(refusal({ QUEUE_REDIS_URL: url, CACHE_REDIS_URL: url })).toMatch(/QUEUE_REDIS_URL and CACHE_REDIS_URL/)
  })
})

test('libuv gets a thread for every read under way, and four or a thread a core for the encoder', () => {
  const config = readConfig({ WORKER_CONCURRENCY: '6', BACKGROUND_CONCURRENCY: '2' })
  expect(threadPoolSize(config)).toBe(8 + Math.max(4, availableParallelism()))
})
