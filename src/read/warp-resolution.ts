import type { Crs } from '../tile/crs.ts'
import type { NorthUpFacts, Size } from './dataset-facts.ts'
import type { Projection } from './projection.ts'

/** rio-tiler clips EPSG:4326 files to this latitude before it asks for their Mercator resolution (rio-tiler#654). */
const MERCATOR_LATITUDE = 85.06
/** GDALSuggestedWarpOutput2 narrows the pixels by these shares of one, until the right border lies in the source. */
const RIGHT_BORDER_RATIOS = [0, 0.001, 0.01, 0.1, 1]
const EDGE_STEPS = 21

type PixelSize = readonly [x: number, y: number]

/** By file and target: it depends on nothing else, and costs as much as the rest of a plan. */
const known = new WeakMap<NorthUpFacts, Map<Crs, PixelSize | null>>()

/**
 * Pixel size a file has in the target coordinate reference system, [x, y] in its units: GDALSuggestedWarpOutput's, which is
 * one number for the whole file, taken along its diagonal. Null when the file can't be projected.
 */
export function warpResolution(facts: NorthUpFacts, target: Crs, projection: Projection): PixelSize | null {
  const byTarget = known.get(facts) ?? new Map<Crs, PixelSize | null>()
  known.set(facts, byTarget)
  const before = byTarget.get(target)
  if (before !== undefined) return before
  const resolution = suggestedResolution(facts, target, projection)
  byTarget.set(target, resolution)
  return resolution
}

function suggestedResolution(facts: NorthUpFacts, target: Crs, projection: Projection): PixelSize | null {
  const [x0, dx, , y0, , dy] = facts.geoTransform
  const left = x0
  let top = y0
  const right = x0 + dx * facts.width
  let bottom = y0 + dy * facts.height
  let size: Size = facts
  if (facts.crs === 'EPSG:4326' && target === 'EPSG:3857' && (bottom < -MERCATOR_LATITUDE || top > MERCATOR_LATITUDE)) {
    const beyond = bottom > MERCATOR_LATITUDE || top < -MERCATOR_LATITUDE
    if (beyond) return null
    bottom = Math.max(bottom, -MERCATOR_LATITUDE)
    top = Math.min(top, MERCATOR_LATITUDE)
    size = {
      width: roundHalfEven((right - left) / dx),
      height: roundHalfEven((y0 - bottom) / -dy - (y0 - top) / -dy),
    }
  }
  const diagonal = projectedDiagonal(projection, left, top, right, bottom)
  const extent = projectedExtent(projection, left, top, right, bottom)
  if (extent === null) return null
  const [spanX, spanY] = diagonal ?? [extent[2] - extent[0], extent[3] - extent[1]]
  const resolution = Math.hypot(spanX, spanY) / Math.hypot(size.width, size.height)
  if (!(resolution > 0) || !Number.isFinite(resolution)) return null
  const columns = Math.trunc((extent[2] - extent[0]) / resolution + 0.5)
  const rows = Math.trunc((extent[3] - extent[1]) / resolution + 0.5)
  for (const ratio of RIGHT_BORDER_RATIOS) {
    const narrowed = resolution - (resolution * ratio) / Math.max(1, columns)
    const border = extent[0] + columns * narrowed
    if (returnsFrom(projection, border, extent[3], rows * resolution, narrowed)) return [narrowed, resolution]
  }
  return [resolution, resolution]
}

/** Width and height between the projected top-left and bottom-right corners; null when they say nothing. */
function projectedDiagonal(
  projection: Projection,
  left: number,
  top: number,
  right: number,
  bottom: number,
): readonly [number, number] | null {
  const out = new Float64Array(2)
  projection.toTarget(left, top, out)
  const [x0, y0] = [out[0]!, out[1]!]
  projection.toTarget(right, bottom, out)
  const spanX = Math.abs(out[0]! - x0)
  const spanY = Math.abs(out[1]! - y0)
  return spanX > 0 && spanY > 0 && Number.isFinite(spanX + spanY) ? [spanX, spanY] : null
}

/** Bounds of the projected outline, from 21 points a side; null when no point can be projected. */
function projectedExtent(projection: Projection, left: number, top: number, right: number, bottom: number) {
  const out = new Float64Array(2)
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  const visit = (x: number, y: number) => {
    projection.toTarget(x, y, out)
    if (!Number.isFinite(out[0]! + out[1]!)) return
    minX = Math.min(minX, out[0]!)
    maxX = Math.max(maxX, out[0]!)
    minY = Math.min(minY, out[1]!)
    maxY = Math.max(maxY, out[1]!)
  }
  for (let k = 0; k < EDGE_STEPS; k++) {
    const share = k / (EDGE_STEPS - 1)
    visit(left + share * (right - left), top)
    visit(left + share * (right - left), bottom)
    visit(left, top + share * (bottom - top))
    visit(right, top + share * (bottom - top))
  }
  return minX < maxX && minY < maxY ? ([minX, minY, maxX, maxY] as const) : null
}

/** True when the points of the right border come back to themselves: past ±180° they come back on the other side. */
function returnsFrom(projection: Projection, x: number, top: number, height: number, tolerance: number): boolean {
  const out = new Float64Array(2)
  let failed = 0
  for (let k = 0; k < EDGE_STEPS; k++) {
    projection.toSource(x, top - (height * k) / (EDGE_STEPS - 1), out)
    if (!Number.isFinite(out[0]! + out[1]!)) {
      failed++
      continue
    }
    projection.toTarget(out[0]!, out[1]!, out)
    if (Number.isFinite(out[0]!) && Math.abs(out[0]! - x) > tolerance) return false
  }
  return failed < EDGE_STEPS
}

/** Python's `round`: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}
