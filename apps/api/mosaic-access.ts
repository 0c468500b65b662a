import type { Context } from 'koa'
import type { Layer, MosaicLayer } from '../../src/request/tile-request.ts'
import { FilteredCollections, type SearchLayer } from '../../src/search/filtered-collections.ts'
import type { Catalog } from '../../src/search/pgstac-catalog.ts'
import type { RegisteredSearch } from '../../src/search/registered-search.ts'
import { publicUrl } from './public-url.ts'

export interface MosaicAccessParts {
  readonly catalog: Catalog
  readonly publicUrl: string | undefined
}

/** What every handler about a mosaic asks: its search, and its address. */
export interface MosaicAccess {
  /**
   * The layer with the item filters of the query: for a collection with some the search of what they leave. A promise only for filters not met
   * before. Throws PARAMETER_INVALID, COLLECTION_NOT_FOUND, SEARCH_INVALID, WRITE_CLOSED, DATABASE_UNAVAILABLE.
   */
  filtered<L extends Layer>(layer: L, querystring: string): L | SearchLayer | Promise<L | SearchLayer>
  /** The search behind the layer, with the item filters of the query. Throws also SEARCH_NOT_FOUND. */
  searchOf(layer: MosaicLayer, querystring?: string): Promise<RegisteredSearch>
  /** `<base>/searches/<id>` or `<base>/collections/<id>`. */
  urlOf(ctx: Context, layer: MosaicLayer): string
  baseOf(ctx: Context): string
}

export function createMosaicAccess({ catalog, publicUrl: configured }: MosaicAccessParts): MosaicAccess {
  const baseOf = (ctx: Context) => publicUrl(ctx, configured)
  const collections = new FilteredCollections(catalog)
  return {
    filtered: (layer, querystring) => collections.layerOf(layer, querystring),
    async searchOf(layer, querystring = '') {
      const { kind, id } = await collections.layerOf(layer, querystring)
      return await (kind === 'search' ? catalog.getSearch(id) : catalog.registerCollection(id))
    },
    urlOf: (ctx, { kind, id }) =>
      `${baseOf(ctx)}/${kind === 'search' ? 'searches' : 'collections'}/${encodeURIComponent(id)}`,
    baseOf,
  }
}

/** Seconds a client may keep what is said about a mosaic; its search can be registered anew with other metadata at any time. */
export const INFO_MAX_AGE = 60
