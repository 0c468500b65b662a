import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase as connect, type Database } from '../../src/search/database.ts'
import { type Catalog, createCatalog } from '../../src/search/pgstac-catalog.ts'
import { parseSearchBody } from '../../src/search/search-body.ts'
import { parseSearchPage } from '../../src/search/search-list.ts'
import { createCollection } from '../support/catalogue.ts'
import { createDatabase, type TestDatabase } from '../support/services.ts'

let stack: TestDatabase
let database: Database
let catalog: Catalog

const page = (limit: number, offset: number) => ({ limit, offset, sortBy: [], metadata: [] })

beforeAll(async () => {
  stack = await createDatabase()
  database = connect({
    connectionString: stack.url,
    poolSize: 2,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 5_000,
    applicationName: 'catalog-test',
    log: { warn: () => {} },
  })
  catalog = createCatalog(database)
  await createCollection(stack, 'fields', [], { renders: { rgb: { assets: ['B4'] } } })
})

afterAll(async () => {
  await database?.close()
  await stack?.drop()
})

describe('the catalogue', () => {
  test('registers a search once, and gives it back', async () => {
    const body = parseSearchBody({ collections: ['fields'], metadata: { name: 'one' } })
    const first = await catalog.registerSearch(body)
    expect(first).toMatchObject({
      hash: expect.stringMatching(/^[0-9a-f]{32,64}$/),
      search: { collections: ['fields'], 'filter-lang': 'cql2-json' },
      metadata: { type: 'mosaic', name: 'one' },
      lastused: expect.stringMatching(/^\d{4}-.*Z$/),
      usecount: 1,
    })
    const second = await catalog.registerSearch(body)
    expect(second).toMatchObject({ hash: first.hash, usecount: 2 })
    expect(await catalog.getSearch(first.hash)).toEqual(second)
  })

  test('registers a collection as the mosaic that it is', async () => {
    const { hash, search, metadata } = await catalog.registerCollection('fields')
    expect(search).toEqual({ collections: ['fields'], 'filter-lang': 'cql2-json' })
    expect(metadata).toMatchObject({ name: "Mosaic for 'fields' Collection", defaults: { rgb: { assets: ['B4'] } } })
    expect((await catalog.registerCollection('fields')).hash).toBe(hash)
    expect(await catalog.getCollection('fields')).toMatchObject({ id: 'fields', type: 'Collection' })
  })

  test('lists mosaics page by page, and no other searches', async () => {
    await database.query('SELECT search_query($1)', ['{"ids": ["not a mosaic"]}'])
    for (const name of ['a', 'b', 'c']) await catalog.registerSearch(parseSearchBody({ metadata: { name } }))
    const all = await catalog.listSearches(page(100, 0))
    expect(all.matched).toBe(all.searches.length)
    expect(all.searches.every(({ metadata }) => metadata.type === 'mosaic')).toBe(true)
    expect(await catalog.listSearches(page(2, 1))).toEqual({ matched: all.matched, searches: all.searches.slice(1, 3) })
    expect(await catalog.listSearches(page(2, 1_000))).toEqual({ matched: all.matched, searches: [] })
  })

  test('lists mosaics by members of their metadata, in any order', async () => {
    for (const [name, owner] of [
      ['x', 'parks'],
      ['z', 'parks'],
      ['y', 'parks'],
      ['w', "o'hara"],
    ]) {
      await catalog.registerSearch(parseSearchBody({ metadata: { name, owner } }))
    }
    const names = async (query: string) => {
      const { searches } = await catalog.listSearches(parseSearchPage(new URLSearchParams(query)))
      return searches.map(({ metadata }) => metadata.name)
    }
    expect(await names('owner=parks&sortby=name')).toEqual(['x', 'y', 'z'])
    expect(await names('owner=parks&sortby=-name&limit=2&offset=1')).toEqual(['y', 'x'])
    expect(await names('owner=parks&sortby=usecount,lastused')).toEqual(['x', 'z', 'y'])
    expect(await names("owner=o'hara&name=w&sortby='; DROP TABLE items; --")).toEqual(['w'])
    expect(await names('owner=nobody')).toEqual([])
  })

  test('says what is not there', async () => {
    await expect(catalog.getSearch('0'.repeat(32))).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
    await expect(catalog.getSearch("x'y\0")).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
    await expect(catalog.getCollection('nowhere')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
    await expect(catalog.registerCollection('')).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
  })

  test('says what is wrong with a search', async () => {
    const register = (body: object) => catalog.registerSearch(parseSearchBody(body))
    await expect(register({ datetime: 'yesterdayish' })).rejects.toMatchObject({ code: 'SEARCH_INVALID' })
    await expect(register({ filter: { op: 'nonsense', args: [] } })).rejects.toMatchObject({ code: 'SEARCH_INVALID' })
    await expect(register({ ids: ['nul\0'] })).rejects.toMatchObject({ code: 'SEARCH_INVALID' })
  })

  test('is closed for writing while pgSTAC is read-only', async () => {
    await stack.query(
      "INSERT INTO pgstac.pgstac_settings VALUES ('readonly', 'true') ON CONFLICT (name) DO UPDATE SET value = 'true'",
    )
    try {
      const register = catalog.registerSearch(parseSearchBody({ metadata: { name: 'too late' } }))
      await expect(register).rejects.toMatchObject({ code: 'WRITE_CLOSED' })
    } finally {
      await stack.query("UPDATE pgstac.pgstac_settings SET value = 'false' WHERE name = 'readonly'")
    }
  })
})

describe('the database', () => {
  test('answers a ping, and counts its connections', async () => {
    expect(await database.ping(5_000)).toBe(true)
    expect(database.stats()).toMatchObject({ waiting: 0 })
  })

  test('sets pgSTAC’s path for the statement alone, so that a shared connection stays as it was', async () => {
    const one = connect({ ...poolOfOne(), connectionString: stack.adminUrl })
    try {
      const [inside] = await one.query<{ search_path: string }>('SHOW search_path')
      expect(inside?.search_path).toBe('pgstac, public')
      const [settings] = await one.query<{ application: string; reset: string }>(
        "SELECT current_setting('application_name') AS application, reset_val AS reset FROM pg_settings WHERE name = 'statement_timeout'",
      )
      expect(settings).toEqual({ application: 'catalog-test', reset: '0' })
    } finally {
      await one.close()
    }
  })

  test('ends a statement that takes too long, and goes on with the next', async () => {
    const one = connect({ ...poolOfOne(), connectionString: stack.url, statementTimeoutMs: 50 })
    try {
      const slow = one.query('SELECT pg_sleep(10)')
      const quick = one.query<{ n: number }>('SELECT 1 AS n')
      await expect(slow).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', context: { reason: '57014' } })
      expect(await quick).toEqual([{ n: 1 }])
      await expect(one.query('SELECT 1/0')).rejects.toMatchObject({ code: '22012' })
      expect(await one.query<{ n: number }>('SELECT 2 AS n', [], 1_000)).toEqual([{ n: 2 }])
    } finally {
      await one.close()
    }
  })

  test('keeps nothing of a statement that failed', async () => {
    await expect(
      database.query('WITH s AS (SELECT search_query(\'{"ids": ["undone"]}\')) SELECT 1/(count(*) - 1) FROM s'),
    ).rejects.toThrow()
    expect(await database.query('SELECT 1 FROM searches WHERE search = \'{"ids": ["undone"]}\'')).toEqual([])
  })

  test('comes back when the server ends its connections', async () => {
    const warnings: object[] = []
    const one = connect({
      ...poolOfOne(),
      connectionString: stack.url,
      applicationName: 'to be ended',
      log: { warn: (details) => warnings.push(details) },
    })
    try {
      await one.query('SELECT 1')
      await stack.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'to be ended'")
      while (one.stats().connections > 0) await new Promise((done) => setTimeout(done, 5))
      expect(await one.query<{ n: number }>('SELECT 1 AS n')).toEqual([{ n: 1 }])
      expect(warnings).toEqual([{ reason: '57P01' }])
    } finally {
      await one.close()
    }
  })
})

function poolOfOne() {
  return {
    poolSize: 1,
    statementTimeoutMs: 5_000,
    connectTimeoutMs: 5_000,
    applicationName: 'catalog-test',
    log: { warn: () => {} },
  }
}
