import { LONGEST_EXPRESSION } from '../../src/expression/parse-expression.ts'
import { algorithmNames } from '../../src/request/algorithm-table.ts'
import { LARGEST_BUFFER, LARGEST_PADDING, LARGEST_TILE } from '../../src/request/render-parameters.ts'
import { pixelSelectionNames, reprojections, resamplings } from '../../src/request/tile-request.ts'
import { imageFormats, mediaTypes } from '../../src/tile/format.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { emptyAnswers } from './empty-tile.ts'
import type { ParameterDoc } from './route.ts'

const query = (name: string, description: string, schema: Record<string, unknown>, required = false): ParameterDoc => ({
  name,
  in: 'query',
  description,
  schema,
  required,
})

const strings = { type: 'array', items: { type: 'string' } }

/** Every image parameter there is (src/request/render-parameters.ts). */
export const imageParameters: readonly ParameterDoc[] = [
  query(
    'assets',
    'Asset, repeatable and in order: `visual`; with bands by number `image|bidx=3,2,1` or by name `image|bands=red,nir`, or computed `image|expression=b1/b2`',
    strings,
    true,
  ),
  query('expression', 'Bands computed from all assets’ bands b1, b2, …: `(b2-b1)/(b2+b1)`, several parted by `;`', {
    type: 'string',
    maxLength: LONGEST_EXPRESSION,
  }),
  query('asset_as_band', 'Each asset is one band and gives it its name', { type: 'boolean', default: false }),
  query('nodata', 'Value that is transparent, instead of the files’ own: a number, nan, inf, -inf', { type: 'string' }),
  query('unscale', 'Apply the files’ scale and offset', { type: 'boolean', default: false }),
  query('resampling', 'Kernel of reads without reprojection', {
    type: 'string',
    enum: resamplings,
    default: 'nearest',
  }),
  query('reproject', 'Kernel of the warp', {
    type: 'string',
    enum: reprojections,
    default: 'nearest',
  }),
  query('pixel_selection', 'How items that overlap are merged', {
    type: 'string',
    enum: pixelSelectionNames,
    default: 'first',
  }),
  query('algorithm', 'What the merged image is turned into', { type: 'string', enum: algorithmNames }),
  query('algorithm_params', 'The algorithm’s parameters, a JSON object', { type: 'string' }),
  query('rescale', 'Range stretched to 0…255, `min,max`: one for all bands, or one a band', strings),
  query('color_formula', 'Operations on colours: `gamma RGB 1.5, sigmoidal RGB 15 0.35, saturation 1.2`', {
    type: 'string',
  }),
  query('colormap_name', 'Colormap of a single band, in lower case: viridis, terrain, rdylgn_r, …', { type: 'string' }),
  query('colormap', 'Colours of a single band, JSON: `{"1": "#f00", …}` by value, `[[[0, 10], "#f00"], …]` by range', {
    type: 'string',
  }),
  query('return_mask', 'Add an alpha channel where the format has one', { type: 'boolean', default: true }),
  query('tilesize', 'Pixels along a side', { type: 'integer', minimum: 1, maximum: LARGEST_TILE, default: 256 }),
  query('buffer', 'Pixels added on each side, a multiple of 0.5', {
    type: 'number',
    minimum: 0,
    maximum: LARGEST_BUFFER,
    default: 0,
  }),
  query('padding', 'Pixels read beyond each side and cut off again', {
    type: 'integer',
    minimum: 0,
    maximum: LARGEST_PADDING,
    default: 0,
  }),
  query('scan_limit', 'Most items looked at', { type: 'integer', minimum: 1 }),
  query('items_limit', 'Most items merged', { type: 'integer', minimum: 1, maximum: 1000 }),
  query('time_limit', 'Longest search, seconds', { type: 'integer', minimum: 1, maximum: 60 }),
  query('exitwhenfull', 'Stop looking for items once footprints cover the tile', { type: 'boolean', default: true }),
  query('skipcovered', 'Skip items whose footprint earlier ones cover', { type: 'boolean', default: true }),
]

/** The image parameters on offer, which a test holds to the parser. */

/** Parameters of a search have no meaning for one item. */
const ofMosaics = ['pixel_selection', 'scan_limit', 'items_limit', 'time_limit', 'exitwhenfull', 'skipcovered']

/** Those of a list of items. */
export const searchParameters = imageParameters.filter(
  ({ name }) => ofMosaics.includes(name) && name !== 'pixel_selection',
)

/** Those of an item's images. */
export const itemParameters = imageParameters.filter(({ name }) => !ofMosaics.includes(name))

/** Those of a file's own endpoints: `bidx` and `expression` stand for the options of `assets`. */
export const fileParameters: readonly ParameterDoc[] = [
  query('bidx', 'Band, repeatable and in order; all but alpha when absent', {
    type: 'array',
    items: { type: 'integer' },
  }),
  ...itemParameters.filter(({ name }) => !['assets', 'asset_as_band'].includes(name)),
]

