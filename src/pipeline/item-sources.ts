import type { MosaicSource } from '../mosaic/mosaic.ts'
import type { Raster } from '../raster/raster.ts'
import type { Item } from '../search/item.ts'
import { type Bounds, boundsOverlap, splitAtAntimeridian } from '../tile/bounds.ts'

/**
 * An item's read, as the mosaic wants it. `area`: longitude and latitude of the image (west > east crosses the antimeridian), null when it
 * has no box there.
 */
export function itemSource(
  item: Item,
  area: Bounds | null,
  read: (item: Item, signal: AbortSignal) => Promise<Raster | null>,
): MosaicSource {
  const boxes = splitAtAntimeridian(item.bbox)
  return {
    coversGrid: area !== null && splitAtAntimeridian(area).every((part) => boxes.some((box) => contains(box, part))),
    read: (signal) => read(item, signal),
  }
}

/** Whether the item's box touches the area, which titiler asks before it reads an item for a tile; true when nobody knows. */
export function touches(item: Item, area: Bounds | null): boolean {
  if (area === null) return true
  const boxes = splitAtAntimeridian(item.bbox)
  return splitAtAntimeridian(area).some((part) => boxes.some((box) => boundsOverlap(box, part)))
}

function contains(box: Bounds, area: Bounds): boolean {
  return box[0] <= area[0] && box[1] <= area[1] && box[2] >= area[2] && box[3] >= area[3]
}
