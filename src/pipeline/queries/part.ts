import { MeasuredSelection } from '../../mosaic/measured-selection.ts'
import { mosaicOf } from '../../mosaic/mosaic.ts'
import { createPixelSelection } from '../../mosaic/pixel-selection.ts'
import type { Raster } from '../../raster/raster.ts'
import { transformBounds } from '../../read/coordinate-transform.ts'
import type { Part } from '../../read/reader.ts'
import { isMosaic, type RenderParameters } from '../../request/tile-request.ts'
import type { Item } from '../../search/item.ts'
import type { Truncation } from '../../search/search.ts'
import type { Bounds } from '../../tile/bounds.ts'
import { itemSource } from '../item-sources.ts'
import { readOfLayer } from '../read-item.ts'
import type { QueryContext } from '../render-query.ts'

export interface LayerPart {
  /** Null when the search has no item there. */
  readonly raster: Raster | null
  /** Those whose pixels were looked at, in the search's order. */
  readonly used: readonly Item[]
  readonly items: number
  readonly truncated: Truncation | null
}

const WORLD: Bounds = [-180, -90, 180, 90]

/**
 * A part of a layer on the grid that follows from its files. Of a mosaic: the items of its box, merged; the first decides the size, the
 * others are brought to it (rio_tiler.mosaic). Throws what the search, the reader and the merging throw.
 */
export async function readLayerPart(part: Part, render: RenderParameters, context: QueryContext): Promise<LayerPart> {
  const { layer, search, reader, signal } = context
  const area = part.bounds === null ? WORLD : transformBounds(part.crs, 'EPSG:4326', part.bounds)
  if (area === null) return { raster: null, used: [], items: 0, truncated: null }
  const { items, truncated } = await search.itemsFor(layer, area, render.limits, signal)
  const gave: Item[] = []
  // Padding is for tiles.
  const unpadded = { ...render, padding: 0 }
  const read = async (item: Item, stop: AbortSignal) => {
    const raster = await readOfLayer(
      layer,
      item,
      render,
      (href, bidx, abort) => reader.readPart(href, bidx, part, unpadded, abort),
      stop,
    )
    if (raster !== null) gave.push(item)
    return raster
  }
  const [only] = items
  if (only !== undefined && !isMosaic(layer))
    return { raster: await read(only, signal), used: items, items: 1, truncated }
  const selection = new MeasuredSelection(createPixelSelection(render.pixelSelection, items.length))
  const sources = items.map((item) => itemSource(item, area, read))
  const raster = await mosaicOf(sources, selection, signal)
  // Reads may end in another order than they are merged in.
  const used = items.filter((item) => gave.includes(item)).slice(0, selection.fed)
  return { raster, used, items: items.length, truncated }
}
