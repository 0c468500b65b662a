import type { Bounds } from '../tile/bounds.ts'
import type { ItemFilters } from './item-filters.ts'
import { isObject, toBounds } from './json.ts'
import type { Collection } from './registered-search.ts'
import type { SearchBody } from './search-body.ts'

const WORLD: Bounds = [-180, -90, 180, 90]

/**
 * The search that a collection is as a mosaic, as titiler-pgstac registers it. Bounds are the collection's extent, assets its `item_assets`,
 * defaults its `renders` (https://github.com/stac-extensions/render). With item filters the search has these too, and their box is its bounds.
 */
export function collectionMosaic(collection: Collection, filters: ItemFilters = {}): SearchBody {
  const { item_assets: assets, renders } = collection
  return {
    search: { collections: [collection.id], ...filters, 'filter-lang': 'cql2-json' },
    metadata: {
      type: 'mosaic',
      name: `Mosaic for '${collection.id}' Collection`,
      bounds: filters.bbox ?? [...spatialExtent(collection)],
      ...(isObject(assets) && { assets: Object.keys(assets) }),
      ...(isObject(renders) && { defaults: renderDefaults(renders) }),
    },
  }
}

/** The first box covers all others (STAC 1.0, Spatial Extent Object). One across the antimeridian becomes the whole belt. */
function spatialExtent({ extent }: Collection): Bounds {
  const spatial = isObject(extent) && isObject(extent.spatial) ? extent.spatial.bbox : null
  const [west, south, east, north] = (Array.isArray(spatial) && toBounds(spatial[0])) || WORLD
  const inside = west >= -180 && east <= 180 && south >= -90 && north <= 90 && south <= north
  if (!inside) return WORLD
  return west <= east ? [west, south, east, north] : [-180, south, 180, north]
}

/** Without what is no parameter of a tile; `minmax_zoom` becomes minzoom and maxzoom. What is no object is left out. */
function renderDefaults(renders: Record<string, unknown>): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(renders).flatMap(([name, render]) => {
      if (!isObject(render)) return []
      const { title: _title, tilematrixsets: _sets, minmax_zoom: zooms, ...parameters } = render
      const range = Array.isArray(zooms) && zooms.length === 2 ? { minzoom: zooms[0], maxzoom: zooms[1] } : {}
      return [[name, { ...parameters, ...range }]]
    }),
  )
}
