import type { Size } from './dataset-facts.ts'
import { type PointTransform, transformPoint } from './point-transform.ts'

/** Source pixels to target coordinates and back. */
export interface RasterProjection {
  readonly size: Size
  readonly forward: PointTransform
  readonly backward: PointTransform
}

export type Extent = readonly [minX: number, minY: number, maxX: number, maxY: number]

/** Source pixels between two sample points, and how many steps that may make of a side. */
const PIXELS_PER_STEP = 50
const MIN_STEPS = 20
const MAX_STEPS = 100
/** Halvings of a step in which x jumps or gets lost. */
const HALVINGS = 16
const LEAST_KNOWN = 10
const NEARLY = 1e-8

export interface SampledExtent {
  readonly extent: Extent
  /** From the projected top left to the bottom right corner; 0 when one has no answer. */
  readonly diagonal: readonly [x: number, y: number]
}

interface Samples {
  readonly xs: Float64Array
  readonly ys: Float64Array
  readonly steps: number
  /** Points row by row over the whole raster; else along its four sides. */
  readonly grid: boolean
}

/** Share of the way at point k of a side of 21: GDAL's loop adds 0.05 and ends on 1. */
export function shareOfSide(k: number): number {
  return k >= 20 ? 1 : k * 0.05
}

export function extend([ax, ay, bx, by]: Extent, [cx, cy, dx, dy]: Extent): Extent {
  return [Math.min(ax, cx), Math.min(ay, cy), Math.max(bx, dx), Math.max(by, dy)]
}

/**
 * Extent of a raster in the target system, the first half of GDALSuggestedWarpOutput2: points along the sides, or all over the
 * raster where one of them can't be projected there and back; where x changes its sign, or gets lost, between two points of a
 * line the place is searched for. Null: hardly a point can be projected.
 */
export function projectedExtent(raster: RasterProjection): SampledExtent | null {
  const { size, forward } = raster
  const steps = Math.min(
    MAX_STEPS,
    Math.max(MIN_STEPS, Math.trunc(Math.min(size.width, size.height) / PIXELS_PER_STEP + 0.5)),
  )
  let samples = alongSides(raster, steps)
  forward(samples.xs, samples.ys, samples.xs.length)
  turnAntimeridian(samples, raster)
  if (!comeBack(samples, raster)) {
    samples = allOver(raster, steps)
    forward(samples.xs, samples.ys, samples.xs.length)
  }
  const { xs, ys } = samples
  let extent: Extent = [Infinity, Infinity, -Infinity, -Infinity]
  let failed = 0
  for (let i = 0; i < xs.length; i++) {
    const column = samples.grid ? i % (steps + 1) : i < 2 * (steps + 1) ? i % (steps + 1) : 0
    const row = samples.grid ? Math.floor(i / (steps + 1)) : i < steps + 1 ? 0 : steps
    if (column > 0) extent = searchStep(samples, raster, i, column, row, extent)
    if (Number.isNaN(xs[i]!)) failed++
    else extent = extend(extent, [xs[i]!, ys[i]!, xs[i]!, ys[i]!])
  }
  if (failed > xs.length - LEAST_KNOWN) return null
  const last = xs.length - 1
  const known = !Number.isNaN(xs[0]! + xs[last]!)
  return { extent, diagonal: known ? [xs[last]! - xs[0]!, ys[last]! - ys[0]!] : [0, 0] }
}

function alongSides({ size: { width, height } }: RasterProjection, steps: number): Samples {
  const perSide = steps + 1
  const xs = new Float64Array(4 * perSide)
  const ys = new Float64Array(4 * perSide)
  for (let i = 0; i < perSide; i++) {
    const share = i === steps ? 1 : i * (1 / steps)
    xs[i] = share * width
    xs[i + perSide] = share * width
    ys[i + perSide] = height
    ys[i + 2 * perSide] = share * height
    xs[i + 3 * perSide] = width
    ys[i + 3 * perSide] = share * height
  }
  return { xs, ys, steps, grid: false }
}

function allOver({ size: { width, height } }: RasterProjection, steps: number): Samples {
  const perSide = steps + 1
  const xs = new Float64Array(perSide * perSide)
  const ys = new Float64Array(perSide * perSide)
  for (let row = 0, at = 0; row < perSide; row++) {
    for (let column = 0; column < perSide; column++, at++) {
      xs[at] = (column === steps ? 1 : column * (1 / steps)) * width
      ys[at] = (row === steps ? 1 : row * (1 / steps)) * height
    }
  }
  return { xs, ys, steps, grid: true }
}

/** −180 among points that are else all in the east is 180, if both are one place (GDAL ticket 7243); mirrored in the west. */
function turnAntimeridian({ xs, ys }: Samples, { backward }: RasterProjection): void {
  let side = 0
  for (const x of xs) {
    if (Number.isNaN(x)) continue
    if (side === 0) {
      side = [-1, 1].find((sign) => isOnSide(x, sign)) ?? 0
      if (side === 0) return
    } else if (!isOnSide(x, side)) return
  }
  if (side === 0) return
  for (let i = 0; i < xs.length; i++) {
    if (!(Math.abs(xs[i]! + side * 180) < NEARLY)) continue
    const [ax, ay] = transformPoint(backward, -side * 180, ys[i]!)
    const [bx, by] = transformPoint(backward, side * 180, ys[i]!)
    if (Math.abs(ax - bx) < NEARLY && Math.abs(ay - by) < NEARLY) xs[i] = side * 180
  }
}

function isOnSide(x: number, side: number): boolean {
  return (side * x > 0 && side * x <= 180) || Math.abs(x + side * 180) < NEARLY
}

/** Whether every point along the sides is projected there and back to within a step. */
function comeBack({ xs, ys, steps }: Samples, { size, backward }: RasterProjection): boolean {
  if (xs.some((x) => Number.isNaN(x))) return false
  const backX = xs.slice()
  const backY = ys.slice()
  backward(backX, backY, backX.length)
  const perSide = steps + 1
  for (let i = 0; i < xs.length; i++) {
    const along = (i % perSide) * (1 / steps)
    const share = along > 0.99 ? 1 : along
    const side = Math.floor(i / perSide)
    const x = side < 2 ? share * size.width : side === 2 ? 0 : size.width
    const y = side < 2 ? side * size.height : share * size.height
    const near = Math.abs(backX[i]! - x) <= size.width / steps && Math.abs(backY[i]! - y) <= size.height / steps
    if (!near) return false
  }
  return true
}

/** Halves the step before point `i` as long as x jumps over 0 in it, or is unknown at one end. */
function searchStep(
  { xs, steps }: Samples,
  { size, forward }: RasterProjection,
  i: number,
  column: number,
  row: number,
  extent: Extent,
): Extent {
  let before = xs[i - 1]!
  let after = xs[i]!
  if (Number.isNaN(before) && Number.isNaN(after)) return extent
  let start = ((column - 1) * size.width) / steps
  let end = (column * size.width) / steps
  let found = extent
  for (let k = 0; k < HALVINGS; k++) {
    const lostBefore = Number.isNaN(before)
    const lostAfter = Number.isNaN(after)
    if (!lostBefore && !lostAfter && !(before * after < 0)) break
    const middle = (start + end) / 2
    const [x, y] = transformPoint(forward, middle, (row * size.height) / steps)
    if (!Number.isNaN(x)) {
      found = extend(found, [x, y, x, y])
      if (lostBefore || before * x < 0) {
        end = middle
        after = x
      } else {
        start = middle
        before = x
      }
    } else if (lostBefore) start = middle
    else if (lostAfter) end = middle
    else break
  }
  return found
}
