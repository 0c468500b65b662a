import { colormapParameters, createRenderingHandlers } from './handlers/rendering.ts'
import type { Route } from './route.ts'

/** What the renderer knows by name: algorithms and colormaps. */
export function renderingRoutes(parts: { readonly publicUrl: string | undefined }): Route[] {
  const { algorithms, algorithm, colormaps, colormap } = createRenderingHandlers(parts)
  return [
    { method: 'get', path: '/algorithms', summary: 'The algorithms', tag: 'service', handler: algorithms },
    {
      method: 'get',
      path: '/algorithms/:algorithm',
      summary: 'Bands, types and parameters of an algorithm',
      tag: 'service',
      handler: algorithm,
    },
    { method: 'get', path: '/colorMaps', summary: 'The colormaps', tag: 'service', handler: colormaps },
    {
      method: 'get',
      path: '/colorMaps/:colormap',
      summary: 'The colours of a colormap',
      tag: 'service',
      parameters: colormapParameters,
      produces: ['application/json', 'image/png'],
      handler: colormap,
    },
  ]
}
