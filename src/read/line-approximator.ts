import type { PointTransform } from './point-transform.ts'

/** GDAL's approximating transformer accepts this error, in source pixels (|dx| + |dy|), as rasterio asks it to. */
const TOLERANCE = 0.125
/** Lines this short are transformed exactly. */
const EXACT_LENGTH = 5
/** Numbers a piece takes: index of its first point, length, and its first, middle and last position. */
const PIECE = 8
/** Room to begin with, enough for one line: 64 kB for each would cost a tile more in garbage than its growing. */
const FIRST_ASKED = 64
const FIRST_PIECES = 16

/**
 * Source positions of lines of pixels, as GDALApproxTransform gives them: straight pieces between exactly transformed points,
 * halved until the middle is near enough. The pieces move nearest samples by up to a pixel (2–6 % of a UTM tile), so they belong
 * to the result. All lines are halved at once, so that a transform which costs by the call is called a few times only.
 */
export class LineApproximator {
  readonly #transform: PointTransform
  /** Points asked for, in x and y, and where the answer goes: an index into the result, or −1 for the end of a piece. */
  #askX = new Float64Array(FIRST_ASKED)
  #askY = new Float64Array(FIRST_ASKED)
  #goes = new Int32Array(FIRST_ASKED)
  #asked = 0
  #pieces = new Float64Array(FIRST_PIECES * PIECE)
  #pieceCount = 0

  constructor(transform: PointTransform) {
    this.#transform = transform
  }

