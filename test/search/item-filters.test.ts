import { describe, expect, test } from 'vitest'
import { mayFilterItems, parseItemFilters } from '../../src/search/item-filters.ts'
import { failure } from '../support/failure.ts'

const parse = (query: Record<string, string>) => parseItemFilters(new URLSearchParams(query))

describe('item filters', () => {
  test('become members of a search', () => {
    expect(
      parse({
        ids: 'b,a,b',
        bbox: '-1,-2.5,3,4e0',
        datetime: '2024-06-01T00:00:00Z/..',
        query: '{"eo:cloud_cover": {"lt": 10}}',
        sortby: '-eo:cloud_cover,+gsd, datetime',
        filter: "platform = 'x'",
      }),
    ).toEqual({
      ids: ['a', 'b'],
      bbox: [-1, -2.5, 3, 4],
      datetime: '2024-06-01T00:00:00Z/..',
      query: { 'eo:cloud_cover': { lt: 10 } },
      sortby: [
        { field: 'eo:cloud_cover', direction: 'desc' },
        { field: 'gsd', direction: 'asc' },
        { field: 'datetime', direction: 'asc' },
      ],
      filter: { op: '=', args: [{ property: 'platform' }, 'x'] },
    })
  })

  test('are the same text whatever order their members are written in', () => {
    const first = parse({
      ids: 'a,b',
      query: '{"x": {"gt": 1, "lt": 2}}',
      filter: '{"op":"=","args":[1,1]}',
      'filter-lang': 'cql2-json',
    })
    const second = parse({
      'filter-lang': 'cql2-json',
      filter: '{"args":[1,1],"op":"="}',
      query: '{"x": {"lt": 2, "gt": 1}}',
      ids: 'b,a',
    })
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
  })

  test('in text and in JSON are the same', () => {
    const json = '{"op": "<", "args": [{"property": "a"}, 3]}'
    expect(parse({ filter: 'a < 3' })).toEqual(parse({ filter: json, 'filter-lang': 'cql2-json' }))
  })

  test('are none where a query has none, or empty ones', () => {
    expect(parse({ assets: 'a' })).toBeNull()
    expect(parse({ ids: '', filter: '', 'filter-lang': 'cql2-json' })).toBeNull()
  })

  test.each([
    ['assets=a&bbox=1,2,3,4', true],
    ['filter-lang=cql2-json', true],
    ['assets=a&mybbox=1', false],
    ['assets=bbox=1', false],
    ['', false],
  ])('are looked for in "%s" only when there may be some: %s', (querystring, may) => {
    expect(mayFilterItems(querystring)).toBe(may)
  })

  test.each([
    [{ ids: 'a,,b' }, 'ids'],
    [{ bbox: '1,2,3' }, 'bbox'],
    [{ bbox: '1,2,x,4' }, 'bbox'],
    [{ bbox: '1,2,0,4' }, 'bbox'],
    [{ bbox: '0,0,181,4' }, 'bbox'],
    [{ datetime: 'yesterday' }, 'datetime'],
    [{ datetime: '../..' }, 'datetime'],
    [{ datetime: '2024-02-01T00:00:00Z/2024-01-01T00:00:00Z' }, 'datetime'],
    [{ datetime: '2024-01-01/2024-02-01/2024-03-01' }, 'datetime'],
    [{ datetime: '2024-13-01' }, 'datetime'],
    [{ query: '[]' }, 'query'],
    [{ query: '{"a": {"like": 1}}' }, 'query'],
    [{ sortby: 'a,,b' }, 'sortby'],
    [{ sortby: "a'; drop" }, 'sortby'],
    [{ filter: 'a <' }, 'filter'],
    [{ filter: 'a < 3', 'filter-lang': 'cql2-json' }, 'filter'],
    [{ filter: 'a < 3', 'filter-lang': 'cql-json' }, 'filter-lang'],
    [{ filter: `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'filter-lang': 'cql2-json' }, 'levels'],
  ])('are refused when wrong: %j', (query, name) => {
    expect(failure(() => parse(query as Record<string, string>))).toMatchObject({
      code: 'PARAMETER_INVALID',
      detail: expect.stringContaining(name),
    })
  })
})
