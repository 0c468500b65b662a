import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createContainer,
  createDatabase,
  services,
  storageToken,
  type TestDatabase,
  uniqueName,
} from '../support/services.ts'

describe('the servers tests run on', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase()
  })
  afterAll(() => database.drop())

  test('PostgreSQL has pgSTAC 0.10.0 and the application can register a search', async () => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      const version = await client.query('SELECT pgstac.get_version() AS version')
      expect(version.rows[0].version).toBe('0.10.0')
      const search = await client.query('SELECT hash FROM search_query($1, false, $2)', [
        { collections: ['x'] },
        { name: 'm' },
      ])
      expect(search.rows[0].hash).toMatch(/^[0-9a-f]{32,64}$/)
    } finally {
      await client.end()
    }
  })

  test('the queue Redis never evicts and the cache Redis does', async () => {
    const policyOf = async (url: string) => {
      const redis = new Redis(url)
      const answer = await redis.config('GET', 'maxmemory-policy')
      await redis.quit()
      return (answer as string[])[1]
    }
    expect(await policyOf(services().queueRedisUrl)).toBe('noeviction')
    expect(await policyOf(services().cacheRedisUrl)).toBe('allkeys-lru')
  })

  test('Blob takes a token for both accounts and refuses a request without one', async () => {
    for (const account of ['tilepressa', 'tilepressb'] as const) {
      const container = await createContainer(account)
      await container.upload('a/b.txt', new TextEncoder().encode('hello'), 'text/plain')
      const withToken = await fetch(`${container.url}/a/b.txt`, {
        headers: { authorization: `Bearer ${await storageToken()}`, 'x-ms-version': '2021-08-06' },
      })
      expect(await withToken.text()).toBe('hello')
      expect((await fetch(`${container.url}/a/b.txt`)).status).toBe(403)
    }
  })

  test('names are unique', () => {
    expect(uniqueName()).not.toBe(uniqueName())
  })
})
