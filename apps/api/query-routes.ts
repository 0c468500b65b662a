import { LARGEST_SIDE } from '../../src/request/parse-query-request.ts'
import type { Layer } from '../../src/request/tile-request.ts'
import type { createQueryHandlers } from './handlers/queries.ts'
import { imageParameters, images } from './parameter-docs.ts'
import type { ParameterDoc, Route } from './route.ts'

const crsParameter = (name: string, description: string): ParameterDoc => ({
  name,
  in: 'query',
  description: `${description}: authority and code`,
  schema: { type: 'string', examples: ['EPSG:3857'] },
})

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

const coordCrs = crsParameter('coord_crs', 'Coordinate reference system of the coordinates, EPSG:4326 when absent')

/** What is asked of a mosaic besides its tiles. */
export function queryRoutes(
  kind: Layer['kind'],
  root: string,
  handlers: ReturnType<typeof createQueryHandlers>,
): Route[] {
  return [
    {
      method: 'get',
      path: `${root}/point/:position`,
      summary: 'Values of every item under a point, `lon,lat`',
      tag: 'queries',
      parameters: [coordCrs, ...imageParameters],
      handler: handlers.point(kind),
    },
    {
      method: 'get',
      path: `${root}/bbox/:box`,
      summary: 'An image of a box, `minx,miny,maxx,maxy.format`',
      tag: 'queries',
      parameters: [coordCrs, dstCrs, ...imageSize, ...imageParameters],
      produces: images,
      handler: handlers.box(kind),
    },
    {
      method: 'get',
      path: `${root}/bbox/:box/:size`,
      summary: 'An image of a box, `minx,miny,maxx,maxy`, in a size, `{width}x{height}.{format}`',
      tag: 'queries',
      parameters: [coordCrs, dstCrs, ...imageParameters],
      produces: images,
      handler: handlers.box(kind),
    },
    ...['/feature', '/feature.:format'].map(
      (path): Route => ({
        method: 'post',
        path: `${root}${path}`,
        summary: 'An image of a GeoJSON feature; what it does not touch is masked',
        tag: 'queries',
        parameters: [coordCrs, dstCrs, ...imageSize, ...imageParameters],
        body: featureBody,
        produces: images,
        handler: handlers.feature(kind),
      }),
    ),
    {
      method: 'post',
      path: `${root}/feature/:size`,
      summary: 'An image of a GeoJSON feature in a size, `{width}x{height}.{format}`',
      tag: 'queries',
      parameters: [coordCrs, dstCrs, ...imageParameters],
      body: featureBody,
      produces: images,
      handler: handlers.feature(kind),
    },
  ]
}
