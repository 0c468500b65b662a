import { recycle, takeArray } from '../raster/array-pool.ts'
import { LineApproximator } from './line-approximator.ts'
import type { UnitLines } from './unit-lines.ts'
import type { WarpJob } from './warp-job.ts'

const STRIP = 64

/** Where two opposite corners of a unit's pixels lie in the source level, row by row (GWKAverageOrModeThread). */
export class BoxLines {
  /** By column of the unit, in pixels of the level: the corner at the pixel's own place, and the one right below it. */
  x0: Float64Array
  y0: Float64Array
  x1: Float64Array
  y1: Float64Array
  readonly #job: WarpJob
  readonly #lines: UnitLines
  readonly #approximator: LineApproximator
  readonly #strips: readonly [Float64Array, Float64Array, Float64Array, Float64Array]
  #start = 0
  #end = 0

  constructor(job: WarpJob, lines: UnitLines) {
    this.#job = job
    this.#lines = lines
    this.#approximator = new LineApproximator(job.plan.transforms.toSource)
    const size = STRIP * lines.unit.width
    const take = () => takeArray('float64', size) as Float64Array
    this.#strips = [take(), take(), take(), take()]
    ;[this.x0, this.y0, this.x1, this.y1] = this.#strips
  }

  /** For picked row `j`. */
  fillRow(j: number): void {
    const { width } = this.#lines.unit
    if (j < this.#start || j >= this.#end) this.#fillStrip(j)
    const offset = (j - this.#start) * width
    const [x0, y0, x1, y1] = this.#strips
    this.x0 = x0.subarray(offset, offset + width)
    this.y0 = y0.subarray(offset, offset + width)
    this.x1 = x1.subarray(offset, offset + width)
    this.y1 = y1.subarray(offset, offset + width)
  }

  release(): void {
    recycle(this.#strips)
  }

  #fillStrip(from: number): void {
    const { x, width } = this.#lines.unit
    this.#start = from
    this.#end = Math.min(this.#lines.rows.end, from + STRIP)
    const rows = Array.from({ length: this.#end - from }, (_, k) => this.#job.plan.picked.rows[from + k]!)
    const [x0, y0, x1, y1] = this.#strips
    this.#approximator.fill(x, rows, width, x0, y0)
    const next = rows.map((row) => row + 1)
    this.#approximator.fill(x + 1, next, width, x1, y1)
  }
}
