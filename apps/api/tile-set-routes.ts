import type { MosaicLayer } from '../../src/request/tile-request.ts'
import type { createTileSetHandlers } from './handlers/tile-sets.ts'
import { imageParameters, tileSetListParameters, tmsPath, wmtsParameters, zoomParameters } from './parameter-docs.ts'
import type { Route } from './route.ts'

type Handlers = ReturnType<typeof createTileSetHandlers>

const optionalImageParameters = imageParameters.map((each) => ({ ...each, required: false }))

/** The tile sets of a mosaic. */
export function tileSetRoutes(kind: MosaicLayer['kind'], root: string, handlers: Handlers): Route[] {
  return [
    {
      method: 'get',
      path: `${root}/tiles`,
      summary: 'The mosaic’s tile sets, one a tile matrix set',
      tag: 'mosaics',
      parameters: [...tileSetListParameters, ...optionalImageParameters],
      handler: handlers.list(kind),
    },
    {
      method: 'get',
      path: `${root}/tiles/:tms`,
      summary: 'A tile set, with the columns and rows that the mosaic has at each zoom',
      tag: 'mosaics',
      parameters: [tmsPath(), ...zoomParameters, ...optionalImageParameters],
      handler: handlers.get(kind),
    },
    {
      method: 'get',
      path: `${root}/WMTSCapabilities.xml`,
      summary: 'WMTS 1.0.0 (RESTful): each of the mosaic’s defaults, and what the query draws, in each tile matrix set',
      tag: 'mosaics',
      parameters: [...wmtsParameters, ...optionalImageParameters],
      produces: ['application/xml'],
      handler: handlers.wmts(kind),
    },
  ]
}

/** The tile matrix sets themselves. */
export function tileMatrixSetRoutes(handlers: Handlers): Route[] {
  return [
    {
      method: 'get',
      path: '/conformance',
      summary: 'Classes of OGC’s standards that the API conforms to',
      tag: 'service',
      handler: handlers.conformance,
    },
    {
      method: 'get',
      path: '/tileMatrixSets',
      summary: 'The tile matrix sets',
      tag: 'service',
      handler: handlers.definitions,
    },
    {
      method: 'get',
      path: '/tileMatrixSets/:tms',
      summary: 'A tile matrix set: OGC Two Dimensional Tile Matrix Set 2.0',
      tag: 'service',
      parameters: [tmsPath()],
      handler: handlers.definition,
    },
  ]
}
