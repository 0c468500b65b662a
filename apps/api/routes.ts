import { z } from 'zod'
import { runBodySchema } from '../../src/prerender/run-request.ts'
import type { MosaicLayer } from '../../src/request/tile-request.ts'
import { searchBodySchema } from '../../src/search/search-body.ts'
import type { ItemSource } from '../../src/search/stored-items.ts'
import { assetListRoutes } from './asset-list-routes.ts'
import { freshnessRoutes } from './freshness-routes.ts'
import { createAssetListHandlers } from './handlers/asset-lists.ts'
import { assetHandler } from './handlers/assets.ts'
import { createFreshnessHandlers, type FreshnessHandlerParts } from './handlers/freshness.ts'
import { createItemHandlers } from './handlers/items.ts'
import { createMosaicHandlers, type MosaicHandlerParts } from './handlers/mosaic.ts'
import { createPageHandlers } from './handlers/pages.ts'
import { createQueryHandlers, type QueryHandlerParts } from './handlers/queries.ts'
import { createRunHandlers, type RunHandlerParts } from './handlers/runs.ts'
import { createScalingHandler, type ScalingParts } from './handlers/scaling.ts'
import { createHealthHandler, createMetricsHandler, liveHandler, type StatusParts } from './handlers/status.ts'
import { createTileHandler, type TileHandlerParts } from './handlers/tile.ts'
import { createTileSetHandlers } from './handlers/tile-sets.ts'
import { itemInfoRoutes } from './item-routes.ts'
import { createMosaicAccess } from './mosaic-access.ts'
import {
  emptyParameter,
  fileParameters,
  imageParameters,
  images,
  itemFilterParameters,
  itemParameters,
  searchListParameters,
  tileJsonParameters,
  tilePath,
  tmsPath,
} from './parameter-docs.ts'
import { itemQueryRoutes, mosaicQueryRoutes } from './query-routes.ts'
import { renderingRoutes } from './rendering-routes.ts'
import type { ParameterDoc, Route } from './route.ts'
import { tileMatrixSetRoutes, tileSetRoutes } from './tile-set-routes.ts'

export interface RouteParts
  extends TileHandlerParts,
    MosaicHandlerParts,
    QueryHandlerParts,
    StatusParts,
    FreshnessHandlerParts,
    ScalingParts,
    Omit<RunHandlerParts, 'boundsOf'> {
  readonly items: ItemSource
  readonly version: string
}

