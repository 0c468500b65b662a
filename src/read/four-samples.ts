import { MIN_BAND_DENSITY, MIN_DENSITY, store, storedValue, type UnitJob } from './warp-job.ts'

/** Weights that add up to less are none. */
const MIN_DIVISOR = 1e-5

/**
 * Bilinear and cubic at full scale: the four or sixteen samples around a position (GWKBilinearResample4Sample,
 * GWKCubicResample4Sample and their kin). Cubic falls back on bilinear where one of its samples is missing.
 */
export class FourSamples {
  readonly #unit: UnitJob
  readonly #cubic: boolean
  readonly #width: number
  readonly #height: number
  readonly #density: Float32Array | null

  constructor(unit: UnitJob, cubic: boolean) {
    this.#unit = unit
    this.#cubic = cubic
    this.#width = unit.source.window.width
    this.#height = unit.source.window.height
    this.#density = unit.density.values
  }

  /** Samples at a position in the window, into index `at` of the targets; false when there is nothing. */
  sample(x: number, y: number, at: number): boolean {
    return (this.#cubic && this.#sixteen(x, y, at)) || this.#four(x, y, at)
  }

  /** False when one of the sixteen is missing. */
  #sixteen(x: number, y: number, at: number): boolean {
    const column = Math.trunc(x - 0.5)
    const row = Math.trunc(y - 0.5)
    if (column < 1 || column + 2 >= this.#width || row < 1 || row + 2 >= this.#height) return false
    const { job, origin, stride, density } = this.#unit
    const o = origin + (row - 1) * stride + column - 1
    const d = x - 0.5 - column
    const half = 0.5 * d
    const half2 = half * d
    const w0 = half * (-1 + d * (2 - d))
    const w1 = 1 + half2 * (-5 + 3 * d)
    const w2 = half * (1 + d * (4 - 3 * d))
    const w3 = half2 * (-1 + d)
    const e = y - 0.5 - row
    const halfY = 0.5 * e
    const halfY2 = halfY * e
    const v0 = halfY * (-1 + e * (2 - e))
    const v1 = 1 + halfY2 * (-5 + 3 * e)
    const v2 = halfY * (1 + e * (4 - 3 * e))
    const v3 = halfY2 * (-1 + e)
    const o1 = o + stride
    const o2 = o1 + stride
    const o3 = o2 + stride
    let share = 1
    const { values } = density
    if (values !== null) {
      for (let line = o, j = 0; j < 4; j++, line += stride)
        for (let k = line; k < line + 4; k++) if (values[k]! < MIN_DENSITY) return false
      const a = w0 * values[o]! + w1 * values[o + 1]! + w2 * values[o + 2]! + w3 * values[o + 3]!
      const b = w0 * values[o1]! + w1 * values[o1 + 1]! + w2 * values[o1 + 2]! + w3 * values[o1 + 3]!
      const c = w0 * values[o2]! + w1 * values[o2 + 1]! + w2 * values[o2 + 2]! + w3 * values[o2 + 3]!
      const f = w0 * values[o3]! + w1 * values[o3 + 1]! + w2 * values[o3 + 2]! + w3 * values[o3 + 3]!
      share = v0 * a + v1 * b + v2 * c + v3 * f
    }
    if (share < MIN_BAND_DENSITY) return true
    const { sources, targets, type, nodata } = job
    const square = e * e
    const cube = square * e
    for (let band = 0; band < sources.length; band++) {
      const s = sources[band]!
      const a = w0 * s[o]! + w1 * s[o + 1]! + w2 * s[o + 2]! + w3 * s[o + 3]!
      const b = w0 * s[o1]! + w1 * s[o1 + 1]! + w2 * s[o1 + 2]! + w3 * s[o1 + 3]!
      const c = w0 * s[o2]! + w1 * s[o2 + 1]! + w2 * s[o2 + 2]! + w3 * s[o2 + 3]!
      const f = w0 * s[o3]! + w1 * s[o3 + 1]! + w2 * s[o3 + 2]! + w3 * s[o3 + 3]!
      if (density.masked) store(job, band, at, v0 * a + v1 * b + v2 * c + v3 * f, share)
      else {
        const value = b + 0.5 * (e * (c - a) + square * (2 * a - 5 * b + 4 * c - f) + cube * (3 * (b - c) + f - a))
        targets[band]![at] = storedValue(value, type, nodata)
      }
    }
    job.covered[at] = 255
    return true
  }

  #four(x: number, y: number, at: number): boolean {
    const column = Math.floor(x - 0.5)
    const row = Math.floor(y - 0.5)
    const rx = 1.5 - (x - column)
    const ry = 1.5 - (y - row)
    const { job, origin, stride } = this.#unit
    const { sources, targets, type, nodata, covered } = job
    const density = this.#density
    const o = origin + row * stride + column
    const below = o + stride
    const interior = column >= 0 && column + 1 < this.#width && row >= 0 && row + 1 < this.#height
    if (interior && (density === null || density[o]! + density[o + 1]! + density[below]! + density[below + 1]! === 4)) {
      for (let b = 0; b < sources.length; b++) {
        const s = sources[b]!
        const value = (s[o]! * rx + s[o + 1]! * (1 - rx)) * ry + (s[below]! * rx + s[below + 1]! * (1 - rx)) * (1 - ry)
        targets[b]![at] = storedValue(value, type, nodata)
      }
      covered[at] = 255
      return true
    }
    const left = column === -1 ? 0 : column
    const top = row === -1 ? 0 : row
    return this.#few(left, top, column === -1 ? 1 : rx, row === -1 ? 1 : ry, at)
  }

  /** Of the four, those inside the window that count. */
  #few(column: number, row: number, rx: number, ry: number, at: number): boolean {
    const { job, origin, stride } = this.#unit
    const density = this.#density
    const start = origin + row * stride + column
    let divisor = 0
    let mass = 0
    for (let k = 0; k < 4; k++) {
      const weight = this.#weight(k, column, row, rx, ry)
      if (weight < 0) continue
      const share = density === null ? 1 : density[start + (k >> 1) * stride + (k & 1)]!
      if (share <= MIN_DENSITY) continue
      divisor += weight
      mass += share * weight
    }
    if (divisor < MIN_DIVISOR) return false
    const share = divisor === 1 ? mass : mass / divisor
    if (share < MIN_BAND_DENSITY) return false
    for (let b = 0; b < job.sources.length; b++) {
      const s = job.sources[b]!
      let sum = 0
      for (let k = 0; k < 4; k++) {
        const weight = this.#weight(k, column, row, rx, ry)
        if (weight < 0) continue
        const o = start + (k >> 1) * stride + (k & 1)
        if (density === null || density[o]! > MIN_DENSITY) sum += s[o]! * weight
      }
      store(job, b, at, divisor === 1 ? sum : sum / divisor, share)
    }
    job.covered[at] = 255
    return true
  }

  /** Negative outside the window. */
  #weight(k: number, column: number, row: number, rx: number, ry: number): number {
    const dx = k & 1
    const dy = k >> 1
    if (column + dx >= this.#width || row + dy >= this.#height) return -1
    return (dx === 0 ? rx : 1 - rx) * (dy === 0 ? ry : 1 - ry)
  }
}
