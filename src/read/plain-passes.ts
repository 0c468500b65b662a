import type { DatasetFacts } from './dataset-facts.ts'
import { type PlainPart, type PlainPlan, windowOf } from './plain-plan.ts'
import { margins } from './resample.ts'
import { chunksOf } from './resample-axis.ts'
import type { Window } from './source-window.ts'
import type { Range } from './unit-lines.ts'

/** More would take longer than anybody waits. */
const MAX_PASSES = 16_384

/**
 * A plain read in passes of which none needs more than `most` level pixels: kernels by the chunks GDAL cuts a read into, nearest by
 * rows and then columns, so that the pixels are those of one pass. Null: there would be too many.
 */
export function plainPasses(plan: PlainPlan, facts: DatasetFacts, most: number): PlainPlan[] | null {
  const { first, others, mask } = plan
  const alone = { ...plan, first: null, others: null, mask: null }
  const split = (part: PlainPart | null) => (part === null ? [] : passesOf(part, facts, most))
  const passes: PlainPlan[] = [
    ...(first === others
      ? split(others).map((part) => ({ ...alone, first: part, others: part }))
      : [
          ...split(first).map((part) => ({ ...alone, first: part })),
          ...split(others).map((part) => ({ ...alone, others: part })),
        ]),
    ...split(mask).map((part) => ({ ...alone, mask: part })),
  ]
  return passes.length > MAX_PASSES ? null : passes
}

function passesOf(part: PlainPart, facts: DatasetFacts, most: number): PlainPart[] {
  const columns = { start: 0, end: part.x.end - part.x.start }
  const rows = { start: 0, end: part.y.end - part.y.start }
  if (area(part.window) <= most) return [part]
  return part.kernel === 'nearest' ? halves(part, columns, rows, facts, most) : chunks(part, facts, most)
}

function area({ width, height }: Window): number {
  return width * height
}

/** What lies between rows that are blocks apart is not read. */
function halves(part: PlainPart, columns: Range, rows: Range, facts: DatasetFacts, most: number): PlainPart[] {
  const pass = piece(part, columns, rows)
  const count = rows.end - rows.start
  const sparse = count > 1 && pass.window.height / count > facts.blockSize.height
  if (area(pass.window) <= most && !sparse) return [pass]
  if (count > 1) return halvesOf(rows).flatMap((half) => halves(part, columns, half, facts, most))
  if (columns.end - columns.start === 1) return [pass]
  return halvesOf(columns).flatMap((half) => halves(part, half, rows, facts, most))
}

function halvesOf({ start, end }: Range): readonly Range[] {
  const middle = (start + end) >> 1
  return [
    { start, end: middle },
    { start: middle, end },
  ]
}

function chunks(part: PlainPart, facts: DatasetFacts, most: number): PlainPart[] {
  const { kernel, x, y, sharedMargin } = part
  if (kernel === 'nearest') return [part]
  const { columns, rows } = chunksOf(x, y, margins({ kernel, x, y, sharedMargin }), facts.blockSize.width)
  const all = { start: 0, end: x.end - x.start }
  return rows.flatMap((row) => {
    const whole = piece(part, all, row)
    return area(whole.window) <= most ? [whole] : columns.map((column) => piece(part, column, row))
  })
}

function piece(part: PlainPart, columns: Range, rows: Range): PlainPart {
  const pass = { columns: { start: columns.start, end: columns.end }, rows: { start: rows.start, end: rows.end } }
  return { ...part, pass, window: windowOf({ ...part, pass }) }
}
