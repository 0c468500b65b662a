/** Rings of each part, holes included, as x, y, x, y … in cells of the grid: x to the right, y downwards. Closed or not. */
export type Parts = readonly (readonly Float64Array[])[]

/** Edges along the grid's lines this near to them do not touch the cells beside (GDAL's EPSILON_INTERSECT_FRACTION). */
const EPSILON = 1e-4

interface Edge {
  /** The upper end. */
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
  readonly part: number
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
  #next = 0
  #active: Edge[] = []
  #row: number

  constructor(parts: Parts, width: number, height: number) {
    this.#width = width
    this.#height = height
    this.#edges = edgesOf(parts).sort((a, b) => a.y0 - b.y0)
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
    this.#active = this.#active.filter((edge) => edge.y1 > row || (edge.y0 === edge.y1 && edge.y0 >= row))
    const spans: [start: number, end: number][] = []
    const crossings: [part: number, x: number][] = []
    const centre = row + 0.5
    for (const edge of this.#active) {
      this.#addTouched(edge, row, spans)
      if (edge.y0 <= centre && edge.y1 > centre) crossings.push([edge.part, xAt(edge, centre)])
    }
    // A part's crossings are even in number, so that pairs never mix two parts.
    crossings.sort((a, b) => a[0] - b[0] || a[1] - b[1])
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      this.#addSpan(Math.ceil(crossings[k]![1] - 0.5), Math.ceil(crossings[k + 1]![1] - 0.5), spans)
    }
    return { row, spans: merged(spans) }
  }

  /** The cells whose inside the edge passes in this row. */
  #addTouched(edge: Edge, row: number, spans: [number, number][]): void {
    const { x0, x1, y0, y1 } = edge
    const upright = Math.floor(x0) === Math.floor(x1) || Math.abs(x1 - x0) < 0.01
    if (upright && isOnLine(x0) && isOnLine(x1)) return
    const level = Math.floor(y0) === Math.floor(y1) || y1 - y0 < 0.01
    if (level && isOnLine(y0) && isOnLine(y1)) return
    // What only just reaches into the row does not count.
    if (y1 > y0 && (Math.min(y1, row + 1) - Math.max(y0, row) <= 0 || (upright && y1 - row < EPSILON))) return
    const from = y0 < row ? xAt(edge, row) : x0
    const to = y1 > row + 1 ? xAt(edge, row + 1) : x1
    this.#addSpan(Math.floor(Math.min(from, to)), Math.ceil(Math.max(from, to) - (level ? EPSILON : 0)), spans)
    if (from === to) this.#addSpan(Math.floor(from), Math.floor(from) + 1, spans)
  }

  #addSpan(start: number, end: number, spans: [number, number][]): void {
    const from = Math.max(0, start)
    const to = Math.min(this.#width, end)
    if (from < to) spans.push([from, to])
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
  return x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)
}

function isOnLine(value: number): boolean {
  return Math.abs(value - Math.round(value)) < EPSILON
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
