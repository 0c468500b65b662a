import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import type { Queryable } from '../../src/search/database.ts'
import { createPgstacSearch, type PgstacSearchOptions } from '../../src/search/pgstac-search.ts'
import { searchLimits } from '../support/search-limits.ts'

const layer = { kind: 'search', id: '0123456789abcdef0123456789abcdef' } as const
const { signal } = new AbortController()

/** A database that answers item queries by `items`, each as one row, and every other query with nothing. */
function setUp(items: () => Promise<readonly string[]>, options: Partial<PgstacSearchOptions> = {}) {
  const clock = { now: 1_000_000 }
  const queries: string[] = []
  const warnings: object[] = []
  const database: Queryable = {
    async query<Row extends object>(text: string, [, limit, box]: readonly unknown[] = []) {
      const kind = text.includes('search_rows') ? (box === null ? 'load' : 'place') : 'other'
      queries.push(kind)
      if (kind === 'other') return []
      return (await items()).slice(0, Number(limit)).map((id) => ({
        id,
        collection: 'c',
        base: null,
        bbox: '[0,0,1,1]',
        geometry: '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}',
        assets: '{"image":"https://a/b.tif"}',
      })) as unknown as Row[]
    },
  }
  const search = createPgstacSearch({
    database,
    log: { warn: (details) => warnings.push(details) },
    itemIndexLimit: 10,
    ttlMs: 60_000,
    patienceMs: 60_000,
    now: () => clock.now,
    random: () => 0.5,
    ...options,
  })
  const limits = { ...searchLimits, skipCovered: false, exitWhenFull: false }
  const find = async (edition?: number) => {
    const { items: found, truncated } = await search.itemsFor(layer, [0, 0, 1, 1], limits, signal, edition)
    return `${found.map(({ id }) => id).join(' ')}${truncated ? ` ${truncated}` : ''}`
  }
  const settle = async () => {
    while (search.stats().loads > 0) await nextTurn()
  }
  return { search, find, settle, clock, queries, warnings }
}

const away = () => Promise.reject(new TilepressError('DATABASE_UNAVAILABLE', 'away'))

