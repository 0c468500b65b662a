import { parseDecimal } from '../request/decimal.ts'
import { parseJson } from '../request/json-text.ts'
import { invalid } from '../request/query-values.ts'
import { type Cql2, parseCql2Text } from './cql2/parse-cql2-text.ts'
import { isObject } from './json.ts'
import { parseSearchBody, type SearchQuery } from './search-body.ts'

/** What narrows a collection down to some of its items; the members of a STAC search. */
export type ItemFilters = Pick<SearchQuery, 'ids' | 'bbox' | 'datetime' | 'query' | 'sortby' | 'filter'>

/** titiler-pgstac's names of them, on the endpoints of a collection. */
export const itemFilterNames = ['ids', 'bbox', 'datetime', 'query', 'sortby', 'filter', 'filter-lang'] as const

const given = new RegExp(`(?:^|&)(?:${itemFilterNames.join('|')})=`)

/** False when there is no need to parse: asked for each tile. */
export function mayFilterItems(querystring: string): boolean {
  return given.test(querystring)
}

/**
 * The item filters of a query in titiler-pgstac's notation, null when it has none. What selects the same items in the same order is the same
 * value, member by member. Throws PARAMETER_INVALID.
 */
export function parseItemFilters(query: URLSearchParams): ItemFilters | null {
  const text = (name: (typeof itemFilterNames)[number]) => query.get(name) || null
  const ids = text('ids')
  const bbox = text('bbox')
  const datetime = text('datetime')
  const properties = text('query')
  const sortby = text('sortby')
  const filter = text('filter')
  const body = {
    ...(ids !== null && { ids: [...new Set(ids.split(','))].sort() }),
    ...(bbox !== null && { bbox: bbox.split(',').map(toNumber) }),
    ...(datetime !== null && { datetime: toInterval(datetime) }),
    ...(properties !== null && { query: toJson('query', properties) }),
    ...(sortby !== null && { sortby: sortby.split(',').map(toSort) }),
    ...(filter !== null && { filter: toFilter(filter, text('filter-lang') ?? 'cql2-text') }),
  }
  if (Object.keys(body).length === 0) return null
  const { search } = parseSearchBody(body)
  const { 'filter-lang': _language, ...filters } = search
  return sorted(filters) as ItemFilters
}

function toNumber(text: string): number {
  const number = parseDecimal(text.trim())
  if (number === null) throw invalid('bbox', 'takes four or six numbers parted by commas')
  return number
}

/** Of a filter's JSON; a search takes no more. */
const MOST_LEVELS = 32

const DATE = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d))?$/

/** One time or two parted by a slash, of which one may be open (`..` or nothing): RFC 3339, or a day. */
function toInterval(text: string): string {
  const times = text.split('/').map((time) => (time === '..' || time === '' ? null : toTime(time)))
  const [from, until = from] = times
  const open = times.every((time) => time === null)
  if (times.length > 2 || open || (from != null && until != null && from > until))
    throw invalid(
      'datetime',
      'takes a time or an interval, as 2024-06-01T00:00:00Z/2024-07-01T00:00:00Z or 2024-06-01/..',
    )
  return text
}

function toTime(text: string): number {
  const time = DATE.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN
  if (Number.isNaN(time)) throw invalid('datetime', 'takes times as 2024-06-01T00:00:00Z')
  return time
}

/** `-gsd` falls, `gsd` and `+gsd` rise; a `+` that was not encoded arrives as a space. */
function toSort(text: string): { field: string; direction: 'asc' | 'desc' } {
  const [, sign, field = ''] = /^([+ -]?)(.*)$/s.exec(text) ?? []
  return { field: field.trim(), direction: sign === '-' ? 'desc' : 'asc' }
}

function toFilter(text: string, language: string): Cql2 | Record<string, unknown> {
  if (language === 'cql2-json') return toJson('filter', text)
  if (language !== 'cql2-text') throw invalid('filter-lang', 'takes one of cql2-text, cql2-json')
  const filter = parseCql2Text(text)
  // TRUE and FALSE alone; pgSTAC takes objects.
  return typeof filter === 'boolean' ? { op: '=', args: [filter ? 1 : 0, 1] } : filter
}

function toJson(name: string, text: string): Record<string, unknown> {
  const parsed = parseJson(`parameter ${name}`, text, MOST_LEVELS)
  if (!isObject(parsed)) throw invalid(name, 'takes a JSON object')
  return parsed
}

/** The value with the members of its objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]))
}
