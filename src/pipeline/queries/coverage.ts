import { TilepressError } from '../../errors.ts'
import type { Raster } from '../../raster/raster.ts'
import { isTooDetailed, TouchedCells } from '../../raster/touched-cells.ts'
import type { AreaGeometry } from '../../request/area-geometry.ts'
import type { Crs } from '../../tile/crs.ts'
import { Turns } from '../../turns.ts'
import { cellsOf } from './cutline.ts'

/** Rows of the finer grid: each takes some microseconds and as many per edge in it. */
const MOST_ROWS = 1_000_000

/**
 * The share of each pixel that a geometry covers, as rio-tiler estimates it: of scale × scale cells in a pixel those that the geometry
 * touches, so that edges count for somewhat too much. Throws PARAMETER_INVALID when the finer grid is too fine.
 */
export async function coverageOf(
  raster: Raster,
  geometry: AreaGeometry,
  crs: Crs,
  scale: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { width, height } = raster
  const cells = cellsOf(geometry, crs, raster, scale)
  if (height * scale > MOST_ROWS || isTooDetailed(cells, height * scale)) {
    throw new TilepressError('PARAMETER_INVALID', `parameter cover_scale is too large for an image of ${height} rows`)
  }
  const coverage = new Float32Array(width * height)
  const touched = new TouchedCells(cells, width * scale, height * scale)
  const turns = new Turns()
  const counts = new Uint32Array(width)
  /** Pixels all of whose cells in a row are touched: +1 where a run of them begins, −1 after its end. */
  const whole = new Int32Array(width + 1)
  let current = -1
  const finish = () => {
    for (let x = 0, runs = 0; x < width; x++) {
      runs += whole[x]!
      coverage[current * width + x] = (counts[x]! + runs * scale) / scale ** 2
    }
    counts.fill(0)
    whole.fill(0)
  }
  for (let next = touched.nextRow(); next !== null; next = touched.nextRow()) {
    const row = Math.floor(next.row / scale)
    if (row !== current) {
      if (current >= 0) finish()
      current = row
    }
    for (let k = 0; k < next.spans.length; k += 2) addSpan(next.spans[k]!, next.spans[k + 1]!, scale, counts, whole)
    if (turns.isLong) {
      await turns.next()
      signal.throwIfAborted()
    }
  }
  if (current >= 0) finish()
  return coverage
}

function addSpan(start: number, end: number, scale: number, counts: Uint32Array, whole: Int32Array): void {
  const first = Math.ceil(start / scale)
  const last = Math.floor(end / scale)
  if (first > last) {
    counts[last]! += end - start
    return
  }
  if (first * scale > start) counts[first - 1]! += first * scale - start
  if (last * scale < end) counts[last]! += end - last * scale
  if (last > first) {
    whole[first]!++
    whole[last]!--
  }
}
