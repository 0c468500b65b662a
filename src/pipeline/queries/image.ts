import { TilepressError } from '../../errors.ts'
import { boundsOfArea } from '../../request/area-geometry.ts'
import type { ImageQuery } from '../../request/query-request.ts'
import { imageOfRaster } from '../render-image.ts'
import type { Answer, QueryContext } from '../render-query.ts'
import { cutAlong } from './cutline.ts'
import { mosaicOfPart } from './mosaic.ts'

/** The image of a box or a feature of a mosaic. Its coordinate reference system is `dst_crs`, else that of the coordinates (titiler). */
export async function answerImage(query: ImageQuery, context: QueryContext): Promise<Answer> {
  const { area, crs, render, format, size } = query
  if (area.kind === 'whole') throw new TilepressError('PARAMETER_INVALID', 'a mosaic has no preview')
  const part = {
    bounds: area.kind === 'box' ? area.bounds : boundsOfArea(area.geometry),
    crs,
    targetCrs: query.targetCrs ?? crs,
    size,
    aligned: false,
  }
  const { raster, items, truncated } = await mosaicOfPart(part, render, context)
  if (raster === null) return { outcome: 'empty', items, truncated }
  const cut = area.kind === 'geometry' ? cutAlong(raster, area.geometry, crs) : raster
  const place = { bounds: cut.bounds, crs: cut.crs }
  const image = await imageOfRaster(cut, { render, format, signal: context.signal })
  return { ...image, place, items, truncated }
}
