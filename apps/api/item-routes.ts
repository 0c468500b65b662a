import type { createItemHandlers } from './handlers/items.ts'
import { tileJsonParameters, tileSetListParameters, tmsPath, wmtsParameters, zoomParameters } from './parameter-docs.ts'
import type { ParameterDoc, Route } from './route.ts'

/** What is told of an item and of a file of one. `parameters` are those of its images. */
export function itemInfoRoutes(
  kind: 'item' | 'asset',
  root: string,
  handlers: ReturnType<typeof createItemHandlers>,
  parameters: readonly ParameterDoc[],
): Route[] {
  const route = { method: 'get', tag: 'items' } as const
  const optional = parameters.map((each) => ({ ...each, required: false }))
  const what = kind === 'item' ? 'item' : 'file'
  const ofBoth: Route[] = [
    {
      ...route,
      path: `${root}/:tms/tilejson.json`,
      summary: 'TileJSON 3.0.0, with the image parameters in its tile URLs',
      parameters: [tmsPath(), ...tileJsonParameters, ...parameters],
      handler: handlers.tileJson(kind),
    },
    {
      ...route,
      path: `${root}/:tms/map.html`,
      summary: kind === 'item' ? 'The item on a map; without assets as its first render draws it' : 'The file on a map',
      parameters: [tmsPath(), ...optional],
      produces: ['text/html'],
      handler: handlers.map(kind),
    },
    {
      ...route,
      path: `${root}/tiles`,
      summary: `The ${what}’s tile sets, one a tile matrix set`,
      parameters: [...tileSetListParameters, ...optional],
      handler: handlers.tileSets(kind),
    },
    {
      ...route,
      path: `${root}/tiles/:tms`,
      summary: `A tile set, with the columns and rows that the ${what} has at each zoom`,
      parameters: [tmsPath(), ...zoomParameters, ...optional],
      handler: handlers.tileSet(kind),
    },
    {
      ...route,
      path: `${root}/WMTSCapabilities.xml`,
      summary: `WMTS 1.0.0 (RESTful) of the ${what}`,
      parameters: [...wmtsParameters, ...optional],
      produces: ['application/xml'],
      handler: handlers.wmts(kind),
    },
  ]
  if (kind === 'asset') return ofBoth
  return [
    ...ofBoth,
    { ...route, path: `${root}/assets`, summary: 'Names of the item’s rasters', handler: handlers.assets },
    { ...route, path: `${root}/renders`, summary: 'The item’s renders', handler: handlers.renders },
    { ...route, path: `${root}/renders/:render`, summary: 'A render of the item', handler: handlers.render },
  ]
}