describe('search with items in memory', () => {
  test('asks the database once, however many ask at a time', async () => {
    const { find, queries, search } = setUp(async () => ['a', 'b'])
    expect(await Promise.all([find(), find(), find()])).toEqual(['a b', 'a b', 'a b'])
    expect(await find()).toBe('a b')
    expect(queries.filter((query) => query === 'load')).toHaveLength(1)
    expect(search.stats()).toMatchObject({ layers: 1, items: 2, loads: 0 })
    expect(search.loaded(layer)).toMatchObject({ version: 1, loadedAt: 1_000_000 })
  })

  test('answers from stale items while it asks for new ones', async () => {
    let items = ['old']
    const { find, settle, clock, search } = setUp(async () => items)
    expect(await find()).toBe('old')
    items = ['new']
    clock.now += 59_999
    expect(await find()).toBe('old')
    await settle()
    clock.now += 2
    expect(await find()).toBe('old')
    await settle()
    expect(await find()).toBe('new')
    expect(search.loaded(layer)?.version).toBe(2)
  })

  test('asks anew at once for a later edition of the layer, and once for it', async () => {
    let items = ['old']
    const { find, queries } = setUp(async () => items)
    expect(await find()).toBe('old')
    items = ['new']
    expect(await find()).toBe('old')
    expect(await Promise.all([find(7), find(7)])).toEqual(['new', 'new'])
    expect(await find(3)).toBe('new')
    expect(queries.filter((query) => query === 'load')).toHaveLength(2)
  })

  test('asks for a place alone where the load under way began before the edition', async () => {
    const gate = Promise.withResolvers<readonly string[]>()
    let answer: () => Promise<readonly string[]> = () => gate.promise
    const { find, queries } = setUp(() => answer(), { patienceMs: 20 })
    const early = find(1)
    await expect.poll(() => queries).toEqual(['load', 'place'])
    answer = async () => ['new']
    expect(await find(2)).toBe('new')
    gate.resolve(['old'])
    expect(await early).toBe('old')
    expect(await find(2)).toBe('new')
  })

  test('answers a later edition with no older items when the database is away', async () => {
    let answer: () => Promise<readonly string[]> = async () => ['old']
    const { find } = setUp(() => answer())
    await find(1)
    answer = away
    await expect(find(2)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
    expect(await find(1)).toBe('old')
  })

  test('spreads refreshes by a tenth of the time to either side', async () => {
    for (const [random, stale] of [
      [0, 54_000],
      [1, 66_000],
    ] as const) {
      const { find, clock, queries, settle } = setUp(async () => ['a'], { random: () => random })
      await find()
      clock.now += stale - 1
      await find()
      expect(queries.filter((query) => query === 'load')).toHaveLength(1)
      clock.now += 1
      await find()
      await settle()
      expect(queries.filter((query) => query === 'load')).toHaveLength(2)
    }
  })

  test('keeps old items when a refresh fails, waits before the next, and gives them up at last', async () => {
    let answer: () => Promise<readonly string[]> = async () => ['old']
    const { find, settle, clock, queries, warnings } = setUp(() => answer())
    await find()
    answer = away
    clock.now += 60_000
    expect(await find()).toBe('old')
    await settle()
    expect(await find()).toBe('old')
    expect(queries.filter((query) => query === 'load')).toHaveLength(2)
    expect(warnings).toEqual([{ layer, code: 'DATABASE_UNAVAILABLE' }])
    clock.now += 15 * 60_000
    await expect(find()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  })

  test('keeps no failure of a first load', async () => {
    let answer: () => Promise<readonly string[]> = away
    const { find } = setUp(() => answer())
    await expect(find()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })
    answer = async () => ['back']
    expect(await find()).toBe('back')
  })

  test('remembers for two seconds that a search is unknown', async () => {
    // Nothing found and, by the query that follows, nothing registered.
    const { find, clock, queries } = setUp(async () => [])
    await expect(find()).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
    const asked = queries.length
    clock.now += 1_999
    await expect(find()).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
    expect(queries).toHaveLength(asked)
    clock.now += 2
    await expect(find()).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
    expect(queries.length).toBeGreaterThan(asked)
  })

  test('asks no database for an id that no pgSTAC gives', async () => {
    const { search, queries } = setUp(async () => ['a'])
    const found = search.itemsFor({ kind: 'search', id: "x'; DROP" }, [0, 0, 1, 1], searchLimits, signal)
    await expect(found).rejects.toMatchObject({ code: 'SEARCH_NOT_FOUND' })
    expect(queries).toEqual([])
  })

  test('lets a caller leave without ending the load for the others', async () => {
    const gate = Promise.withResolvers<readonly string[]>()
    const { search, find } = setUp(() => gate.promise)
    const leaver = new AbortController()
    const left = search.itemsFor(layer, [0, 0, 1, 1], searchLimits, leaver.signal)
    const stays = find()
    leaver.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    gate.resolve(['a'])
    expect(await stays).toBe('a')
  })
})

describe('search by place', () => {
  const many = Array.from({ length: 11 }, (_, i) => `i${i}`)

  test('is what a search too large for memory gets, once per place and time', async () => {
    const { find, queries, search, clock } = setUp(async () => many)
    expect(await find()).toBe(many.join(' '))
    expect(await find()).toBe(many.join(' '))
    expect(queries.filter((query) => query === 'load')).toHaveLength(1)
    expect(queries.filter((query) => query === 'place')).toHaveLength(1)
    expect(search.stats()).toMatchObject({ layers: 1, items: 0 })
    expect(search.loaded(layer)).toBeNull()
    clock.now += 60_001
    await Promise.all([find(), find()])
    expect(queries.filter((query) => query === 'place')).toHaveLength(2)
  })

  test('is what a search gets whose outlines would take half of the memory', async () => {
    const { find, search } = setUp(async () => ['a', 'b', 'c'], { totalItems: 5 })
    expect(await find()).toBe('a b c')
    expect(search.loaded(layer)).toBeNull()
  })

  test('answers while the first load takes longer than patience', async () => {
    const gate = Promise.withResolvers<readonly string[]>()
    let calls = 0
    const { find, queries, settle } = setUp(() => (calls++ === 0 ? gate.promise : Promise.resolve(['near'])), {
      patienceMs: 1,
    })
    expect(await find()).toBe('near')
    gate.resolve(['far', 'near'])
    await settle()
    expect(await find()).toBe('far near')
    expect(queries.filter((query) => query === 'load')).toHaveLength(1)
  })

  test('is all there is when nothing may be kept', async () => {
    const { find, queries } = setUp(async () => ['a'], { itemIndexLimit: 0 })
    expect(await find()).toBe('a')
    expect(queries).toEqual(['place', 'other'])
  })

  test('follows a load that ran out of time', async () => {
    const late = new TilepressError('DATABASE_UNAVAILABLE', 'late', { context: { reason: '57014' } })
    let calls = 0
    const { find } = setUp(() => (calls++ === 0 ? Promise.reject(late) : Promise.resolve(['a'])))
    expect(await find()).toBe('a')
  })

  test('tells whether the limit of items cut', async () => {
    const { search } = setUp(async () => ['a', 'b'], { itemIndexLimit: 0 })
    const limits = { ...searchLimits, skipCovered: false, exitWhenFull: false }
    const truncated = async (itemsLimit: number) =>
      (await search.itemsFor(layer, [0, 0, 1, 1], { ...limits, itemsLimit }, signal)).truncated
    expect([await truncated(1), await truncated(2)]).toEqual(['items_limit', null])
  })
})
