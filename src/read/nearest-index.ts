import type { Size } from './dataset-facts.ts'
import { nearestPixel } from './nearest-pixel.ts'
import type { Window } from './source-window.ts'
import { UnitLines } from './unit-lines.ts'
import type { WarpPlan } from './warp-plan.ts'

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

/** Index of a plan's picked pixels into the block of its window. */
export function nearestIndex(plan: WarpPlan, block: Window): NearestIndex {
  const { columns, rows } = plan.picked
  return plan.transforms.separable ? separableIndex(plan, block, columns, rows) : cellIndex(plan, block, columns, rows)
}

/** Units in a row share their rows, units in a column their columns. */
function separableIndex(
  plan: WarpPlan,
  block: Window,
  pickedColumns: Int32Array,
  pickedRows: Int32Array,
): NearestIndex {
  const columnOf = new Int32Array(pickedColumns.length).fill(NOWHERE)
  const rowOf = new Int32Array(pickedRows.length).fill(NOWHERE)
  for (const unit of plan.units) {
    if (unit.source === null) continue
    const { window } = unit.source
    const lines = new UnitLines(plan, unit, unit.source, true)
    for (let i = lines.columns.start; i < lines.columns.end; i++) {
      const x = nearestPixel(lines.xs[pickedColumns[i]! - unit.target.x]!, window.x, window.width)
      if (x >= 0) columnOf[i] = x - block.x
    }
    for (let j = lines.rows.start; j < lines.rows.end; j++) {
      const y = nearestPixel(lines.rowPosition(j), window.y, window.height)
      if (y >= 0) rowOf[j] = (y - block.y) * block.width
    }
    lines.release()
  }
  return separable(columnOf, rowOf)
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

function cellIndex(plan: WarpPlan, block: Window, pickedColumns: Int32Array, pickedRows: Int32Array): NearestIndex {
  const width = pickedColumns.length
  const height = pickedRows.length
  const cells = new Int32Array(width * height).fill(-1)
  for (const unit of plan.units) {
    if (unit.source === null) continue
    const { window } = unit.source
    const lines = new UnitLines(plan, unit, unit.source, true)
    for (let j = lines.rows.start; j < lines.rows.end; j++) {
      lines.fillRow(j)
      const { xs, ys } = lines
      for (let i = lines.columns.start; i < lines.columns.end; i++) {
        const column = pickedColumns[i]! - unit.target.x
        const x = nearestPixel(xs[column]!, window.x, window.width)
        const y = nearestPixel(ys[column]!, window.y, window.height)
        if (x >= 0 && y >= 0) cells[j * width + i] = (y - block.y) * block.width + (x - block.x)
      }
    }
    lines.release()
  }
  return { width, height, kind: 'cells', cells, covered: !cells.includes(-1) }
}
