import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import { isAxisAligned, type PlacedFacts, type Size } from './dataset-facts.ts'
import { fromPixels } from './geo-transform.ts'
import { transformPoint } from './point-transform.ts'
import type { Projection } from './projection.ts'
import { isSameCrs } from './spatial-reference.ts'
import { type PixelSize, suggestedPixelSize } from './suggested-output.ts'

/** rio-tiler clips EPSG:4326 files to this latitude before it asks for their Mercator resolution (rio-tiler#654). */
const MERCATOR_LATITUDE = 85.06

/** By file and target: it depends on nothing else, and costs as much as the rest of a plan. */
const known = new WeakMap<PlacedFacts, Map<Crs, PixelSize | null>>()

/**
 * Pixel size a file has in the target coordinate reference system, [x, y] in its units: GDALSuggestedWarpOutput's, which is
 * one number for the whole file, taken along its diagonal. Null when the file can't be projected.
 */
export function warpResolution(facts: PlacedFacts, projection: Projection): PixelSize | null {
  const byTarget = known.get(facts) ?? new Map<Crs, PixelSize | null>()
  known.set(facts, byTarget)
  const before = byTarget.get(projection.target)
  if (before !== undefined) return before
  const resolution = resolutionOf(facts, projection)
  byTarget.set(projection.target, resolution)
  return resolution
}

/** A rotated file counts as the box around it; one whose rows run north has its bottom above its top, as in rasterio. */
function resolutionOf(facts: PlacedFacts, projection: Projection): PixelSize | null {
  const [, ownX, , , , ownY] = facts.geoTransform
  if (isSameCrs(projection.source, projection.target) && isAxisAligned(facts)) return [Math.abs(ownX), Math.abs(ownY)]
  let [left, bottom, right, top] = rasterBounds(facts)
  let size: Size = facts
  if (projection.source === 'EPSG:4326' && projection.target === 'EPSG:3857') {
    const clipped = clipLatitudes(bottom, top)
    if (clipped !== null) {
      const [, stepX, , y0, , stepY] = facts.geoTransform
      ;[bottom, top] = clipped
      size = {
        width: roundHalfEven((right - left) / stepX),
        height: roundHalfEven((bottom - y0) / stepY - (top - y0) / stepY),
      }
    }
  }
  if (!(size.width > 0 && size.height > 0)) return null
  const place = [left, (right - left) / size.width, 0, top, 0, (bottom - top) / size.height] as const
  return suggestedPixelSize(size, place, projection)
}

/** Bounds as rasterio has them. */
export function rasterBounds({ width, height, geoTransform }: PlacedFacts): Bounds {
  const [x0, xx, xy, y0, yx, yy] = geoTransform
  if (xy === 0 && yx === 0) return [x0, y0 + yy * height, x0 + xx * width, y0]
  const place = fromPixels(geoTransform)
  const corners = [
    [0, 0],
    [0, height],
    [width, height],
    [width, 0],
  ].map(([x, y]) => transformPoint(place, x!, y!))
  const xs = corners.map(([x]) => x)
  const ys = corners.map(([, y]) => y)
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

function clipLatitudes(bottom: number, top: number): readonly [bottom: number, top: number] | null {
  const limit = MERCATOR_LATITUDE
  if (bottom < -limit || top > limit) return [Math.max(bottom, -limit), Math.min(top, limit)]
  if (bottom > limit || top < -limit) return [Math.min(bottom, limit), Math.max(top, -limit)]
  return null
}

/** Python's `round`: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}
