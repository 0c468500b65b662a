import type { TypedArray } from '../raster/data-type.ts'
import { clippedArea, crossesItself, polygonArea, type Quad } from './clipped-area.ts'
import { LineApproximator } from './line-approximator.ts'
import { transformPoint } from './point-transform.ts'
import { MIN_BAND_DENSITY, MIN_DENSITY, store, type UnitJob } from './warp-job.ts'

/** Halvings in search of the place where a source pixel is torn apart. */
const HALVINGS = 10

/**
 * Warps a unit so that sums stay what they are: every source pixel is shared out over the grid pixels it falls on, by area
 * (GWKSumPreservingThread). Yields between rows of the source.
 */
export function* sumUnit(unit: UnitJob): Generator<void> {
  const { job, source, origin, stride, density } = unit
  const { window } = source
  const { block } = job
  const shares = new Shares(unit)
  // A block may hold but a part of the window.
  const [top, bottom] = [Math.max(0, block.y - window.y), Math.min(window.height, block.y + block.height - window.y)]
  const [left, right] = [Math.max(0, block.x - window.x), Math.min(window.width, block.x + block.width - window.x)]
  const corners = new CornerLines(unit, top)
  for (let row = top; row < bottom; row++) {
    corners.next(row)
    for (let column = left; column < right; column++) {
      const at = origin + row * stride + column
      const share = density.values === null ? 1 : density.values[at]!
      if (share < MIN_DENSITY) continue
      const quad = corners.quad(column, row)
      if (quad !== null) shares.add(quad.points, quad.area, job.sources, at, share)
    }
    yield
  }
  shares.write()
}

/** A source pixel's corners on the grid; the area is that of all its parts when it is torn apart. */
interface Placed {
  readonly points: Quad
  readonly area: number
}

/** Corners of source pixels on the grid, two lines at a time, in pixels from the unit's corner. */
class CornerLines {
  readonly #unit: UnitJob
  readonly #line: LineApproximator
  #x0: Float64Array
  #y0: Float64Array
  #x1: Float64Array
  #y1: Float64Array
  #at = -1

  constructor(unit: UnitJob, top: number) {
    const length = unit.source.window.width + 1
    this.#unit = unit
    this.#line = new LineApproximator(unit.job.plan.transforms.toTarget)
    this.#x0 = new Float64Array(length)
    this.#y0 = new Float64Array(length)
    this.#x1 = new Float64Array(length)
    this.#y1 = new Float64Array(length)
    this.#fill(top)
  }

