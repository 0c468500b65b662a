import { LineApproximator } from './approximate-line.ts'
import { nearestPixel, nearlyInside, rangeOf } from './nearest-index.ts'
import type { SourceWindow, Window } from './source-window.ts'
import type { WarpPlan, WarpUnit } from './warp-plan.ts'

/** Where the picked pixels of a warp unit lie in its source window, row by row. */
export class UnitLines {
  /** Picked columns and rows that belong to the unit. */
  readonly columns: { readonly start: number; readonly end: number }
  readonly rows: { readonly start: number; readonly end: number }
  /** By picked column, in pixels from the window's corner; NaN where the pixel has no place in the source. */
  readonly xs: Float64Array
  readonly ys: Float64Array
  readonly #plan: WarpPlan
  readonly #unit: WarpUnit
  readonly #window: Window
  readonly #pickedColumns: Int32Array
  readonly #pickedRows: Int32Array
  readonly #line: LineApproximator
  readonly #lineX: Float64Array
  readonly #lineY: Float64Array
  readonly #out = new Float64Array(2)
  #columnsKnown = false

  constructor(plan: WarpPlan, unit: WarpUnit, source: SourceWindow, columns: Int32Array, rows: Int32Array) {
    const { x, y, width, height } = unit.target
    this.#plan = plan
    this.#unit = unit
    this.#window = source.window
    this.#pickedColumns = columns
    this.#pickedRows = rows
    this.#line = new LineApproximator(plan.toPixel)
    this.columns = rangeOf(columns, x, x + width)
    this.rows = rangeOf(rows, y, y + height)
    this.#lineX = new Float64Array(width)
    this.#lineY = new Float64Array(width)
    this.xs = new Float64Array(columns.length)
    this.ys = new Float64Array(columns.length)
  }

  /** Fills xs and ys for picked row `j`. */
  fillRow(j: number): void {
    if (this.#plan.separable && this.#columnsKnown)
      this.ys.fill(this.rowPosition(j), this.columns.start, this.columns.end)
    else this.#fillExactRow(j)
    this.#columnsKnown = true
  }

  /** In a separable plan, the y that all pixels of picked row `j` share. */
  rowPosition(j: number): number {
    const { target } = this.#unit
    this.#plan.toPixel(target.x + 0.5, this.#pickedRows[j]! + 0.5, this.#out)
    return relative(this.#out[1]!, this.#window.y, this.#window.height)
  }

  #fillExactRow(j: number): void {
    const { target } = this.#unit
    const window = this.#window
    const row = this.#pickedRows[j]!
    this.#line.fill(target.x + 0.5, row + 0.5, target.width, this.#lineX, this.#lineY, 0)
    for (let i = this.columns.start; i < this.columns.end; i++) {
      const column = this.#pickedColumns[i]!
      let x = this.#lineX[column - target.x]!
      let y = this.#lineY[column - target.x]!
      if (nearlyInside(x, window.x, window.width) || nearlyInside(y, window.y, window.height)) {
        this.#plan.toPixel(column + 0.5, row + 0.5, this.#out)
        x = this.#out[0]!
        y = this.#out[1]!
      }
      this.xs[i] = relative(x, window.x, window.width)
      this.ys[i] = relative(y, window.y, window.height)
    }
  }
}

function relative(position: number, start: number, size: number): number {
  return nearestPixel(position, start, size) < 0 ? Number.NaN : position - start
}
