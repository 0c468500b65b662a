import type { Project } from './projection.ts'

/** GDAL's approximating transformer accepts this error, in source pixels (|dx| + |dy|), as rasterio asks it to. */
const TOLERANCE = 0.125
/** Lines this short are transformed exactly. */
const EXACT_LENGTH = 5

/**
 * Source positions of `length` pixel centres of one line, as GDALApproxTransform gives them: straight pieces between exactly
 * transformed points, halved until the middle is near enough. Writes to xs and ys from `at` on. The pieces move nearest
 * samples by up to a pixel (2–6 % of a UTM tile), so they belong to the result.
 */
export class LineApproximator {
  readonly #toPixel: Project
  readonly #out = new Float64Array(2)

  constructor(toPixel: Project) {
    this.#toPixel = toPixel
  }

  fill(x: number, y: number, length: number, xs: Float64Array, ys: Float64Array, at: number): void {
    if (length <= EXACT_LENGTH) {
      this.#exact(x, y, 0, length, xs, ys, at)
      return
    }
    const out = this.#out
    const middle = (length - 1) >> 1
    this.#toPixel(x, y, out)
    const [x0, y0] = [out[0]!, out[1]!]
    this.#toPixel(x + middle, y, out)
    const [xm, ym] = [out[0]!, out[1]!]
    this.#toPixel(x + length - 1, y, out)
    this.#piece(x, y, 0, length, x0, y0, xm, ym, out[0]!, out[1]!, xs, ys, at)
  }

  /** Points `start` … `start + length − 1`, of which the first, the one at (length − 1) >> 1 and the last are known. */
  #piece(
    x: number,
    y: number,
    start: number,
    length: number,
    x0: number,
    y0: number,
    xm: number,
    ym: number,
    xe: number,
    ye: number,
    xs: Float64Array,
    ys: Float64Array,
    at: number,
  ): void {
    const middle = (length - 1) >> 1
    const slopeX = (xe - x0) / (length - 1)
    const slopeY = (ye - y0) / (length - 1)
    if (Math.abs(x0 + slopeX * middle - xm) + Math.abs(y0 + slopeY * middle - ym) <= TOLERANCE) {
      const base = at + start
      for (let i = 0; i < length; i++) {
        xs[base + i] = x0 + slopeX * i
        ys[base + i] = y0 + slopeY * i
      }
      return
    }
    const out = this.#out
    if (middle <= EXACT_LENGTH) this.#exact(x, y, start, middle, xs, ys, at)
    else {
      this.#toPixel(x + start + ((middle - 1) >> 1), y, out)
      const [ax, ay] = [out[0]!, out[1]!]
      this.#toPixel(x + start + middle - 1, y, out)
      this.#piece(x, y, start, middle, x0, y0, ax, ay, out[0]!, out[1]!, xs, ys, at)
    }
    const rest = length - middle
    if (rest <= EXACT_LENGTH) this.#exact(x, y, start + middle, rest, xs, ys, at)
    else {
      this.#toPixel(x + start + middle + ((rest - 1) >> 1), y, out)
      this.#piece(x, y, start + middle, rest, xm, ym, out[0]!, out[1]!, xe, ye, xs, ys, at)
    }
  }

  #exact(x: number, y: number, start: number, length: number, xs: Float64Array, ys: Float64Array, at: number): void {
    const out = this.#out
    for (let i = start; i < start + length; i++) {
      this.#toPixel(x + i, y, out)
      xs[at + i] = out[0]!
      ys[at + i] = out[1]!
    }
  }
}
