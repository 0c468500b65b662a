import { TilepressError } from '../errors.ts'
import { concatenateBands } from '../raster/concatenation.ts'
import type { Raster } from '../raster/raster.ts'
import type { RenderParameters } from '../request/tile-request.ts'
import type { Item } from '../search/item.ts'

/** Reads bands of one asset: onto a tile's grid, a part's, or a point's pixel. Null when the file lies outside. */
export type ReadAsset = (href: string, bidx: readonly number[] | null, signal: AbortSignal) => Promise<Raster | null>

/** The item's assets as one raster. Null when one of them lies outside: the item then gives nothing (rio-tiler's rule). */
export async function readItem(
  item: Item,
  render: RenderParameters,
  readAsset: ReadAsset,
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
    return () => readAsset(href, bidx, signal)
  })
  const rasters = await Promise.all(reads.map((read) => read()))
  const [first, ...others] = rasters.filter((raster) => raster !== null)
  if (first === undefined || others.length + 1 < rasters.length) return null
  return concatenateBands([first, ...others])
}
