import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import { collection } from '../imagery/items.ts'
import { type Case, type Query, queryText } from './case.ts'
import { named } from './tile-case.ts'
import { tileOf } from './tiles.ts'

/** The server's own documents. */
export function documentCases(): Case[] {
  const paths = [
    ...['/tileMatrixSets', '/algorithms', '/algorithms/hillshade', '/algorithms/terrainrgb', '/algorithms/none'],
    ...[
      '/colorMaps',
      '/colorMaps/viridis',
      '/colorMaps/algae_r',
      '/colorMaps/none',
      '/conformance',
      '/searches/none/info',
    ],
    ...[...tileMatrixSets.keys(), 'none'].map((id) => `/tileMatrixSets/${id}`),
  ]
  return paths.map((path) => ({ group: 'documents', name: path, source: null, path, comparison: 'json' }))
}

/** The collection's own tiles, with the filters that only collections take. */
export function collectionCases(): Case[] {
  const one = 'mosaic-byte-1,mosaic-byte-2'
  const filters: readonly Query[] = [
    { ids: one },
    { ids: 'mosaic-byte-2' },
    { ids: one, bbox: '10,46,10.3,48' },
    { ids: one, datetime: '2000-01-01T00:00:00Z/2019-06-01T00:00:00Z' },
    { ids: one, sortby: '+datetime' },
    { ids: one, sortby: '-id' },
    { filter: "id IN ('mosaic-byte-3','mosaic-byte-1')" },
    { filter: "id='mosaic-byte-3'", 'filter-lang': 'cql2-text' },
    { filter: '{"op":"=","args":[{"property":"id"},"mosaic-byte-4"]}', 'filter-lang': 'cql2-json' },
    { ids: one, query: '{"datetime":{"gt":"2000-01-01T00:00:00Z"}}' },
    { ids: 'nothing' },
    { ids: one, bbox: '1,2,3' },
    { ids: one, datetime: 'yesterday' },
    { filter: 'id=' },
  ]
  return filters.flatMap((filter) =>
    (['mid', 'corner'] as const).map((sight): Case => {
      const query = { assets: 'image', ...filter, exitwhenfull: false, skipcovered: false }
      const tile = `/tiles/WebMercatorQuad/${tileOf('mosaic-byte-1', sight)}.npy`
      return {
        group: 'collection',
        name: `${sight} ${named(filter)}`,
        source: null,
        path: `/collections/${collection.id}${tile}${queryText(query)}`,
        comparison: 'nearest',
      }
    }),
  )
}
