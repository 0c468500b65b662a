import type { GeoTransform, Size } from './dataset-facts.ts'
import { fromPixels, toPixels } from './geo-transform.ts'
import { chain, type PointTransform, transformPoint } from './point-transform.ts'
import { projectedBounds } from './projected-bounds.ts'
import { type Extent, extend, projectedExtent, type RasterProjection, shareOfSide } from './projected-extent.ts'
import type { Projection } from './projection.ts'
import { crossingOf, unwrapped } from './seam-crossing.ts'
import { crsFacts } from './spatial-reference.ts'

export type PixelSize = readonly [x: number, y: number]

/** The pixels are narrowed by these shares of one, until the border lies in the source. */
const NARROWINGS = [0, 0.001, 0.01, 0.1, 1]
const BORDER_POINTS = 21

/**
 * Size of a pixel that GDALSuggestedWarpOutput2 (GDAL 3.10) gives a raster of `size` pixels at `place` (not rotated) in the target
 * system. Null when too few of its points can be projected.
 */
export function suggestedPixelSize(size: Size, place: GeoTransform, projection: Projection): PixelSize | null {
  const grid = suggestedGrid(size, place, projection)
  return grid && [grid.stepX, grid.stepY]
}

/** A grid in the target system: its top left corner, and pixels of positive size. */
export interface SuggestedGrid extends Size {
  readonly left: number
  readonly top: number
  readonly stepX: number
  readonly stepY: number
}

/** All of the grid; x of a raster across the seam of the target is continuous, beyond one end of the world. */
export function suggestedGrid(size: Size, place: GeoTransform, given: Projection): SuggestedGrid | null {
  const pixels = toPixels(place)
  if (pixels === null) return null
  const crossing = crossingOf(size, place, given)
  const projection =
    crossing === null
      ? given
      : { ...given, toTarget: chain(given.toTarget, unwrapped(crossing.middle, crossing.width)) }
  const centre = centreLongitude(size, place, projection)
  const raster: RasterProjection = {
    size,
    forward: chain(fromPixels(place), wrapTo(centre), projection.toTarget),
    backward: chain(projection.toSource, wrapTo(centre), pixels),
  }
  const sampled = projectedExtent(raster)
  if (sampled === null) return null
  const inDegrees = crsFacts(projection.target).degrees && !crsFacts(projection.source).degrees
  let [minX, minY, maxX, maxY] = inDegrees ? withPoles(sampled.extent, raster, pixels, projection) : sampled.extent
  const box = [
    Math.min(place[0], place[0] + place[1] * size.width),
    Math.min(place[3], place[3] + place[5] * size.height),
    Math.max(place[0], place[0] + place[1] * size.width),
    Math.max(place[3], place[3] + place[5] * size.height),
  ] as const
  const { target, source, toSource, toTarget } = projection
  // Not as separable: bounds that a pole extends are GDAL's here.
  const there = { from: source, to: target, forward: toTarget, backward: toSource, separable: false }
  const bounds = projectedBounds(there, box, 2)
  if (bounds !== null) [minX, minY, maxX, maxY] = extend([minX, minY, maxX, maxY], bounds)
  let [spanX, spanY] = sampled.diagonal
  if (spanX === 0 || spanY === 0) [spanX, spanY] = [maxX - minX, maxY - minY]
  const resolution =
    Math.sqrt(spanX * spanX + spanY * spanY) / Math.sqrt(size.width * size.width + size.height * size.height)
  const columns = Math.trunc((maxX - minX) / resolution + 0.5)
  const rows = Math.trunc((maxY - minY) / resolution + 0.5)
  if (!(resolution > 0) || !Number.isFinite(columns + rows)) return null
  let x = resolution
  for (const share of NARROWINGS) {
    const narrower = resolution - (resolution * share) / columns
    if (!isBeyond(raster, minX + columns * narrower, maxY, 0, resolution * rows, narrower, resolution)) {
      x = narrower
      break
    }
  }
  let y = resolution
  for (const share of NARROWINGS) {
    const narrower = resolution - (resolution * share) / rows
    if (!isBeyond(raster, minX, maxY - rows * narrower, x * columns, 0, x, narrower)) {
      y = narrower
      break
    }
  }
  if (inDegrees) {
    const newMaxX = minX + columns * x
    if ((maxX <= 180 && newMaxX > 180) || maxX === 180) x = (180 - minX) / columns
    if (minY >= -90 && maxY - rows * y < -90) y = (maxY + 90) / rows
  }
  return Number.isFinite(x + y) ? { left: minX, top: maxY, stepX: x, stepY: y, width: columns, height: rows } : null
}

/** GDAL unwraps longitudes around the middle of a raster, to six digits; null for other rasters. */
function centreLongitude(size: Size, [west, step]: GeoTransform, projection: Projection): number | null {
  if (!crsFacts(projection.source).degrees) return null
  const east = west + size.width * step
  const span = Math.abs(east - west)
  if (span > 360 + Math.abs(step) * 1.05) return null
  return Number(((west + east) / 2).toPrecision(6))
}

function wrapTo(centre: number | null): PointTransform {
  return (xs, _ys, count) => {
    if (centre === null) return
    for (let i = 0; i < count; i++) {
      if (xs[i]! < centre - 180) xs[i]! += 360
      else if (xs[i]! > centre + 180) xs[i]! -= 360
    }
  }
}

/** In degrees a raster that holds a pole reaches around the world and up to it. */
function withPoles(
  extent: Extent,
  { size }: RasterProjection,
  pixels: PointTransform,
  { toSource, toTarget }: Projection,
): Extent {
  let [minX, minY, maxX, maxY] = extent
  for (const pole of [-90, 90]) {
    const [sx, sy] = transformPoint(toSource, 0, pole)
    const [x, y] = transformPoint(pixels, sx, sy)
    if (!(x >= -1e-5 && x <= size.width + 1e-5 && y >= -1e-5 && y <= size.height + 1e-5)) continue
    const [, lat] = transformPoint(toTarget, sx, sy)
    if (!(Math.abs(lat - pole) <= 1e-6)) continue
    minX = -180
    maxX = 180
    if (pole < 0) minY = pole
    else maxY = pole
  }
  return [minX, minY, maxX, maxY]
}

/** True when no point of a border comes back to itself within a pixel: past ±180° they come back on the other side. */
function isBeyond(
  { forward, backward }: RasterProjection,
  x: number,
  y: number,
  width: number,
  height: number,
  toleranceX: number,
  toleranceY: number,
): boolean {
  const xs = new Float64Array(BORDER_POINTS)
  const ys = new Float64Array(BORDER_POINTS)
  for (let k = 0; k < BORDER_POINTS; k++) {
    const share = shareOfSide(k)
    xs[k] = x + width * share
    ys[k] = y - height * share
  }
  const expectedX = xs.slice()
  const expectedY = ys.slice()
  backward(xs, ys, BORDER_POINTS)
  forward(xs, ys, BORDER_POINTS)
  for (let k = 0; k < BORDER_POINTS; k++) {
    const off = Math.abs(xs[k]! - expectedX[k]!) > toleranceX || Math.abs(ys[k]! - expectedY[k]!) > toleranceY
    // A point without an answer is infinitely far in GDAL.
    if (!off && !Number.isNaN(xs[k]!)) return false
  }
  return true
}
