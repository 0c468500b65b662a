import type { RenderParameters } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import { buffered, type PixelArea } from '../tile/buffered.ts'
import { lonLatBounds } from '../tile/lon-lat-bounds.ts'
import type { Tile } from '../tile/tile.ts'
import { type TileMatrixSet, tileBounds } from '../tile/tile-matrix-set.ts'

/** A tile with its buffer, in CRS units and pixels. */
export function tileArea(
  tms: TileMatrixSet,
  tile: Tile,
  { tileSize, buffer }: Pick<RenderParameters, 'tileSize' | 'buffer'>,
): PixelArea {
  return buffered({ bounds: tileBounds(tms, tile), width: tileSize, height: tileSize }, buffer)
}

/**
 * The longitude-latitude box where a tile's items are looked for, its buffer included (titiler looks under the tile alone); null when none of it is on Earth.
 */
export function tilePlace(
  tms: TileMatrixSet,
  tile: Tile,
  render: Pick<RenderParameters, 'tileSize' | 'buffer'>,
): Bounds | null {
  return lonLatBounds(tms.transform, tileArea(tms, tile, render).bounds)
}
