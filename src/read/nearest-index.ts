import { LineApproximator } from './approximate-line.ts'
import type { Size } from './dataset-facts.ts'
import type { Window } from './source-window.ts'
import type { WarpPlan } from './warp-plan.ts'

/** GDAL adds this before it truncates, so that a position on an edge takes the pixel after it. */
const EDGE = 1e-10

/**
 * Which source pixel each grid pixel takes. `rows[j] + columns[i]` (separable) or `cells[j·width + i]` is an offset into the
 * source block, negative where the file has nothing.
 */
export type NearestIndex = Size &
  (
    | {
        readonly kind: 'separable'
        readonly columns: Int32Array
        readonly rows: Int32Array
        /** Start and end of each stretch of columns that have a source. */
        readonly runs: readonly (readonly [start: number, end: number])[]
        readonly covered: boolean
      }
    | { readonly kind: 'cells'; readonly cells: Int32Array; readonly covered: boolean }
  )

/** Marks "nothing here" in a separable index: no sum with a row or column offset can make it positive. */
export const NOWHERE = -0x40000000

/** Source pixels of consecutive grid pixels of one axis, from grid pixel `start` on. */
interface PickedPixels {
  readonly start: number
  readonly pixels: Int32Array
}

/** Index of a grid whose columns and rows take the level's pixels given; grid pixels outside them take nothing. */
export function separableIndexOf(
  picked: PickedPixels,
  pickedRows: PickedPixels,
  block: Window,
  grid: Size,
): NearestIndex {
  const columns = new Int32Array(grid.width).fill(NOWHERE)
  const rows = new Int32Array(grid.height).fill(NOWHERE)
  for (const [i, pixel] of picked.pixels.entries()) columns[picked.start + i] = pixel - block.x
  for (const [j, pixel] of pickedRows.pixels.entries()) rows[pickedRows.start + j] = (pixel - block.y) * block.width
  return separable(columns, rows)
}

/** Index of a plan's grid pixels into the block of its window; where `plan.size` isn't the grid's, nearest of nearest. */
export function nearestIndex(plan: WarpPlan, block: Window, grid: Size): NearestIndex {
  const columns = pickedPixels(plan.size.width, grid.width)
  const rows = pickedPixels(plan.size.height, grid.height)
  return plan.separable ? separableIndex(plan, block, columns, rows) : cellIndex(plan, block, grid, columns, rows)
}

/** RasterIO's nearest resampling of a line of `from` pixels to `to`. */
export function pickedPixels(from: number, to: number): Int32Array {
  const picked = new Int32Array(to)
  for (let i = 0; i < to; i++) picked[i] = Math.min(from - 1, Math.trunc(((i + 0.5) * from) / to + EDGE))
  return picked
}

function separableIndex(
  plan: WarpPlan,
  block: Window,
  pickedColumns: Int32Array,
  pickedRows: Int32Array,
): NearestIndex {
  const { width, height } = plan.size
  const columnOf = new Int32Array(width).fill(NOWHERE)
  const rowOf = new Int32Array(height).fill(NOWHERE)
  const line = new LineApproximator(plan.toPixel)
  const xs = new Float64Array(width)
  const ys = new Float64Array(width)
  const out = new Float64Array(2)
  for (const { target, source } of plan.units) {
    if (source === null) continue
    const { window } = source
    if (columnOf[target.x] === NOWHERE || rowOf[target.y] === NOWHERE) {
      line.fill(target.x + 0.5, target.y + 0.5, target.width, xs, ys, 0)
      for (let i = 0; i < target.width; i++) {
        let x = xs[i]!
        if (nearlyInside(x, window.x, window.width)) {
          plan.toPixel(target.x + i + 0.5, target.y + 0.5, out)
          x = out[0]!
        }
        const index = nearestPixel(x, window.x, window.width)
        columnOf[target.x + i] = index < 0 ? NOWHERE : index - block.x
      }
      for (let j = 0; j < target.height; j++) {
        plan.toPixel(target.x + 0.5, target.y + j + 0.5, out)
        const index = nearestPixel(out[1]!, window.y, window.height)
        rowOf[target.y + j] = index < 0 ? NOWHERE : (index - block.y) * block.width
      }
    }
  }
  return separable(pick(columnOf, pickedColumns), pick(rowOf, pickedRows))
}

