import type { Size } from './dataset-facts.ts'
import { type PointTransform, separableBox } from './point-transform.ts'
import { shareOfSide } from './projected-extent.ts'
import type { UnitPlace, Window } from './source-window.ts'

/** Source positions that points of a unit have. */
export interface Reach {
  readonly minX: number
  readonly minY: number
  readonly maxX: number
  readonly maxY: number
  /** Some point had no answer. */
  readonly incomplete: boolean
}

interface Points {
  readonly xs: Float64Array
  readonly ys: Float64Array
}

const SIDE_POINTS = 21
/** Points a side of a grid: as many, and one half a pixel in from each edge. */
const GRID_POINTS = SIDE_POINTS + 2
/** With fewer answers GDAL gives up. */
const LEAST_ANSWERS = 5
/** Positions this far outside the file make GDAL ask for the way back too. */
const BOGUS = 1e6

/**
 * What a unit may need of the source, from points on its outline: 21 a side, or every pixel where a corner has no answer. Where a
 * point has none, and where the grid holds a pole, from points all over the unit, and the way back from points all over the
 * source. Null: hardly a point has an answer.
 */
export function sourceReach(place: UnitPlace): Reach | null {
  const { unit, raster, level, transforms } = place
  if (transforms.separable && !hasPole(raster, transforms.poles)) {
    const box = separableBox(transforms.toSource, unit.x, unit.y, unit.x + unit.width, unit.y + unit.height)
    if (box !== null) return { minX: box[0], minY: box[1], maxX: box[2], maxY: box[3], incomplete: false }
  }
  const sides = cornersKnown(unit, transforms.toSource) ? alongSides(unit) : alongPixels(unit)
  let toSource = transforms.toSource
  let reach = reachOf(sides, toSource)
  let spread = hasPole(raster, transforms.poles)
  if (spread) reach = merged(reach, reachOf(allOver(unit), toSource))
  if (reach.failed === 0 && isBogus(reach, level)) {
    toSource = transforms.checkedToSource
    reach = merged(reach, reachOf(spread ? allOver(unit) : sides, toSource))
  }
  if (!spread && reach.failed > 0) {
    spread = true
    reach = merged(reach, reachOf(allOver(unit), toSource))
  }
  if (reach.failed > reach.count - LEAST_ANSWERS) return null
  const incomplete = reach.failed > 0
  return spread ? withWayBack({ ...reach, incomplete }, place) : { ...reach, incomplete }
}

type Counted = Omit<Reach, 'incomplete'> & { readonly count: number; readonly failed: number }

function reachOf(points: Points, toSource: PointTransform): Counted {
  const xs = points.xs.slice()
  const ys = points.ys.slice()
  toSource(xs, ys, xs.length)
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  let failed = 0
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]!
    const y = ys[i]!
    if (Number.isNaN(x + y)) {
      failed++
      continue
    }
    if (x < minX) minX = x
    if (x > maxX) maxX = x
    if (y < minY) minY = y
    if (y > maxY) maxY = y
  }
  return { minX, minY, maxX, maxY, count: xs.length, failed }
}

/** GDAL goes on extending the same bounds and counts failures anew. */
function merged(before: Counted, { minX, minY, maxX, maxY, count, failed }: Counted): Counted {
  return {
    minX: Math.min(before.minX, minX),
    minY: Math.min(before.minY, minY),
    maxX: Math.max(before.maxX, maxX),
    maxY: Math.max(before.maxY, maxY),
    count,
    failed,
  }
}

function cornersKnown({ x, y, width, height }: Window, toSource: PointTransform): boolean {
  const xs = Float64Array.of(x, x + width, x, x + width)
  const ys = Float64Array.of(y, y, y + height, y + height)
  toSource(xs, ys, 4)
  return !xs.some((value) => Number.isNaN(value))
}

function hasPole({ width, height }: Size, poles: readonly (readonly [number, number])[]): boolean {
  return poles.some(([x, y]) => x >= 0 && x <= width && y >= 0 && y <= height)
}

function isBogus({ minX, minY, maxX, maxY }: Counted, level: Size): boolean {
  return minX < -BOGUS || minY < -BOGUS || maxX > level.width + BOGUS || maxY > level.height + BOGUS
}

function alongSides({ x, y, width, height }: Window): Points {
  const xs = new Float64Array(4 * SIDE_POINTS)
  const ys = new Float64Array(4 * SIDE_POINTS)
  for (let k = 0, at = 0; k < SIDE_POINTS; k++, at += 4) {
    const share = shareOfSide(k)
    xs[at] = xs[at + 1] = x + share * width
    ys[at] = y
    ys[at + 1] = y + height
    xs[at + 2] = x
    xs[at + 3] = x + width
    ys[at + 2] = ys[at + 3] = y + share * height
  }
  return { xs, ys }
}

function alongPixels({ x, y, width, height }: Window): Points {
  const count = 2 * (width + height)
  const xs = new Float64Array(count)
  const ys = new Float64Array(count)
  let at = 0
  const add = (px: number, py: number) => {
    xs[at] = px
    ys[at++] = py
  }
  for (let i = 0; i <= width; i++) {
    add(x + i, y)
    add(x + i, y + height)
  }
  for (let j = 1; j < height; j++) {
    add(x, y + j)
    add(x + width, y + j)
  }
  return { xs, ys }
}

/** GDAL takes half a pixel of the width for both directions. */
function allOver({ x, y, width, height }: Window): Points {
  const xs = new Float64Array(GRID_POINTS * GRID_POINTS)
  const ys = new Float64Array(GRID_POINTS * GRID_POINTS)
  for (let row = 0, at = 0; row < GRID_POINTS; row++) {
    for (let column = 0; column < GRID_POINTS; column++, at++) {
      xs[at] = gridShare(column, width) * width + x
      ys[at] = gridShare(row, width) * height + y
    }
  }
  return { xs, ys }
}

function gridShare(k: number, pixels: number): number {
  if (k === 0) return 0.5 / pixels
  return k <= SIDE_POINTS ? (k - 1) * (1 / (SIDE_POINTS - 1)) : 1 - 0.5 / pixels
}

/** Source points that fall on the unit: where the projection doesn't lead back, they are missing among the unit's own. */
function withWayBack(reach: Reach, { unit, level, transforms }: UnitPlace): Reach {
  const count = GRID_POINTS * GRID_POINTS
  const xs = new Float64Array(count)
  const ys = new Float64Array(count)
  for (let row = 0, at = 0; row < GRID_POINTS; row++) {
    for (let column = 0; column < GRID_POINTS; column++, at++) {
      xs[at] = gridShare(column, level.width) * level.width
      ys[at] = gridShare(row, level.height) * level.height
    }
  }
  const sourceX = xs.slice()
  const sourceY = ys.slice()
  transforms.toTarget(xs, ys, count)
  let { minX, minY, maxX, maxY } = reach
  for (let i = 0; i < count; i++) {
    const inside =
      xs[i]! >= unit.x && xs[i]! <= unit.x + unit.width && ys[i]! >= unit.y && ys[i]! <= unit.y + unit.height
    if (!inside) continue
    minX = Math.min(minX, sourceX[i]!)
    maxX = Math.max(maxX, sourceX[i]!)
    minY = Math.min(minY, sourceY[i]!)
    maxY = Math.max(maxY, sourceY[i]!)
  }
  return { ...reach, minX, minY, maxX, maxY }
}
