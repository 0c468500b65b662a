import { AxisTaps } from './axis-taps.ts'
import type { WeighingKernel } from './kernel-weights.ts'
import { MIN_BAND_DENSITY, MIN_DENSITY, store, storedValue, type UnitJob } from './warp-job.ts'

/** A sum of weights below this is none; one this near to 1 is not divided by. */
const MIN_WEIGHT = 1e-6
const UNIT_WEIGHT = 1e-5

/**
 * A kernel over all samples within its reach (GWKResample, GWKResampleOptimizedLanczos, GWKResampleNoMasksT). In a separable plan the
 * taps of columns and rows are computed once.
 */
export class Convolution {
  readonly #unit: UnitJob
  readonly #kernel: WeighingKernel
  readonly #across: AxisTaps
  readonly #down: AxisTaps
  readonly #separable: boolean
  /** GDAL's kernels for sources without holes always divide by the weights. */
  readonly #always: boolean

  constructor(unit: UnitJob, kernel: WeighingKernel, always: boolean) {
    const { job, source, lines } = unit
    const { window, scaleX, scaleY } = source
    const { separable } = job.plan.transforms
    this.#unit = unit
    this.#kernel = kernel
    this.#always = always
    this.#separable = separable
    this.#across = new AxisTaps(kernel, scaleX, window.width, !always, separable ? lines.unit.width : 1)
    this.#down = new AxisTaps(kernel, scaleY, window.height, !always, 1)
    if (separable) for (let i = 0; i < lines.unit.width; i++) this.#across.set(i, lines.xs[i]!)
  }

  /** In a separable plan, before the pixels of a row. */
  startRow(y: number): void {
    if (this.#separable) this.#down.set(0, y)
  }

  /** The pixel in column `column` of the unit, at a position in the window, into index `at` of the targets. */
  sample(column: number, x: number, y: number, at: number): boolean {
    if (!this.#separable) {
      this.#across.set(0, x)
      this.#down.set(0, y)
    }
    const index = this.#separable ? column : 0
    return this.#unit.density.values === null ? this.#whole(index, at) : this.#holed(index, at)
  }

  #whole(index: number, at: number): boolean {
    const { job, density } = this.#unit
    const total = this.#across.sum[index]! * this.#down.sum[0]!
    if (!this.#always && total < MIN_WEIGHT) return false
    const divide = this.#always || Math.abs(total - 1) > UNIT_WEIGHT
    for (let b = 0; b < job.sources.length; b++) {
      const sum = this.#sum(b, index)
      const value = divide ? sum / total : sum
      if (density.masked) store(job, b, at, value, 1)
      else job.targets[b]![at] = storedValue(value, job.type, job.nodata)
    }
    job.covered[at] = 255
    return true
  }

  #sum(band: number, index: number): number {
    const { job, origin, stride } = this.#unit
    const s = job.sources[band]!
    const wx = this.#across.weights
    const wy = this.#down.weights
    const xo = index * this.#across.max
    const columns = this.#across.count[index]!
    const rows = this.#down.count[0]!
    let line = origin + this.#down.first[0]! * stride + this.#across.first[index]!
    let sum = 0
    for (let r = 0; r < rows; r++, line += stride) {
      let row = 0
      for (let k = 0; k < columns; k++) row += s[line + k]! * wx[xo + k]!
      sum += row * wy[r]!
    }
    return sum
  }

  #holed(index: number, at: number): boolean {
    const { job, origin, stride, density } = this.#unit
    const values = density.values!
    const wx = this.#across.weights
    const wy = this.#down.weights
    const xo = index * this.#across.max
    const columns = this.#across.count[index]!
    const rows = this.#down.count[0]!
    const start = origin + this.#down.first[0]! * stride + this.#across.first[index]!
    let total = 0
    let mass = 0
    let valid = 0
    for (let r = 0, line = start; r < rows; r++, line += stride) {
      let rowTotal = 0
      let rowMass = 0
      for (let k = 0; k < columns; k++) {
        const share = values[line + k]!
        if (share < MIN_DENSITY) continue
        valid++
        rowTotal += wx[xo + k]!
        rowMass += share * wx[xo + k]!
      }
      total += rowTotal * wy[r]!
      mass += rowMass * wy[r]!
    }
    if (total < MIN_WEIGHT || mass < MIN_WEIGHT) return false
    if (this.#kernel === 'lanczos' && valid < Math.trunc((rows * columns) / 2)) return false
    const divide = Math.abs(total - 1) > UNIT_WEIGHT
    const share = divide ? mass / total : mass
    if (share < MIN_BAND_DENSITY) return false
    const complete = valid === rows * columns
    for (let b = 0; b < job.sources.length; b++) {
      const sum = complete ? this.#sum(b, index) : this.#holedSum(b, index, start)
      store(job, b, at, divide ? sum / total : sum, share)
    }
    job.covered[at] = 255
    return true
  }

  #holedSum(band: number, index: number, start: number): number {
    const { job, stride, density } = this.#unit
    const values = density.values!
    const s = job.sources[band]!
    const wx = this.#across.weights
    const wy = this.#down.weights
    const xo = index * this.#across.max
    const columns = this.#across.count[index]!
    let sum = 0
    for (let r = 0, line = start; r < this.#down.count[0]!; r++, line += stride) {
      let row = 0
      for (let k = 0; k < columns; k++) if (values[line + k]! >= MIN_DENSITY) row += s[line + k]! * wx[xo + k]!
      sum += row * wy[r]!
    }
    return sum
  }
}
