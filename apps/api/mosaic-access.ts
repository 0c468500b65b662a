import type { Context } from 'koa'
import type { MosaicLayer } from '../../src/request/tile-request.ts'
import type { Catalog } from '../../src/search/pgstac-catalog.ts'
import type { RegisteredSearch } from '../../src/search/registered-search.ts'
import { publicUrl } from './public-url.ts'

export interface MosaicAccessParts {
  readonly catalog: Catalog
  readonly publicUrl: string | undefined
}

/** What every handler about a mosaic asks: its search, and its address. */
export interface MosaicAccess {
  /** Throws SEARCH_NOT_FOUND, COLLECTION_NOT_FOUND, DATABASE_UNAVAILABLE. */
  searchOf(layer: MosaicLayer): Promise<RegisteredSearch>
  /** `<base>/searches/<id>` or `<base>/collections/<id>`. */
  urlOf(ctx: Context, layer: MosaicLayer): string
  baseOf(ctx: Context): string
}

export function createMosaicAccess({ catalog, publicUrl: configured }: MosaicAccessParts): MosaicAccess {
  const baseOf = (ctx: Context) => publicUrl(ctx, configured)
  return {
    searchOf: (layer) => (layer.kind === 'search' ? catalog.getSearch(layer.id) : catalog.registerCollection(layer.id)),
    urlOf: (ctx, { kind, id }) =>
      `${baseOf(ctx)}/${kind === 'search' ? 'searches' : 'collections'}/${encodeURIComponent(id)}`,
    baseOf,
  }
}

/** Seconds a client may keep what is said about a mosaic; its search can be registered anew with other metadata at any time. */
export const INFO_MAX_AGE = 60