function separable(columns: Int32Array, rows: Int32Array): NearestIndex {
  return {
    width: columns.length,
    height: rows.length,
    kind: 'separable',
    columns,
    rows,
    runs: runsOf(columns),
    covered: !columns.includes(NOWHERE) && !rows.includes(NOWHERE),
  }
}

function runsOf(columns: Int32Array): (readonly [start: number, end: number])[] {
  const runs: (readonly [number, number])[] = []
  for (let start = 0; start < columns.length; start++) {
    if (columns[start] === NOWHERE) continue
    let end = start + 1
    while (end < columns.length && columns[end] !== NOWHERE) end++
    runs.push([start, end])
    start = end
  }
  return runs
}

function pick(values: Int32Array, picked: Int32Array): Int32Array {
  return picked.length === values.length ? values : picked.map((index) => values[index]!)
}

function cellIndex(
  plan: WarpPlan,
  block: Window,
  grid: Size,
  pickedColumns: Int32Array,
  pickedRows: Int32Array,
): NearestIndex {
  const { width } = plan.size
  const cells = new Int32Array(grid.width * grid.height).fill(NOWHERE)
  const line = new LineApproximator(plan.toPixel)
  const xs = new Float64Array(width)
  const ys = new Float64Array(width)
  const out = new Float64Array(2)
  let covered = true
  for (const { target, source } of plan.units) {
    const columns = rangeOf(pickedColumns, target.x, target.x + target.width)
    const rows = rangeOf(pickedRows, target.y, target.y + target.height)
    if (source === null) {
      covered &&= columns.start === columns.end || rows.start === rows.end
      continue
    }
    const { window } = source
    for (let j = rows.start; j < rows.end; j++) {
      const row = pickedRows[j]!
      line.fill(target.x + 0.5, row + 0.5, target.width, xs, ys, target.x)
      for (let i = columns.start; i < columns.end; i++) {
        const column = pickedColumns[i]!
        let x = xs[column]!
        let y = ys[column]!
        if (nearlyInside(x, window.x, window.width) || nearlyInside(y, window.y, window.height)) {
          plan.toPixel(column + 0.5, row + 0.5, out)
          x = out[0]!
          y = out[1]!
        }
        const sx = nearestPixel(x, window.x, window.width)
        const sy = nearestPixel(y, window.y, window.height)
        if (sx < 0 || sy < 0) covered = false
        else cells[j * grid.width + i] = (sy - block.y) * block.width + (sx - block.x)
      }
    }
  }
  return { width: grid.width, height: grid.height, kind: 'cells', cells, covered }
}

/** First and past-last position in the ascending `picked` whose values lie in [from, to). */
export function rangeOf(picked: Int32Array, from: number, to: number): { start: number; end: number } {
  let start = 0
  while (start < picked.length && picked[start]! < from) start++
  let end = start
  while (end < picked.length && picked[end]! < to) end++
  return { start, end }
}

/** Outside the window by less than a pixel: GDAL then asks for the exact position. */
export function nearlyInside(position: number, start: number, size: number): boolean {
  return (position < start && position > start - 1) || (position + EDGE > start + size && position < start + size + 1)
}

/** The pixel at a position, −1 when it lies outside the window (GWKCheckAndComputeSrcOffsets). */
export function nearestPixel(position: number, start: number, size: number): number {
  if (!(position >= start) || position + EDGE > start + size) return -1
  const index = Math.trunc(position + EDGE)
  return index === start + size ? index - 1 : index
}
