import type { Reprojection } from '../request/tile-request.ts'
import { BoxLines } from './box-lines.ts'
import { type Box, type BoxKernel, boxStatistic, counts } from './box-statistics.ts'
import { transformPoint } from './point-transform.ts'
import { store, type UnitJob } from './warp-job.ts'

const EDGE = 1e-10
/** Pixels from the sides of the source within which a box that spans it is suspected of the antimeridian. */
const WRAP_PIXELS = 2

export function isBoxKernel(kernel: Reprojection): kernel is BoxKernel {
  return ['average', 'rms', 'mode', 'max', 'min', 'med', 'q1', 'q3'].includes(kernel)
}

/** Warps a unit with a statistic of the source pixels under each grid pixel (GWKAverageOrModeThread). Yields between rows. */
export function* boxUnit(unit: UnitJob, kernel: BoxKernel): Generator<void> {
  const { job, lines } = unit
  const boxes = new BoxLines(job, lines)
  const finder = new BoxFinder(unit, boxes, kernel === 'average' || kernel === 'rms')
  const statistic = boxStatistic(kernel, job.type)
  try {
    for (let j = lines.rows.start; j < lines.rows.end; j++) {
      boxes.fillRow(j)
      for (let i = lines.columns.start; i < lines.columns.end; i++) {
        if (finder.find(job.plan.picked.columns[i]! - lines.unit.x, job.plan.picked.rows[j]!)) {
          writePixel(unit, statistic, finder.box, j * job.size.width + i)
        }
      }
      yield
    }
  } finally {
    boxes.release()
  }
}

/** Once a band has a value, GDAL writes 0 to those after it that have none. */
function writePixel({ job }: UnitJob, statistic: ReturnType<typeof boxStatistic>, box: Box, at: number): void {
  let found = false
  for (let b = 0; b < job.sources.length; b++) {
    const value = statistic(job.sources[b]!, box)
    found ||= value !== null
    if (found) store(job, b, at, value ?? 0, 1)
  }
  if (found) job.covered[at] = 255
}

/** Finds the source pixels under grid pixels. */
class BoxFinder {
  readonly box: Box = { count: 0, offsets: new Int32Array(64), weights: new Float64Array(64) }
  readonly #unit: UnitJob
  readonly #lines: BoxLines
  readonly #weighs: boolean
  readonly #marginX: number
  readonly #marginY: number
  readonly #wrapLimit: number

  constructor(unit: UnitJob, lines: BoxLines, weighs: boolean) {
    const { scaleX, scaleY, window } = unit.source
    this.#unit = unit
    this.#lines = lines
    this.#weighs = weighs
    this.#marginX = 2 * Math.max(1, Math.ceil(1 / scaleX))
    this.#marginY = 2 * Math.max(1, Math.ceil(1 / scaleY))
    this.#wrapLimit = window.x === 0 ? Math.min(WRAP_PIXELS, Math.trunc(window.width / 10)) : 0
  }

  /** Fills the box for a column of the unit and a row of the warped grid; false when nothing is under the pixel. */
  find(column: number, row: number): boolean {
    const { x, y, width, height } = this.#unit.source.window
    const ax = this.#lines.x0[column]! - x
    const bx = this.#lines.x1[column]! - x
    const ay = this.#lines.y0[column]! - y
    const by = this.#lines.y1[column]! - y
    const nearX =
      ax >= -this.#marginX && bx >= -this.#marginX && ax - width <= this.#marginX && bx - width <= this.#marginX
    const nearY =
      ay >= -this.#marginY && by >= -this.#marginY && ay - height <= this.#marginY && by - height <= this.#marginY
    if (!nearX || !nearY) return false
    let x0 = Math.min(ax, bx)
    let x1 = Math.max(ax, bx)
    const wraps = this.#wraps(x0, x1, column, row)
    if (wraps) [x0, x1] = [x1, x0 + width]
    const y0 = Math.min(ay, by)
    const y1 = Math.max(ay, by)
    if (!(x1 > -EDGE && x0 < width + EDGE && y1 > -EDGE && y0 < height + EDGE)) return false
    const left = Math.max(Math.floor(x0 + EDGE), 0)
    let right = Math.ceil(x1 - EDGE)
    if (!wraps) right = Math.min(right, width)
    if (left === right && right < width) right++
    const top = Math.max(Math.floor(y0 + EDGE), 0)
    let bottom = Math.min(Math.ceil(y1 - EDGE), height)
    if (top === bottom && bottom < height) bottom++
    this.#fill(x0, x1, left, right, y0, y1, top, bottom)
    return this.box.count > 0
  }

  /** A box over nearly the whole width whose middle lies beside it goes around the back of the world (GDAL issue 6478). */
  #wraps(x0: number, x1: number, column: number, row: number): boolean {
    const limit = this.#wrapLimit
    if (limit === 0) return false
    const { source, job, lines } = this.#unit
    const { window, scaleX } = source
    if (!(x0 * scaleX < limit && (window.width - x1) * scaleX < limit)) return false
    const [middle] = transformPoint(job.plan.transforms.toSource, lines.unit.x + column + 0.5, row)
    return middle < x0 + window.x
  }

  #fill(
    x0: number,
    x1: number,
    left: number,
    right: number,
    y0: number,
    y1: number,
    top: number,
    bottom: number,
  ): void {
    const { source, origin, stride, density } = this.#unit
    const { width } = source.window
    const { values } = density
    const { box } = this
    const most = Math.max(0, right - left) * Math.max(0, bottom - top)
    if (box.offsets.length < most) {
      box.offsets = new Int32Array(2 * most)
      box.weights = new Float64Array(2 * most)
    }
    const { offsets, weights } = box
    let count = 0
    for (let row = top; row < bottom; row++) {
      const line = origin + row * stride
      const weightY = this.#weighs ? edgeWeight(row, top, bottom, y0, y1) : 1
      for (let column = left; column < right; column++) {
        const at = line + (column < width ? column : column % width)
        if (values !== null && !counts(values[at]!)) continue
        offsets[count] = at
        if (this.#weighs) weights[count] = columnWeight(column, left, right, x0, x1, weightY)
        count++
      }
    }
    box.count = count
  }
}

/** Share of a row of a box: of the first and last only a part is in it. */
function edgeWeight(at: number, first: number, end: number, start: number, stop: number): number {
  if (at === first) return first + 1 === end ? 1 : 1 - (start - first)
  return at + 1 === end ? 1 - (end - stop) : 1
}

function columnWeight(at: number, first: number, end: number, start: number, stop: number, weight: number): number {
  if (at === first) return first + 1 === end ? weight : weight * (1 - (start - first))
  return at + 1 === end ? weight * (1 - (end - stop)) : weight
}
