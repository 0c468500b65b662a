import type { MosaicSource } from '../mosaic/mosaic.ts'
import type { Raster } from '../raster/raster.ts'
import type { Item } from '../search/item.ts'
import { type Bounds, boundsOverlap } from '../tile/bounds.ts'

/** An item's read, as the mosaic wants it. `area`: longitude and latitude of the image, null when it has no box there. */
export function itemSource(
  item: Item,
  area: Bounds | null,
  read: (item: Item, signal: AbortSignal) => Promise<Raster | null>,
): MosaicSource {
  return {
    coversGrid: area !== null && boxesOf(item.bbox).some((box) => contains(box, area)),
    read: (signal) => read(item, signal),
  }
}

/** Whether the item's box touches the area, which titiler asks before it reads an item for a tile; true when nobody knows. */
export function touches(item: Item, area: Bounds | null): boolean {
  return area === null || boxesOf(item.bbox).some((box) => boundsOverlap(box, area))
}

/** A box that crosses the antimeridian (west > east, RFC 7946 §5.2) is two. */
function boxesOf(bbox: Bounds): readonly Bounds[] {
  const [west, south, east, north] = bbox
  if (west <= east) return [bbox]
  return [
    [west, south, 180, north],
    [-180, south, east, north],
  ]
}

function contains(box: Bounds, area: Bounds): boolean {
  return box[0] <= area[0] && box[1] <= area[1] && box[2] >= area[2] && box[3] >= area[3]
}
