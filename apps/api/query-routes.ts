import { LARGEST_SIDE } from '../../src/request/parse-query-request.ts'
import type { Layer, MosaicLayer } from '../../src/request/tile-request.ts'
import type { createQueryHandlers } from './handlers/queries.ts'
import { coordCrs, coverScale, crsParameter, imageParameters, images, statisticsParameters } from './parameter-docs.ts'
import type { ParameterDoc, Route } from './route.ts'

const imageSize: readonly ParameterDoc[] = [
  ['max_size', 'Longest side, pixels; without it an image has the files’ resolution'],
  ['width', 'Pixels; the height follows unless it is given'],
  ['height', 'Pixels; the width follows unless it is given'],
].map(([name = '', description = '']) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'integer', minimum: 1, maximum: LARGEST_SIDE },
}))

const assetNames: ParameterDoc = {
  name: 'assets',
  in: 'query',
  description: 'Asset, repeatable; `:all:` for every file of the item',
  schema: { type: 'array', items: { type: 'string' } },
  required: true,
}

const dstCrs = crsParameter('dst_crs', 'Coordinate reference system of the image, that of the coordinates when absent')

const featureBody = {
  type: 'object',
  required: ['type', 'geometry'],
  properties: {
    type: { const: 'Feature' },
    geometry: {
      type: 'object',
      required: ['type', 'coordinates'],
      properties: { type: { enum: ['Polygon', 'MultiPolygon'] }, coordinates: { type: 'array' } },
    },
    properties: { type: ['object', 'null'] },
  },
}

const featuresBody = {
  oneOf: [
    featureBody,
    {
      type: 'object',
      required: ['type', 'features'],
      properties: { type: { const: 'FeatureCollection' }, features: { type: 'array', items: featureBody } },
    },
  ],
}

type Handlers = ReturnType<typeof createQueryHandlers>

/** What is asked of a mosaic besides its tiles. */
export function mosaicQueryRoutes(kind: MosaicLayer['kind'], root: string, handlers: Handlers): Route[] {
  return partRoutes(kind, root, handlers, imageParameters)
}

/** What is asked of an item or of one of its files; `parameters` are those of its images. */
export function itemQueryRoutes(
  kind: 'item' | 'asset',
  root: string,
  handlers: Handlers,
  parameters: readonly ParameterDoc[],
): Route[] {
  const preview = {
    method: 'get' as const,
    tag: 'items' as const,
    produces: images,
    handler: handlers.preview(kind),
    parameters: [dstCrs, ...imageSize, ...parameters],
  }
  const info = { method: 'get' as const, tag: 'items' as const, parameters: kind === 'item' ? [assetNames] : [] }
  const ofAssets: Route = {
    method: 'get',
    path: `${root}/asset_statistics`,
    summary: 'Statistics of each band of each asset, from previews',
    tag: 'items',
    parameters: [...imageSize, ...statisticsParameters, ...parameters],
    handler: handlers.assetStatistics(kind),
  }
  return [
    {
      ...info,
      path: `${root}/info`,
      summary: kind === 'item' ? 'What the item’s files are' : 'What the file is',
      handler: handlers.info(kind),
    },
    {
      ...info,
      path: `${root}/info.geojson`,
      summary: 'The same in the properties of a feature',
      parameters: [
        ...info.parameters,
        crsParameter('crs', 'Coordinate reference system of the feature, EPSG:4326 when absent'),
      ],
      produces: ['application/geo+json'],
      handler: handlers.infoGeoJson(kind),
    },
    ...(kind === 'item' ? [ofAssets] : []),
    {
      method: 'get',
      path: `${root}/statistics`,
      summary: 'Statistics of each band, from a preview',
      tag: 'items',
      parameters: [...imageSize, ...statisticsParameters, ...parameters],
      handler: handlers.statistics(kind),
    },
    { ...preview, path: `${root}/preview`, summary: 'All of it in an image, 1,024 pixels a side at most' },
    { ...preview, path: `${root}/preview.:format`, summary: 'All of it in an image of a format' },
    {
      ...preview,
      path: `${root}/preview/:size`,
      summary: 'All of it in an image of a size, `{width}x{height}.{format}`',
      parameters: [dstCrs, ...parameters],
    },
    ...partRoutes(kind, root, handlers, parameters),
  ]
}

/** What a mosaic, an item and a file have in common. */
function partRoutes(
  kind: Layer['kind'],
  root: string,
  handlers: Handlers,
  parameters: readonly ParameterDoc[],
): Route[] {
  const tag: Route['tag'] = kind === 'item' || kind === 'asset' ? 'items' : 'queries'
  const box = { method: 'get', tag, produces: images, handler: handlers.box(kind) } as const
  const feature = {
    method: 'post' as const,
    tag,
    produces: images,
    body: featureBody,
    handler: handlers.feature(kind),
    summary: 'An image of a GeoJSON feature; what it does not touch is masked',
    parameters: [coordCrs, dstCrs, ...imageSize, ...parameters],
  }
  return [
    {
      method: 'post',
      path: `${root}/statistics`,
      summary: 'Statistics of GeoJSON features, in their properties',
      tag,
      parameters: [coordCrs, dstCrs, ...imageSize, coverScale, ...statisticsParameters, ...parameters],
      body: featuresBody,
      produces: ['application/geo+json'],
      handler: handlers.featureStatistics(kind),
    },
    {
      method: 'get',
      path: `${root}/point/:position`,
      summary:
        kind === 'item' || kind === 'asset'
          ? 'Values at a point, `lon,lat`'
          : 'Values of every item under a point, `lon,lat`',
      tag,
      parameters: [coordCrs, ...parameters],
      handler: handlers.point(kind),
    },
    {
      ...box,
      path: `${root}/bbox/:box`,
      summary: 'An image of a box, `minx,miny,maxx,maxy.format`',
      parameters: [coordCrs, dstCrs, ...imageSize, ...parameters],
    },
    {
      ...box,
      path: `${root}/bbox/:box/:size`,
      summary: 'An image of a box, `minx,miny,maxx,maxy`, in a size, `{width}x{height}.{format}`',
      parameters: [coordCrs, dstCrs, ...parameters],
    },
    { ...feature, path: `${root}/feature` },
    { ...feature, path: `${root}/feature.:format` },
    {
      ...feature,
      path: `${root}/feature/:size`,
      summary: 'An image of a GeoJSON feature in a size, `{width}x{height}.{format}`',
      parameters: [coordCrs, dstCrs, ...parameters],
    },
  ]
}
