import { TilepressError } from '../errors.ts'
import { concatenateBands } from '../raster/concatenation.ts'
import type { Raster } from '../raster/raster.ts'
import type { Grid, Reader } from '../read/reader.ts'
import type { RenderParameters } from '../request/tile-request.ts'
import type { Item } from '../search/item.ts'

/** Null when one of the assets lies outside the grid: the item then gives nothing (rio-tiler's rule). */
export async function readItem(
  item: Item,
  grid: Grid,
  render: RenderParameters,
  reader: Reader,
  signal: AbortSignal,
): Promise<Raster | null> {
  const reads = render.assets.map(({ name, bidx }) => {
    const href = item.assets.get(name)
    if (href === undefined) {
      throw new TilepressError(
        'ASSET_NAME_INVALID',
        `item ${item.id} has no asset ${name}; it has ${[...item.assets.keys()].join(', ')}`,
      )
    }
    return () => reader.read(href, bidx, grid, render, signal)
  })
  const rasters = await Promise.all(reads.map((read) => read()))
  const [first, ...others] = rasters.filter((raster) => raster !== null)
  if (first === undefined || others.length + 1 < rasters.length) return null
  return concatenateBands([first, ...others])
}
