import { walkEdge } from './edge-walk.ts'

/** Rings of each part, holes included, as x, y, x, y … in cells of the grid: x to the right, y downwards. Closed or not. */
export type Parts = readonly (readonly Float64Array[])[]

interface Edge {
  /** The upper end. */
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
  readonly part: number
}

/** Rows that edges may cross in all; each takes 12 bytes. */
const MOST_RUNS = 4_000_000

/** Rows of a grid that the edges of parts cross, each edge counted: what TouchedCells takes in memory and time. */
export function rowsCrossed(parts: Parts, height: number): number {
  let rows = 0
  for (const { y0, y1 } of edgesOf(parts)) rows += Math.max(0, Math.min(y1, height) - Math.max(y0, 0)) + 1
  return rows
}

/** True when the parts are more than TouchedCells takes. */
export function isTooDetailed(parts: Parts, height: number): boolean {
  return rowsCrossed(parts, height) > MOST_RUNS
}

/**
 * Visits, row by row from the top, the cells that share an area with the inside of a part (even-odd), as spans [start, end) in order that
 * do not meet: GDAL's all-touched rasterization. A cell counts where an edge passes through it or its centre is inside.
 */
export class TouchedCells {
  readonly #width: number
  readonly #height: number
  /** By upper end. */
  readonly #edges: readonly Edge[]
  readonly #runs: RunsByRow
  #next = 0
  #active: Edge[] = []
  #row: number

  constructor(parts: Parts, width: number, height: number) {
    this.#width = width
    this.#height = height
    const edges = edgesOf(parts)
    this.#runs = new RunsByRow(edges, width, height)
    this.#edges = edges.sort((a, b) => a.y0 - b.y0)
    this.#row = Math.min(height, Math.max(0, Math.floor(this.#edges[0]?.y0 ?? height)))
  }

  /** The next row that may have cells, with its spans: start, end by turns. Null after the last. */
  nextRow(): { readonly row: number; readonly spans: readonly number[] } | null {
    const row = this.#row
    if (row >= this.#height || (this.#active.length === 0 && this.#next >= this.#edges.length)) return null
    this.#row++
    for (let edge = this.#edges[this.#next]; edge && edge.y0 < row + 1; edge = this.#edges[++this.#next]) {
      this.#active.push(edge)
    }
    this.#active = this.#active.filter((edge) => edge.y1 >= row)
    const spans = this.#runs.of(row)
    const crossings: [part: number, x: number][] = []
    const centre = row + 0.5
    for (const edge of this.#active) {
      if (edge.y0 <= centre && edge.y1 > centre) crossings.push([edge.part, xAt(edge, centre)])
    }
    // A part's crossings are even in number, so that pairs never mix two parts.
    crossings.sort((a, b) => a[0] - b[0] || a[1] - b[1])
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const start = Math.max(0, Math.floor(crossings[k]![1] + 0.5))
      const end = Math.min(this.#width, Math.floor(crossings[k + 1]![1] + 0.5))
      if (start < end) spans.push([start, end])
    }
    return { row, spans: merged(spans) }
  }
}

/** The cells that edges pass, by row. */
class RunsByRow {
  readonly #starts: Uint32Array
  readonly #runs: Uint32Array

  constructor(edges: readonly Edge[], width: number, height: number) {
    const found: number[] = []
    const counts = new Uint32Array(height + 1)
    for (const { x0, y0, x1, y1 } of edges) {
      walkEdge([x0, y0, x1, y1], width, height, (row, start, end) => {
        counts[row + 1]!++
        found.push(row, start, end)
      })
    }
    for (let row = 0; row < height; row++) counts[row + 1]! += counts[row]!
    this.#starts = counts
    this.#runs = new Uint32Array((found.length / 3) * 2)
    const at = counts.slice()
    for (let k = 0; k < found.length; k += 3) {
      const run = at[found[k]!]!++
      this.#runs[2 * run] = found[k + 1]!
      this.#runs[2 * run + 1] = found[k + 2]!
    }
  }

  of(row: number): [start: number, end: number][] {
    const spans: [number, number][] = []
    for (let run = this.#starts[row]!; run < this.#starts[row + 1]!; run++)
      spans.push([this.#runs[2 * run]!, this.#runs[2 * run + 1]!])
    return spans
  }
}

function edgesOf(parts: Parts): Edge[] {
  const edges: Edge[] = []
  for (const [part, ring] of parts.flatMap((rings, index) => rings.map((each) => [index, each] as const))) {
    for (let k = 0; k < ring.length; k += 2) {
      const after = k + 2 < ring.length ? k + 2 : 0
      const [xa, ya, xb, yb] = [ring[k]!, ring[k + 1]!, ring[after]!, ring[after + 1]!]
      if (xa === xb && ya === yb) continue
      edges.push(ya <= yb ? { x0: xa, y0: ya, x1: xb, y1: yb, part } : { x0: xb, y0: yb, x1: xa, y1: ya, part })
    }
  }
  return edges
}

function xAt({ x0, y0, x1, y1 }: Edge, y: number): number {
  return ((y - y0) * (x1 - x0)) / (y1 - y0) + x0
}

/** Sorted, and joined where they overlap or meet: start, end by turns. */
function merged(spans: [number, number][]): number[] {
  spans.sort((a, b) => a[0] - b[0])
  const joined: number[] = []
  for (const [start, end] of spans) {
    if (joined.length > 0 && start <= joined.at(-1)!) joined[joined.length - 1] = Math.max(joined.at(-1)!, end)
    else joined.push(start, end)
  }
  return joined
}
