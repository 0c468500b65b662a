import type { TileMatrixSet } from './tile-matrix-set.ts'

/** Two resolutions that differ by less are the same one. */
const SAME = 1e-8

/**
 * The zoom whose cells are nearest to a resolution (CRS units a pixel), by ratio: GDAL's rule for COGs (cogdriver.cpp) with ZOOM_LEVEL_STRATEGY
 * AUTO, as morecantile's `zoom_for_res` has it, which leaves zoom 0 and below as the scan found them.
 */
export function zoomForResolution({ levels, minZoom, maxZoom }: TileMatrixSet, resolution: number): number {
  const cellSize = (z: number) => levels[z - minZoom]!.cellSize
  const matches = (z: number) => Math.abs(resolution - cellSize(z)) / cellSize(z) <= SAME
  let zoom = minZoom
  while (zoom < maxZoom && resolution <= cellSize(zoom) && !matches(zoom)) zoom++
  if (zoom <= 0 || matches(zoom)) return zoom
  const coarser = Math.max(zoom - 1, minZoom)
  return cellSize(coarser) / resolution < resolution / cellSize(zoom) ? coarser : zoom
}
