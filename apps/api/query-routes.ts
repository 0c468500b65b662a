import type { Layer } from '../../src/request/tile-request.ts'
import type { createQueryHandlers } from './handlers/queries.ts'
import { imageParameters } from './parameter-docs.ts'
import type { ParameterDoc, Route } from './route.ts'

const crsParameter = (name: string, description: string): ParameterDoc => ({
  name,
  in: 'query',
  description: `${description}: authority and code`,
  schema: { type: 'string', examples: ['EPSG:3857'] },
})

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
  ]
}