/** All that the API offers, one entry a route. Tiles come first, as the router asks the routes in order. */
export function createRoutes(parts: RouteParts): Route[] {
  const mosaics = createMosaicAccess(parts)
  const mosaic = createMosaicHandlers(parts, mosaics)
  const tileSets = createTileSetHandlers(parts.parser, mosaics)
  const runs = createRunHandlers({ ...parts, boundsOf: mosaic.boundsOf })
  const queries = createQueryHandlers(parts, mosaics)
  const items = createItemHandlers(parts, mosaics)
  const lists = createAssetListHandlers(parts, mosaics)
  const freshness = createFreshnessHandlers(parts, mosaics)
  const pages = createPageHandlers({ ...parts, routes: () => routes })
  const mosaicRoutes = (kind: MosaicLayer['kind'], root: string): Route[] => [
    {
      method: 'get',
      path: `${root}/tiles/:tms/:z/:x/:y`,
      summary: 'A tile of the mosaic',
      tag: 'tiles',
      hot: true,
      parameters: [tmsPath(), ...tilePath, ...imageParameters, emptyParameter],
      produces: images,
      handler: createTileHandler(kind, parts, mosaics),
    },
    {
      method: 'get',
      path: `${root}/:tms/tilejson.json`,
      summary: 'TileJSON 3.0.0 of the mosaic, with the image parameters in its tile URLs',
      tag: 'mosaics',
      parameters: [tmsPath(), ...tileJsonParameters, ...imageParameters, emptyParameter],
      handler: mosaic.tileJson(kind),
    },
    {
      method: 'get',
      path: `${root}/:tms/map.html`,
      summary: 'The mosaic on a map; without assets as its first default draws it',
      tag: 'mosaics',
      parameters: [tmsPath(), ...imageParameters.map((each) => ({ ...each, required: false }))],
      produces: ['text/html'],
      handler: mosaic.map(kind),
    },
    {
      method: 'get',
      path: `${root}/info`,
      summary: 'The mosaic’s search and links',
      tag: 'mosaics',
      handler: mosaic.info(kind),
    },
  ]
  const itemRoutes = (kind: 'item' | 'asset', root: string, parameters: readonly ParameterDoc[]): Route[] => [
    {
      method: 'get',
      path: `${root}/tiles/:tms/:z/:x/:y`,
      summary: kind === 'item' ? 'A tile of an item' : 'A tile of a file of an item',
      tag: 'items',
      hot: true,
      parameters: [tmsPath(), ...tilePath, ...parameters, emptyParameter],
      produces: images,
      handler: createTileHandler(kind, parts, mosaics),
    },
    ...itemInfoRoutes(kind, root, items, parameters),
    ...itemQueryRoutes(kind, root, queries, parameters),
  ]
  const routes: Route[] = [
    ...mosaicRoutes('search', '/searches/:layer'),
    ...withItemFilters(mosaicRoutes('collection', '/collections/:layer')),
    ...itemRoutes('item', '/collections/:layer/items/:item', itemParameters),
    ...itemRoutes('asset', '/collections/:layer/items/:item/assets/:asset', fileParameters),
    ...tileSetRoutes('search', '/searches/:layer', tileSets),
    ...withItemFilters(tileSetRoutes('collection', '/collections/:layer', tileSets)),
    ...freshnessRoutes('search', '/searches/:layer', freshness),
    ...withItemFilters(freshnessRoutes('collection', '/collections/:layer', freshness)),
    ...assetListRoutes('search', '/searches/:layer', lists),
    ...mosaicQueryRoutes('search', '/searches/:layer', queries),
    ...withItemFilters([
      ...assetListRoutes('collection', '/collections/:layer', lists),
      ...mosaicQueryRoutes('collection', '/collections/:layer', queries),
    ]),
    ...(['/searches', '/searches/list'] as const).map(
      (path): Route => ({
        method: 'get',
        path,
        summary: 'The registered mosaics; any other parameter is a member of their metadata and its value',
        tag: 'mosaics',
        parameters: searchListParameters,
        handler: mosaic.list,
      }),
    ),
    {
      method: 'post',
      path: '/searches/register',
      summary: 'Register a STAC search as a mosaic',
      tag: 'mosaics',
      write: true,
      body: z.toJSONSchema(searchBodySchema, { io: 'input', unrepresentable: 'any' }),
      handler: mosaic.register,
    },
    {
      method: 'post',
      path: '/prerender-runs',
      summary: 'Start rendering all tiles of a box and zooms',
      tag: 'pre-render',
      write: true,
      body: z.toJSONSchema(runBodySchema, { io: 'input', unrepresentable: 'any' }),
      handler: runs.create,
    },
    { method: 'get', path: '/prerender-runs', summary: 'The newest runs', tag: 'pre-render', handler: runs.list },
    {
      method: 'get',
      path: '/prerender-runs/:run',
      summary: 'A run’s state and counts',
      tag: 'pre-render',
      handler: runs.get,
    },
    {
      method: 'post',
      path: '/prerender-runs/:run/cancel',
      summary: 'Stop a run',
      tag: 'pre-render',
      write: true,
      handler: runs.cancel,
    },
    ...tileMatrixSetRoutes(tileSets),
    ...renderingRoutes(parts),
    {
      method: 'get',
      path: '/healthz',
      summary: 'The state of every part',
      tag: 'service',
      handler: createHealthHandler(parts),
    },
    {
      method: 'get',
      path: '/scaling/workers',
      summary: 'How many workers are wanted',
      tag: 'service',
      handler: createScalingHandler(parts),
    },
    { method: 'get', path: '/livez', summary: 'The process answers', tag: 'service', handler: liveHandler },
    {
      method: 'get',
      path: '/metrics',
      summary: 'Figures for Prometheus',
      tag: 'service',
      produces: ['text/plain'],
      handler: createMetricsHandler(parts),
    },
    {
      method: 'get',
      path: '/',
      summary: 'The mosaics and their addresses',
      tag: 'service',
      produces: ['text/html', 'application/json'],
      handler: pages.landing,
    },
    ...(['/docs', '/api.html'] as const).map(
      (path): Route => ({
        method: 'get',
        path,
        summary: 'This API, to read and try',
        tag: 'service',
        produces: ['text/html'],
        handler: pages.docs,
      }),
    ),
    { method: 'get', path: '/api', summary: 'The OpenAPI document', tag: 'service', handler: pages.openApi },
    {
      method: 'get',
      path: '/assets/:file',
      summary: 'Libraries of the pages',
      tag: 'service',
      produces: ['text/javascript', 'text/css'],
      handler: assetHandler,
    },
  ]
  return routes
}

/** The routes with the parameters that choose among a collection's items. */
function withItemFilters(routes: readonly Route[]): Route[] {
  return routes.map((route) => ({ ...route, parameters: [...(route.parameters ?? []), ...itemFilterParameters] }))
}
