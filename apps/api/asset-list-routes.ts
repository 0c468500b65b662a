import type { MosaicLayer } from '../../src/request/tile-request.ts'
import type { createAssetListHandlers } from './handlers/asset-lists.ts'
import { coordCrs, searchParameters, tilePath, tmsPath } from './parameter-docs.ts'
import type { Route } from './route.ts'

/** Which items an image of a mosaic is made of. They come before the routes of images, whose sizes would take their last segment. */
export function assetListRoutes(
  kind: MosaicLayer['kind'],
  root: string,
  handlers: ReturnType<typeof createAssetListHandlers>,
): Route[] {
  return [
    {
      method: 'get',
      path: `${root}/tiles/:tms/:z/:x/:y/assets`,
      summary: 'The items under a tile, with their assets',
      tag: 'queries',
      parameters: [tmsPath(), ...tilePath.slice(0, 2), rowPath, ...searchParameters],
      handler: handlers.ofTile(kind),
    },
    {
      method: 'get',
      path: `${root}/point/:position/assets`,
      summary: 'The items under a point, `lon,lat`, with their assets',
      tag: 'queries',
      parameters: [coordCrs, ...searchParameters],
      handler: handlers.ofPoint(kind),
    },
    {
      method: 'get',
      path: `${root}/bbox/:box/assets`,
      summary: 'The items that touch a box, `minx,miny,maxx,maxy`, with their assets',
      tag: 'queries',
      parameters: [coordCrs, ...searchParameters],
      handler: handlers.ofBox(kind),
    },
  ]
}

const rowPath = { name: 'y', in: 'path', description: 'Row', schema: { type: 'integer', minimum: 0 } } as const
