import type { Context } from 'koa'
import { parseFormat, type TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import { flag } from '../../../src/request/query-values.ts'
import type { MosaicLayer } from '../../../src/request/tile-request.ts'
import { isForWmts, wmtsCapabilities } from '../../../src/search/wmts-capabilities.ts'
import { wmtsLayers } from '../../../src/search/wmts-layers.ts'
import { isImageFormat, mediaTypes } from '../../../src/tile/format.ts'
import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import { mosaicOf } from '../layer.ts'
import { INFO_MAX_AGE, type MosaicAccess } from '../mosaic-access.ts'

/** GET …/WMTSCapabilities.xml */
export function createWmtsHandler(kind: MosaicLayer['kind'], parser: TileRequestParser, mosaics: MosaicAccess) {
  return async (ctx: Context, path: Readonly<Record<string, string>>): Promise<void> => {
    const layer = mosaicOf(kind, path)
    const query = new URLSearchParams(ctx.querystring)
    const format = parseFormat(query.get('tile_format') ?? 'png')
    const useEpsg = flag(query, 'use_epsg', false)
    const search = await mosaics.searchOf(layer, ctx.querystring)
    const sets = [...tileMatrixSets.values()].filter(isForWmts)
    const isRenderable = (each: URLSearchParams) => parser.takesRender(each.toString())
    const layers = wmtsLayers({ search, sets, query, isRenderable })
    const mosaic = mosaics.urlOf(ctx, layer)
    ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
    ctx.set('Content-Type', 'application/xml; charset=utf-8')
    ctx.body = wmtsCapabilities({
      title: typeof search.metadata.name === 'string' ? search.metadata.name : search.hash,
      url: `${mosaic}/WMTSCapabilities.xml${ctx.search}`,
      mosaic,
      layers,
      sets,
      format,
      mediaType: isImageFormat(format) ? mediaTypes[format] : '',
      useEpsg,
    })
  }
}