  next(row: number): void {
    if (row === this.#at) return
    ;[this.#x0, this.#x1] = [this.#x1, this.#x0]
    ;[this.#y0, this.#y1] = [this.#y1, this.#y0]
    this.#fill(row + 1)
    this.#at = row
  }

  quad(column: number, row: number): Placed | null {
    const [x0, y0, x1, y1] = [this.#x0, this.#y0, this.#x1, this.#y1]
    const points: Quad = [
      [x0[column]!, y0[column]!],
      [x0[column + 1]!, y0[column + 1]!],
      [x1[column + 1]!, y1[column + 1]!],
      [x1[column]!, y1[column]!],
    ]
    if (points.some(([x]) => Number.isNaN(x))) return null
    const inside = points.map(([x]) => this.#isInside(x))
    const torn =
      inside[0] !== inside[1] &&
      inside[0] === inside[3] &&
      inside[1] === inside[2] &&
      (points[3][1] - points[0][1]) * (points[2][1] - points[1][1]) > 0
    const placed = torn ? this.#torn(points, column, row) : { points, area: polygonArea(points) }
    return crossesItself(placed.points) ? null : placed
  }

  #fill(row: number): void {
    const { source, lines } = this.#unit
    const { x, y, width } = source.window
    this.#line.fill(x, [y + row], width + 1, this.#x1, this.#y1)
    for (let i = 0; i <= width; i++) {
      this.#x1[i]! -= lines.unit.x
      this.#y1[i]! -= lines.unit.y
    }
  }

  #isInside(x: number): boolean {
    const margin = 2 * this.#unit.source.scaleX
    return x >= -margin && x <= this.#unit.lines.unit.width + margin
  }

  /** A pixel across the antimeridian: the part on the unit's side. */
  #torn(points: Quad, column: number, row: number): Placed {
    const top = this.#tear(column, row, points[0][0])
    const bottom = this.#tear(column, row + 1, points[3][0])
    const left: Quad = [points[0], [top.left, top.y], [bottom.left, bottom.y], points[3]]
    const right: Quad = [[top.right, top.y], points[1], points[2], [bottom.right, bottom.y]]
    return { points: this.#isInside(points[0][0]) ? left : right, area: polygonArea(left) + polygonArea(right) }
  }

  /** GDAL starts from 0 and forgets to take the unit's corner off: where no half of the way is cut, so does this. */
  #tear(column: number, row: number, xLeft: number) {
    const { source, job } = this.#unit
    const inside = this.#isInside(xLeft)
    let [from, to] = [source.window.x + column, source.window.x + column + 1]
    let [left, right, y] = [0, 0, 0]
    for (let k = 0; k < HALVINGS && to - from > 1e-8; k++) {
      const middle = (from + to) / 2
      const place = transformPoint(job.plan.transforms.toTarget, middle, source.window.y + row)
      const x = place[0]
      y = place[1]
      if (this.#isInside(x) !== inside) {
        to = middle
        right = x
      } else {
        from = middle
        left = x
      }
    }
    return { left, right, y }
  }
}

/** What every grid pixel of a unit gets. */
class Shares {
  readonly #unit: UnitJob
  readonly #sums: readonly Float64Array[]
  readonly #weights: Float64Array
  readonly #masses: Float64Array

  constructor(unit: UnitJob) {
    const { width, height } = unit.lines.unit
    this.#unit = unit
    this.#sums = unit.job.sources.map(() => new Float64Array(width * height))
    this.#weights = new Float64Array(width * height)
    this.#masses = new Float64Array(width * height)
  }

  add(quad: Quad, area: number, sources: readonly TypedArray[], from: number, density: number): void {
    const { width, height } = this.#unit.lines.unit
    const [a, b, c, d] = quad
    const firstX = Math.floor(Math.min(a[0], b[0], c[0], d[0]))
    const lastX = Math.ceil(Math.max(a[0], b[0], c[0], d[0]))
    const firstY = Math.floor(Math.min(a[1], b[1], c[1], d[1]))
    const lastY = Math.ceil(Math.max(a[1], b[1], c[1], d[1]))
    const [left, right] = [Math.max(0, firstX), Math.min(width, lastX)]
    const [top, bottom] = [Math.max(0, firstY), Math.min(height, lastY)]
    const inOne = lastX - firstX === 1 && lastY - firstY === 1
    for (let j = top; j < bottom; j++) {
      for (let i = left; i < right; i++) {
        const weight = inOne ? 1 : clippedArea(quad, i, j) / area
        if (!(weight > 0)) continue
        const at = j * width + i
        this.#weights[at]! += weight
        this.#masses[at]! += density * weight
        for (const [band, samples] of sources.entries()) this.#sums[band]![at]! += samples[from]! * weight
      }
    }
  }

  write(): void {
    const { job, lines } = this.#unit
    for (let j = lines.rows.start; j < lines.rows.end; j++) {
      const line = (job.plan.picked.rows[j]! - lines.unit.y) * lines.unit.width - lines.unit.x
      for (let i = lines.columns.start; i < lines.columns.end; i++) {
        const from = line + job.plan.picked.columns[i]!
        const weight = this.#weights[from]!
        if (!(weight > 0)) continue
        const density = this.#masses[from]! / weight
        if (!(density > MIN_BAND_DENSITY)) continue
        const at = j * job.size.width + i
        for (let b = 0; b < job.sources.length; b++) store(job, b, at, this.#sums[b]![from]!, density)
        job.covered[at] = 255
      }
    }
  }
}
