import { recycle, takeArray } from '../raster/array-pool.ts'
import { LineApproximator } from './line-approximator.ts'
import { nearestPixel, nearlyInside } from './nearest-pixel.ts'
import type { SourceWindow, Window } from './source-window.ts'
import type { WarpPlan, WarpUnit } from './warp-plan.ts'

/** Lines whose positions are computed together: a call of GDAL's transformation costs as much as forty points. */
const STRIP = 64

/** Where the pixel centres of a warp unit lie in its source window, row by row. */
export class UnitLines {
  readonly unit: Window
  /** Picked columns and rows that belong to the unit. */
  readonly columns: Range
  readonly rows: Range
  /** By column of the unit, in pixels from the window's corner; NaN where the pixel has no place in the source. */
  xs: Float64Array
  ys: Float64Array
  readonly #plan: WarpPlan
  readonly #window: Window
  readonly #pickedRows: Int32Array
  readonly #absolute: boolean
  readonly #line: LineApproximator
  readonly #stripX: Float64Array
  readonly #stripY: Float64Array
  #rowPositions: Float64Array | null = null
  /** First picked row of the strip, and past its last. */
  #start = 0
  #end = 0

  /** `absolute`: positions are of the level, and those outside the window are there too. */
  constructor(plan: WarpPlan, { target }: WarpUnit, source: SourceWindow, absolute = false) {
    const { columns, rows } = plan.picked
    this.#plan = plan
    this.#absolute = absolute
    this.unit = target
    this.#window = source.window
    this.#pickedRows = rows
    this.#line = new LineApproximator(plan.transforms.toSource)
    this.columns = rangeOf(columns, target.x, target.x + target.width)
    this.rows = rangeOf(rows, target.y, target.y + target.height)
    const lines = plan.transforms.separable ? 1 : Math.min(STRIP, this.rows.end - this.rows.start)
    this.#stripX = takeArray('float64', lines * target.width) as Float64Array
    this.#stripY = takeArray('float64', lines * target.width) as Float64Array
    this.xs = this.#stripX
    this.ys = this.#stripY
    if (plan.transforms.separable) this.#fillColumns()
  }

  /** Fills xs and ys for picked row `j`. */
  fillRow(j: number): void {
    if (this.#plan.transforms.separable) {
      this.ys.fill(this.rowPosition(j))
      return
    }
    if (j < this.#start || j >= this.#end) this.#fillStrip(j)
    const offset = (j - this.#start) * this.unit.width
    this.xs = this.#stripX.subarray(offset, offset + this.unit.width)
    this.ys = this.#stripY.subarray(offset, offset + this.unit.width)
  }

  /** In a separable plan, the y that all pixels of picked row `j` share. */
  rowPosition(j: number): number {
    this.#rowPositions ??= this.#allRows()
    return this.#rowPositions[j - this.rows.start]!
  }

  /** Must be called when the unit is done. */
  release(): void {
    recycle([this.#stripX, this.#stripY])
  }

  #allRows(): Float64Array {
    const { start, end } = this.rows
    const xs = new Float64Array(end - start).fill(this.unit.x + (this.unit.width >> 1) + 0.5)
    const ys = new Float64Array(end - start)
    for (let j = start; j < end; j++) ys[j - start] = this.#pickedRows[j]! + 0.5
    this.#plan.transforms.toSource(xs, ys, ys.length)
    if (this.#absolute) return ys
    for (let k = 0; k < ys.length; k++) ys[k] = relative(ys[k]!, this.#window.y, this.#window.height)
    return ys
  }

  /** In a separable plan any row says the columns, one beyond a pole apart. */
  #fillColumns(): void {
    const { x, width } = this.unit
    const y = this.#rowWithAnswer()
    this.#line.fill(x + 0.5, [y], width, this.#stripX, this.#stripY)
    const { toSource } = this.#plan.transforms
    for (let i = 0; i < width; i++) {
      if (!nearlyInside(this.xs[i]!, this.#window.x, this.#window.width)) continue
      onePointX[0] = x + i + 0.5
      onePointY[0] = y
      toSource(onePointX, onePointY, 1)
      this.xs[i] = onePointX[0]
    }
    if (this.#absolute) return
    for (let i = 0; i < width; i++) this.xs[i] = relative(this.xs[i]!, this.#window.x, this.#window.width)
  }

  #rowWithAnswer(): number {
    const { x, y, width, height } = this.unit
    for (let j = 0; j < height; j++) {
      onePointX[0] = x + (width >> 1) + 0.5
      onePointY[0] = y + ((j + (height >> 1)) % height) + 0.5
      this.#plan.transforms.toSource(onePointX, onePointY, 1)
      if (!Number.isNaN(onePointX[0])) return y + ((j + (height >> 1)) % height) + 0.5
    }
    return y + 0.5
  }

  #fillStrip(from: number): void {
    const { x, width } = this.unit
    const window = this.#window
    this.#start = from
    this.#end = Math.min(this.rows.end, from + Math.floor(this.#stripX.length / width))
    const lines = Array.from({ length: this.#end - from }, (_, k) => this.#pickedRows[from + k]! + 0.5)
    const [xs, ys] = [this.#stripX, this.#stripY]
    this.#line.fill(x + 0.5, lines, width, xs, ys)
    const uncertain: number[] = []
    for (let i = 0; i < lines.length * width; i++) {
      if (nearlyInside(xs[i]!, window.x, window.width) || nearlyInside(ys[i]!, window.y, window.height))
        uncertain.push(i)
    }
    if (uncertain.length > 0) this.#makeExact(uncertain, lines)
    if (this.#absolute) return
    for (let i = 0; i < lines.length * width; i++) {
      xs[i] = relative(xs[i]!, window.x, window.width)
      ys[i] = relative(ys[i]!, window.y, window.height)
    }
  }

  /** GDAL asks again, exactly, for what is approximately just outside (GWKCheckAndComputeSrcOffsets). */
  #makeExact(places: readonly number[], lines: readonly number[]): void {
    const { x, width } = this.unit
    const xs = Float64Array.from(places, (place) => x + (place % width) + 0.5)
    const ys = Float64Array.from(places, (place) => lines[Math.floor(place / width)]!)
    this.#plan.transforms.toSource(xs, ys, places.length)
    for (const [i, place] of places.entries()) {
      this.#stripX[place] = xs[i]!
      this.#stripY[place] = ys[i]!
    }
  }
}

const onePointX = new Float64Array(1)
const onePointY = new Float64Array(1)

export interface Range {
  readonly start: number
  readonly end: number
}

/** First and past-last position in the ascending `picked` whose values lie in [from, to). */
export function rangeOf(picked: Int32Array, from: number, to: number): Range {
  let start = 0
  while (start < picked.length && picked[start]! < from) start++
  let end = start
  while (end < picked.length && picked[end]! < to) end++
  return { start, end }
}

function relative(position: number, start: number, size: number): number {
  return nearestPixel(position, start, size) < 0 ? Number.NaN : position - start
}
