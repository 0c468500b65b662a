import { TilepressError } from '../../errors.ts'
import type { Raster } from '../../raster/raster.ts'
import { coordinateTransform } from '../../read/coordinate-transform.ts'
import type { PointQuery } from '../../request/query-request.ts'
import { isMosaic } from '../../request/tile-request.ts'
import { readOfLayer } from '../read-item.ts'
import type { Answer, QueryContext } from '../render-query.ts'
import { documentOf } from './document.ts'
import { inLanes } from './lanes.ts'

/**
 * The values of every item of a mosaic under a point; of an item or a file its own, `{coordinates, values, …}`, OUTSIDE_BOUNDS where it is
 * not there. Of a mosaic: `{coordinates, assets: [{name, values, band_names, band_descriptions}]}`. An
 * item with an asset that does not reach the point gives none. `exitwhenfull` and `skipcovered` are off, as in titiler.
 */
export async function answerPoint(query: PointQuery, context: QueryContext): Promise<Answer> {
  const { layer, search, signal } = context
  const [lon, lat] = coordinateTransform(query.crs, 'EPSG:4326')(query.x, query.y)
  const limits = { ...query.render.limits, exitWhenFull: false, skipCovered: false }
  const found = await search.itemsFor(layer, [lon, lat, lon, lat], limits, signal)
  const { items, truncated } = found
  if (items.length === 0) return { outcome: 'empty', items: 0, truncated }
  const rasters = await inLanes(items, (item) =>
    readOfLayer(layer, item, query.render, readerAt(query, context), signal),
  )
  if (!isMosaic(layer)) {
    const [raster] = rasters
    if (!raster) throw new TilepressError('OUTSIDE_BOUNDS', `the ${layer.kind} has nothing at this point`)
    return { ...documentOf({ coordinates: [query.x, query.y], ...pixelOf(raster) }), items: 1, truncated }
  }
  const assets = items.flatMap((item, index) => {
    const raster = rasters[index]
    return raster ? [{ name: `${item.collection}/${item.id}`, ...pixelOf(raster) }] : []
  })
  return { ...documentOf({ coordinates: [query.x, query.y], assets }), items: items.length, truncated }
}

function readerAt({ x, y, crs, render }: PointQuery, { reader }: QueryContext) {
  return (href: string, bidx: readonly number[] | null, signal: AbortSignal) =>
    reader.readPoint(href, bidx, { x, y, crs }, render, signal)
}

/** The only pixel of a raster; null where it is masked or not a number. */
function pixelOf(raster: Raster): { values: (number | null)[]; band_names: string[]; band_descriptions: string[] } {
  return {
    values: raster.bands.map((band, index) => (raster.masks[index]?.[0] === 0 ? null : (band[0] ?? null))),
    band_names: [...raster.bandNames],
    band_descriptions: [...raster.bandDescriptions],
  }
}
