import { TilepressError } from '../errors.ts'
import { collectionMosaic } from './collection-mosaic.ts'
import type { Queryable } from './database.ts'
import { sqlState } from './database-error.ts'
import type { ItemFilters } from './item-filters.ts'
import { type Collection, isSearchId, type RegisteredSearch } from './registered-search.ts'
import type { SearchBody } from './search-body.ts'
import type { FoundSearches, SearchPage } from './search-list.ts'

/** The catalogue's searches and collections. Every method throws DATABASE_UNAVAILABLE when pgSTAC can't be asked. */
export interface Catalog {
  /** Registers the search, or finds it: the same body has the same id. Throws SEARCH_INVALID, WRITE_CLOSED. */
  registerSearch(body: SearchBody): Promise<RegisteredSearch>
  /** Throws SEARCH_NOT_FOUND. */
  getSearch(id: string): Promise<RegisteredSearch>
  /** Throws COLLECTION_NOT_FOUND. */
  getCollection(id: string): Promise<Collection>
  /**
   * The search behind the mosaic of a collection's items, or of those the filters leave, registered when it is not yet.
   * Throws COLLECTION_NOT_FOUND, SEARCH_INVALID, WRITE_CLOSED.
   */
  registerCollection(id: string, filters?: ItemFilters): Promise<RegisteredSearch>
  /** A page of the registered mosaics, and how many there are. */
  listSearches(page: SearchPage): Promise<FoundSearches>
}

/** Longer ids are in no catalogue; PostgreSQL's text has no NUL. */
const isCollectionId = (id: string) => id.length > 0 && id.length <= 1_024 && !id.includes('\0')

/** Columns differ by version (0.8 fills `_where` and `orderby`, later ones add their own): the row travels as one JSON object. */
interface SearchRow {
  readonly row: RegisteredSearch
}

export function createCatalog(database: Queryable): Catalog {
  async function registerSearch({ search, metadata }: SearchBody): Promise<RegisteredSearch> {
    const [registered] = await database
      .query<{ hash: string }>('SELECT hash FROM search_query($1::jsonb, _metadata => $2::jsonb)', [
        JSON.stringify(search),
        JSON.stringify(metadata),
      ])
      .catch((error) => Promise.reject(refusal(error)))
    const found = registered && (await findSearch(registered.hash))
    // With pgstac.readonly on, search_query answers a hash and keeps nothing.
    if (!found) throw new TilepressError('WRITE_CLOSED', 'pgSTAC is read-only: no search can be registered')
    return found
  }

  async function findSearch(id: string): Promise<RegisteredSearch | null> {
    const [found] = await database.query<SearchRow>('SELECT to_jsonb(s) AS row FROM searches s WHERE hash = $1', [id])
    return found ? toSearch(found) : null
  }

  async function getCollection(id: string): Promise<Collection> {
    const [found] = isCollectionId(id)
      ? await database.query<{ collection: Collection | null }>('SELECT get_collection($1) AS collection', [id])
      : []
    if (!found?.collection) throw new TilepressError('COLLECTION_NOT_FOUND', 'the catalogue has no such collection')
    return found.collection
  }

  return {
    registerSearch,
    getCollection,
    async getSearch(id) {
      const found = isSearchId(id) ? await findSearch(id) : null
      if (!found) throw new TilepressError('SEARCH_NOT_FOUND', 'no such search is registered')
      return found
    },
    async registerCollection(id, filters) {
      return await registerSearch(collectionMosaic(await getCollection(id), filters))
    },
    async listSearches({ limit, offset, sortBy, metadata }) {
      const values: unknown[] = [limit, offset]
      const value = (text: string) => `$${values.push(text)}::text`
      const conditions = metadata.map(([name, text]) => ` AND metadata->>${value(name)} = ${value(text)}`)
      const order = sortBy.map(({ property, descending }) => {
        const by = property === 'lastused' || property === 'usecount' ? property : `metadata->>${value(property)}`
        return `${by} ${descending ? 'DESC' : 'ASC'}, `
      })
      const rows = await database.query<SearchRow & { matched: number }>(
        `WITH mosaics AS (SELECT * FROM searches WHERE metadata->>'type' = 'mosaic'${conditions.join('')}),
          page AS (SELECT row_number() OVER (ORDER BY ${order.join('')}lastused DESC, hash) AS place, to_jsonb(m) AS row
            FROM mosaics m ORDER BY place LIMIT $1 OFFSET $2)
        SELECT row, matched::int FROM (SELECT count(*) AS matched FROM mosaics) c LEFT JOIN page ON TRUE ORDER BY place`,
        values,
      )
      return { matched: rows[0]?.matched ?? 0, searches: rows.flatMap((row) => (row.row ? [toSearch(row)] : [])) }
    },
  }
}

function toSearch({ row }: SearchRow): RegisteredSearch {
  const { hash, search, metadata, lastused, usecount } = row
  // Anonymous searches, which pgSTAC registers for itself, have no type.
  return {
    hash,
    search,
    metadata: { ...metadata, type: metadata.type ?? 'search' },
    lastused: new Date(lastused).toISOString(),
    usecount,
  }
}

/** pgSTAC tells in words what is wrong with a search: an exception of its own (P0001) or bad data (class 22). */
function refusal(error: unknown): unknown {
  const state = sqlState(error)
  if (state === '25006')
    return new TilepressError('WRITE_CLOSED', 'the catalogue database is read-only', { cause: error })
  if (state === null || !/^(22|42|P0)/.test(state)) return error
  const reason =
    state.startsWith('42') || !(error instanceof Error) ? 'pgSTAC can not run it' : error.message.slice(0, 200)
  return new TilepressError('SEARCH_INVALID', `invalid search: ${reason}`, {
    cause: error,
    context: { sqlState: state },
  })
}
