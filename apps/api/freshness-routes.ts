import { z } from 'zod'
import { areaBodySchema } from '../../src/invalidation/area-request.ts'
import { refreshBodySchema } from '../../src/invalidation/layer-refresh.ts'
import type { MosaicLayer } from '../../src/request/tile-request.ts'
import type { createFreshnessHandlers } from './handlers/freshness.ts'
import { imageParameters, tilePath, tmsPath } from './parameter-docs.ts'
import type { ParameterDoc, Route } from './route.ts'

const tileAddress: readonly ParameterDoc[] = [
  ...tilePath.slice(0, 2),
  { name: 'y', in: 'path', description: 'Row', schema: { type: 'integer', minimum: 0 } },
]

/** What makes a mosaic's tiles outdated, and what tells whether they are. */
export function freshnessRoutes(
  kind: MosaicLayer['kind'],
  root: string,
  handlers: ReturnType<typeof createFreshnessHandlers>,
): Route[] {
  return [
    {
      method: 'get',
      path: `${root}/tiles/:tms/:z/:x/:y/status`,
      summary: 'Where a tile is kept, how old it is, and whether it is being rendered',
      tag: 'freshness',
      parameters: [tmsPath(), ...tilePath, ...imageParameters],
      handler: handlers.status(kind),
    },
    {
      method: 'post',
      path: `${root}/tiles/:tms/:z/:x/:y/dirty`,
      summary: 'Make a tile outdated, however it is drawn',
      tag: 'freshness',
      write: true,
      parameters: [tmsPath(), ...tileAddress],
      handler: handlers.dirty(kind),
    },
    {
      method: 'post',
      path: `${root}/invalidate`,
      summary: 'Make the mosaic’s tiles outdated: those of an area and of zooms, or all',
      tag: 'freshness',
      write: true,
      body: z.toJSONSchema(areaBodySchema, { io: 'input', unrepresentable: 'any' }),
      handler: handlers.invalidate(kind),
    },
    {
      method: 'post',
      path: `${root}/refresh`,
      summary: 'Make those tiles outdated that items added, changed or deleted since the last refresh touch',
      tag: 'freshness',
      write: true,
      body: z.toJSONSchema(refreshBodySchema, { io: 'input', unrepresentable: 'any' }),
      handler: handlers.refresh(kind),
    },
  ]
}
