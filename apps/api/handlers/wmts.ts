import type { Context } from 'koa'
import { parseFormat, type TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import { flag } from '../../../src/request/query-values.ts'
import type { MosaicDescription } from '../../../src/search/registered-search.ts'
import { isForWmts, wmtsCapabilities } from '../../../src/search/wmts-capabilities.ts'
import { wmtsLayers } from '../../../src/search/wmts-layers.ts'
import { isImageFormat, mediaTypes } from '../../../src/tile/format.ts'
import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import { INFO_MAX_AGE } from '../mosaic-access.ts'

type Path = Readonly<Record<string, string>>

/** What the document is about. */
export interface WmtsSubject {
  readonly name: string
  readonly title: string
  readonly search: MosaicDescription
  /** Its address, without a slash at its end. */
  readonly url: string
  /** The asset's name of a file by itself. */
  readonly file: string | null
}

/** GET …/WMTSCapabilities.xml */
export function createWmtsHandler(
  parser: TileRequestParser,
  subjectOf: (ctx: Context, path: Path) => Promise<WmtsSubject>,
) {
  return async (ctx: Context, path: Path): Promise<void> => {
    const query = new URLSearchParams(ctx.querystring)
    const format = parseFormat(query.get('tile_format') ?? 'png')
    const useEpsg = flag(query, 'use_epsg', false)
    const { name, title, search, url, file } = await subjectOf(ctx, path)
    const sets = [...tileMatrixSets.values()].filter(isForWmts)
    const isRenderable = (each: URLSearchParams) => parser.takesRender(each.toString(), file)
    const layers = wmtsLayers({ name, search, sets, query, isRenderable })
    ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
    ctx.set('Content-Type', 'application/xml; charset=utf-8')
    ctx.body = wmtsCapabilities({
      title,
      url: `${url}/WMTSCapabilities.xml${ctx.search}`,
      mosaic: url,
      layers,
      sets,
      format,
      mediaType: isImageFormat(format) ? mediaTypes[format] : '',
      useEpsg,
    })
  }
}
