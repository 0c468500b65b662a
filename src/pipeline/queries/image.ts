import { boundsOfArea } from '../../request/area-geometry.ts'
import type { Area, ImageQuery } from '../../request/query-request.ts'
import type { Bounds } from '../../tile/bounds.ts'
import { noOwnColours, ownColours } from '../own-colours.ts'
import { imageOfRaster } from '../render-image.ts'
import type { Answer, QueryContext } from '../render-query.ts'
import { cutAlong } from './cutline.ts'
import { readLayerPart } from './part.ts'

/**
 * The image of a box, a feature, or all of an item. Its coordinate reference system is `dst_crs`, else that of the coordinates; of a
 * preview the file's (titiler).
 */
export async function answerImage(query: ImageQuery, context: QueryContext): Promise<Answer> {
  const { area, crs, render, format, size } = query
  const targetCrs = query.targetCrs ?? (area.kind === 'whole' ? null : crs)
  const part = { bounds: boundsOf(area), crs, targetCrs, size, aligned: false }
  const { layer, reader, signal } = context
  const { raster, used, items, truncated } = await readLayerPart(part, render, context)
  if (raster === null) return { outcome: 'empty', items, truncated }
  const cut = area.kind === 'geometry' ? cutAlong(raster, area.geometry, crs) : raster
  const place = { bounds: cut.bounds, crs: cut.crs }
  const [item] = used
  const own = item ? await ownColours(layer, item, cut, { ...render, format }, reader.inspect, signal) : noOwnColours
  const image = await imageOfRaster(cut, { render, format, signal, own })
  return { ...image, place, items, truncated }
}

/** Null for the whole of a file. */
export function boundsOf(area: Area): Bounds | null {
  if (area.kind === 'whole') return null
  return area.kind === 'box' ? area.bounds : boundsOfArea(area.geometry)
}