  /** Fills xs and ys with a line of `length` points at each of `lines`: (x + i, lines[j]) goes to index j · length + i. */
  fill(x: number, lines: ArrayLike<number>, length: number, xs: Float64Array, ys: Float64Array): void {
    const rows = lines.length
    this.#asked = 0
    this.#pieceCount = 0
    if (length <= EXACT_LENGTH) {
      for (let j = 0; j < rows; j++) this.#askExact(x, lines[j]!, length, j * length)
      this.#answer(xs, ys)
      return
    }
    const middle = (length - 1) >> 1
    for (let j = 0; j < rows; j++) {
      this.#ask(x, lines[j]!, -1)
      this.#ask(x + middle, lines[j]!, -1)
      this.#ask(x + length - 1, lines[j]!, -1)
    }
    this.#transform(this.#askX, this.#askY, this.#asked)
    const lost: number[] = []
    for (let j = 0, slot = 0; j < rows; j++, slot += 3) {
      if (Number.isNaN(this.#askX[slot]! + this.#askX[slot + 1]! + this.#askX[slot + 2]!)) lost.push(j)
      else this.#addLine(j * length, length, slot)
    }
    this.#asked = 0
    for (const j of lost) this.#askExact(x, lines[j]!, length, j * length)
    this.#answer(xs, ys)
    this.#halve(x, lines, length, xs, ys)
  }

  /** Draws pieces that are straight enough and halves the others, level by level. */
  #halve(x: number, lines: ArrayLike<number>, length: number, xs: Float64Array, ys: Float64Array): void {
    while (this.#pieceCount > 0) {
      const pieces = this.#pieces
      const count = this.#pieceCount
      this.#asked = 0
      let kept = 0
      for (let piece = 0; piece < count; piece++) {
        const at = piece * PIECE
        if (drawn(pieces, at, xs, ys)) continue
        const start = pieces[at]!
        const size = pieces[at + 1]!
        const column = start % length
        const row = (start - column) / length
        const middle = (size - 1) >> 1
        pinEnds(pieces, at, middle, xs, ys)
        const rest = size - middle
        if (middle <= EXACT_LENGTH) this.#askExact(x + column + 1, lines[row]!, middle - 1, start + 1)
        else {
          this.#ask(x + column + ((middle - 1) >> 1), lines[row]!, -1)
          this.#ask(x + column + middle - 1, lines[row]!, -1)
        }
        if (rest <= EXACT_LENGTH) this.#askExact(x + column + middle + 1, lines[row]!, rest - 2, start + middle + 1)
        else this.#ask(x + column + middle + ((rest - 1) >> 1), lines[row]!, -1)
        pieces.copyWithin(kept * PIECE, at, at + PIECE)
        kept++
      }
      if (kept === 0) return
      this.#answer(xs, ys)
      this.#split(kept, x, lines, length, xs, ys)
    }
  }

  /** Makes the halves of the first `kept` pieces from the answers, and asks for every point of those without one. */
  #split(kept: number, x: number, lines: ArrayLike<number>, length: number, xs: Float64Array, ys: Float64Array): void {
    const parents = this.#pieces.slice(0, kept * PIECE)
    this.#pieceCount = 0
    const lost: number[] = []
    let slot = 0
    for (let at = 0; at < parents.length; at += PIECE) {
      const size = parents[at + 1]!
      const middle = (size - 1) >> 1
      const rest = size - middle
      let first = -1
      let second = -1
      if (middle <= EXACT_LENGTH) slot += middle - 1
      else {
        first = slot
        slot += 2
      }
      if (rest <= EXACT_LENGTH) slot += rest - 2
      else second = slot++
      const known =
        (first < 0 || !Number.isNaN(this.#askX[first]! + this.#askX[first + 1]!)) &&
        (second < 0 || !Number.isNaN(this.#askX[second]!))
      if (!known) {
        lost.push(at)
        continue
      }
      if (first >= 0) this.#addHalf(parents, at, middle, first, -1)
      if (second >= 0) this.#addHalf(parents, at, middle, -1, second)
    }
    if (lost.length === 0) return
    this.#asked = 0
    for (const at of lost) {
      const start = parents[at]!
      const size = parents[at + 1]!
      const column = start % length
      const row = (start - column) / length
      const middle = (size - 1) >> 1
      this.#askExact(x + column + 1, lines[row]!, middle - 1, start + 1)
      this.#askExact(x + column + middle + 1, lines[row]!, size - middle - 2, start + middle + 1)
    }
    this.#answer(xs, ys)
  }

  /** The first half ends before the middle, the second starts at it. */
  #addHalf(parents: Float64Array, at: number, middle: number, first: number, second: number): void {
    const to = this.#reservePiece()
    const pieces = this.#pieces
    const offset = second < 0 ? 0 : middle
    const from = at + (second < 0 ? 2 : 4)
    pieces[to] = parents[at]! + offset
    pieces[to + 1] = second < 0 ? middle : parents[at + 1]! - middle
    pieces[to + 2] = parents[from]!
    pieces[to + 3] = parents[from + 1]!
    const slot = second < 0 ? first : second
    pieces[to + 4] = this.#askX[slot]!
    pieces[to + 5] = this.#askY[slot]!
    pieces[to + 6] = second < 0 ? this.#askX[first + 1]! : parents[at + 6]!
    pieces[to + 7] = second < 0 ? this.#askY[first + 1]! : parents[at + 7]!
  }

  /** A whole line, whose first, middle and last position are the answers from `slot` on. */
  #addLine(start: number, length: number, slot: number): void {
    const to = this.#reservePiece()
    const pieces = this.#pieces
    pieces[to] = start
    pieces[to + 1] = length
    for (let k = 0; k < 3; k++) {
      pieces[to + 2 + 2 * k] = this.#askX[slot + k]!
      pieces[to + 3 + 2 * k] = this.#askY[slot + k]!
    }
  }

  #reservePiece(): number {
    const at = this.#pieceCount++ * PIECE
    if (at + PIECE > this.#pieces.length) {
      const larger = new Float64Array(2 * this.#pieces.length)
      larger.set(this.#pieces)
      this.#pieces = larger
    }
    return at
  }

  #askExact(x: number, y: number, count: number, goes: number): void {
    for (let i = 0; i < count; i++) this.#ask(x + i, y, goes + i)
  }

  #ask(x: number, y: number, goes: number): void {
    const at = this.#asked++
    if (at >= this.#askX.length) this.#growAsked()
    this.#askX[at] = x
    this.#askY[at] = y
    this.#goes[at] = goes
  }

  #growAsked(): void {
    const size = 2 * this.#askX.length
    const [x, y, goes] = [new Float64Array(size), new Float64Array(size), new Int32Array(size)]
    x.set(this.#askX)
    y.set(this.#askY)
    goes.set(this.#goes)
    ;[this.#askX, this.#askY, this.#goes] = [x, y, goes]
  }

  #answer(xs: Float64Array, ys: Float64Array): void {
    this.#transform(this.#askX, this.#askY, this.#asked)
    for (let i = 0; i < this.#asked; i++) {
      const to = this.#goes[i]!
      if (to < 0) continue
      xs[to] = this.#askX[i]!
      ys[to] = this.#askY[i]!
    }
  }
}

/** Draws a piece between its ends if that meets its middle; false when it doesn't. */
function drawn(pieces: Float64Array, at: number, xs: Float64Array, ys: Float64Array): boolean {
  const start = pieces[at]!
  const length = pieces[at + 1]!
  const x0 = pieces[at + 2]!
  const y0 = pieces[at + 3]!
  const middle = (length - 1) >> 1
  const slopeX = (pieces[at + 6]! - x0) / (length - 1)
  const slopeY = (pieces[at + 7]! - y0) / (length - 1)
  const error = Math.abs(x0 + slopeX * middle - pieces[at + 4]!) + Math.abs(y0 + slopeY * middle - pieces[at + 5]!)
  if (!(error <= TOLERANCE)) return false
  for (let i = 0; i < length; i++) {
    xs[start + i] = x0 + slopeX * i
    ys[start + i] = y0 + slopeY * i
  }
  return true
}

/** The known positions of a piece that is about to be halved. */
function pinEnds(pieces: Float64Array, at: number, middle: number, xs: Float64Array, ys: Float64Array): void {
  const start = pieces[at]!
  const last = start + pieces[at + 1]! - 1
  xs[start] = pieces[at + 2]!
  ys[start] = pieces[at + 3]!
  xs[start + middle] = pieces[at + 4]!
  ys[start + middle] = pieces[at + 5]!
  xs[last] = pieces[at + 6]!
  ys[last] = pieces[at + 7]!
}
