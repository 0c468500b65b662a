import { invalid, whole } from '../request/query-values.ts'
import type { Link } from './mosaic-info.ts'
import type { RegisteredSearch } from './registered-search.ts'

/** GET /searches/ of titiler-pgstac: registered mosaics, page by page. */

export interface SearchPage {
  readonly limit: number
  readonly offset: number
  /** Columns (`lastused`, `usecount`) or members of the metadata, the most important first; empty: the last used first. */
  readonly sortBy: readonly { readonly property: string; readonly descending: boolean }[]
  /** Members of the metadata with the texts that they must have. */
  readonly metadata: readonly (readonly [name: string, value: string])[]
}

/** What a page is asked with beside members of the metadata. */
const ABOUT_THE_PAGE = ['limit', 'offset', 'sortby']

const MOST_PROPERTIES = 16
const LONGEST_TEXT = 256
const FARTHEST_PAGE = 1_000_000

/** `limit`, `offset`, `sortby` (`-lastused,name`); any other name is a member of the metadata. Throws PARAMETER_INVALID. */
export function parseSearchPage(query: URLSearchParams): SearchPage {
  const sortBy = (query.get('sortby') ?? '').split(',').flatMap((text) => {
    const [, sign, property = ''] = /^([+-]?)(.*)$/s.exec(text.trim()) ?? []
    return property === '' ? [] : [{ property, descending: sign === '-' }]
  })
  const metadata = [...query].filter(([name]) => !ABOUT_THE_PAGE.includes(name.toLowerCase()))
  const isLong = (text: string) => text.length > LONGEST_TEXT || text.includes('\0')
  if (sortBy.length > MOST_PROPERTIES || sortBy.some(({ property }) => isLong(property)))
    throw invalid('sortby', `takes at most ${MOST_PROPERTIES} properties of ${LONGEST_TEXT} characters`)
  if (metadata.length > MOST_PROPERTIES || metadata.flat().some(isLong))
    throw invalid('(metadata)', `may be given at most ${MOST_PROPERTIES} times, with ${LONGEST_TEXT} characters`)
  return {
    limit: whole(query, 'limit', 10, 1, 1_000),
    offset: whole(query, 'offset', 0, 0, FARTHEST_PAGE),
    sortBy,
    metadata,
  }
}

export interface FoundSearches {
  readonly searches: readonly RegisteredSearch[]
  /** On all pages. */
  readonly matched: number
}

/**
 * The page in titiler's shape.
 * @param base address of the API, without a slash at its end
 * @param query the request's, which goes on to the other pages
 */
export function searchListResponse(
  base: string,
  { searches, matched }: FoundSearches,
  page: SearchPage,
  query: URLSearchParams,
) {
  const { limit, offset } = page
  const link = (rel: string, from: number): Link => {
    const others = new URLSearchParams(query)
    others.set('limit', String(limit))
    others.set('offset', String(from))
    return { rel, href: `${base}/searches/?${others}` }
  }
  const end = offset + searches.length
  return {
    searches: searches.map((search) => ({ search, links: linksOf(`${base}/searches/${search.hash}`) })),
    links: [
      link('self', offset),
      ...(end < matched && searches.length > 0 ? [link('next', end)] : []),
      ...(offset > 0 ? [link('prev', Math.max(offset - limit, 0))] : []),
    ],
    context: { returned: searches.length, limit, matched },
  }
}

function linksOf(mosaic: string): Link[] {
  const tileJson = `${mosaic}/{tileMatrixSetId}/tilejson.json`
  return [
    { rel: 'metadata', title: 'Mosaic metadata', href: `${mosaic}/info` },
    { rel: 'tilejson', title: 'Link for TileJSON (Template URL)', href: tileJson, templated: true },
  ]
}