/** Media types of images. */
export const images = [...new Set(Object.values(mediaTypes))]

/** Asked for when the routes are made: sets of the configured folder come after this file's import. */
export function tmsPath(): ParameterDoc {
  const schema = { type: 'string', enum: [...tileMatrixSets.keys()] }
  return { name: 'tms', in: 'path', description: 'Tile matrix set', schema }
}

/** What statistics are asked for with (src/request/statistics-parameters.ts). */
export const statisticsParameters: readonly ParameterDoc[] = [
  query('categorical', 'Count single values, not bins', { type: 'boolean', default: false }),
  query('c', 'Value to count, repeatable; with `categorical`', { type: 'array', items: { type: 'number' } }),
  query('p', 'Percentile, repeatable', {
    type: 'array',
    items: { type: 'integer', minimum: 0, maximum: 100 },
    default: [2, 98],
  }),
  query('histogram_bins', 'Number of bins, or their edges: `0,100,200`', { type: 'string', default: '10' }),
  query('histogram_range', 'Least and greatest value of the bins: `0,3000`', { type: 'string' }),
]

export const crsParameter = (name: string, description: string): ParameterDoc =>
  query(name, `${description}: authority and code`, { type: 'string', examples: ['EPSG:3857'] })

export const coordCrs = crsParameter(
  'coord_crs',
  'Coordinate reference system of the coordinates, EPSG:4326 when absent',
)

export const coverScale = query('cover_scale', 'Cells along a side of a pixel, by which its coverage is estimated', {
  type: 'integer',
  minimum: 1,
  maximum: 1000,
  default: 10,
})

export const tilePath: readonly ParameterDoc[] = [
  { name: 'z', in: 'path', description: 'Zoom', schema: { type: 'integer' } },
  { name: 'x', in: 'path', description: 'Column', schema: { type: 'integer', minimum: 0 } },
  {
    name: 'y',
    in: 'path',
    description: `Row, with an optional extension (${imageFormats.join(', ')}); without one PNG where a pixel is masked, else JPEG`,
    schema: { type: 'string', examples: ['12', '12.png'] },
  },
]

/** What an empty tile is answered with (apps/api/empty-tile.ts). */
export const emptyParameter = query('empty', 'Answer for a tile with nothing on it: 204, a transparent PNG, or 404', {
  type: 'string',
  enum: emptyAnswers,
})

export const zoomParameters: readonly ParameterDoc[] = [
  query('minzoom', 'Overrides the mosaic’s', { type: 'integer' }),
  query('maxzoom', 'Overrides the mosaic’s', { type: 'integer' }),
]

export const tileJsonParameters: readonly ParameterDoc[] = [
  query('tile_format', 'Extension of the tiles', { type: 'string', enum: imageFormats }),
  ...zoomParameters,
]

export const wmtsParameters: readonly ParameterDoc[] = [
  query('tile_format', 'Extension of the tiles', { type: 'string', enum: imageFormats, default: 'png' }),
  query('use_epsg', 'Name reference systems as EPSG:code, for ArcMap', { type: 'boolean', default: false }),
  query('zooms', 'Zooms of the layer that the query draws: `WebMercatorQuad::0,12`, `*::0,12`', strings),
]

/** src/search/search-list.ts */
export const searchListParameters: readonly ParameterDoc[] = [
  query('limit', 'Mosaics on a page', { type: 'integer', minimum: 1, maximum: 1000, default: 10 }),
  query('offset', 'Mosaics before the page', { type: 'integer', minimum: 0, maximum: 1_000_000, default: 0 }),
  query('sortby', '`lastused`, `usecount` or members of the metadata: `-usecount,name`', { type: 'string' }),
]

export const tileSetListParameters: readonly ParameterDoc[] = [
  query('crs', 'Coordinate reference system of the bounding box', { type: 'string', default: 'EPSG:4326' }),
]

/** What a collection's items are chosen by (src/search/item-filters.ts). */
export const itemFilterParameters: readonly ParameterDoc[] = [
  query('ids', 'Items by id, parted by commas', { type: 'string' }),
  query('bbox', 'Items that touch west,south,east,north', { type: 'string' }),
  query('datetime', 'Items of a time or an interval: `2024-06-01T00:00:00Z/..`', { type: 'string' }),
  query('query', 'Items by properties, JSON: `{"eo:cloud_cover": {"lt": 10}}`', { type: 'string' }),
  query('sortby', 'Which items lie on top: `-eo:cloud_cover,datetime`', { type: 'string' }),
  query('filter', "Items by a CQL2 condition: `eo:cloud_cover < 10 AND platform = 'sentinel-2a'`", { type: 'string' }),
  query('filter-lang', 'Of `filter`', { type: 'string', enum: ['cql2-text', 'cql2-json'], default: 'cql2-text' }),
]
