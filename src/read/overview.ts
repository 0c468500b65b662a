import type { Resampling } from '../request/tile-request.ts'
import type { Size } from './dataset-facts.ts'

/**
 * GDALBandGetBestOverviewLevel2 (gcore/rasterio.cpp): the overview to read for a request of `width` × `height` source
 * pixels into a `bufferWidth` × `bufferHeight` buffer, −1 for full resolution. The coarsest level is taken whose reduction
 * factor stays below the wanted one × 1.2 (nearest) or × 1 (all other kernels) + 0.1.
 */
export function chooseOverview(
  full: Size,
  overviews: readonly Size[],
  requested: Size,
  buffer: Size,
  resampling: Resampling,
): number {
  if (buffer.width >= requested.width && buffer.height >= requested.height) return -1
  const wanted = wantedFactor(requested, buffer)
  const threshold = resampling === 'nearest' ? 1.2 : 1
  let best = 0
  let level = -1
  for (const [index, overview] of overviews.entries()) {
    const factor = reduction(full, overview)
    if (factor >= wanted * threshold + 0.1 || factor <= best) continue
    best = factor
    level = index
    if (Math.abs(wanted - factor) < 0.1) break
  }
  return level
}

/**
 * VRTWarpedRasterBand::GetBestOverviewLevel, for a band of a warped dataset read by itself: without the 0.1, and to the coarsest that
 * is below. Where it finds none, GDAL goes on to `chooseOverview`.
 */
export function chooseWarpedOverview(
  full: Size,
  overviews: readonly Size[],
  requested: Size,
  buffer: Size,
  resampling: Resampling,
): number {
  if (buffer.width >= requested.width && buffer.height >= requested.height) return -1
  const most = wantedFactor(requested, buffer) * (resampling === 'nearest' ? 1.2 : 1.01)
  let best = 0
  let level = -1
  for (const [index, overview] of overviews.entries()) {
    const factor = reduction(full, overview)
    if (factor >= most || factor <= best) continue
    best = factor
    level = index
  }
  return level
}

/** The axis that is reduced less decides. */
function wantedFactor(requested: Size, buffer: Size): number {
  const byWidth = requested.width / buffer.width
  const byHeight = requested.height / buffer.height
  return byWidth < byHeight || buffer.height === 1 ? byWidth : byHeight
}

function reduction(full: Size, overview: Size): number {
  return Math.min(full.width / overview.width, full.height / overview.height)
}
