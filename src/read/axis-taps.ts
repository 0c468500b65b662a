import { kernelWeight, lanczosWeights, type WeighingKernel, weighingRadius } from './kernel-weights.ts'

/**
 * The kernel along one axis: for each of a number of positions its taps' first pixel in the window, how many they are, their weights
 * and the sum of those. GDAL's kernels for sources without holes start one pixel later than the others where the radius is odd.
 */
export class AxisTaps {
  /** Pixels the kernel reaches to the right of the position's own. */
  readonly reach: number
  /** Most taps of a position: its weights start at index · max. */
  readonly max: number
  readonly first: Int32Array
  readonly count: Int32Array
  readonly sum: Float64Array
  readonly weights: Float64Array
  readonly #kernel: WeighingKernel
  readonly #scale: number
  readonly #size: number
  readonly #start: number

  constructor(kernel: WeighingKernel, scale: number, size: number, masked: boolean, positions: number) {
    const radius = weighingRadius[kernel]
    this.reach = scale < 1 ? Math.ceil(radius / scale) : radius
    this.max = 2 * this.reach + 1
    this.#kernel = kernel
    this.#scale = Math.min(1, scale)
    this.#size = size
    this.#start = masked || kernel === 'lanczos' ? ((radius + 1) % 2) - this.reach : 1 - this.reach
    this.first = new Int32Array(positions)
    this.count = new Int32Array(positions)
    this.sum = new Float64Array(positions)
    this.weights = new Float64Array(positions * this.max)
  }

  /** Fills entry `index` for a position in the window; 0 taps for NaN. */
  set(index: number, position: number): void {
    if (Number.isNaN(position)) {
      this.count[index] = 0
      return
    }
    const pixel = Math.floor(position - 0.5)
    const delta = position - 0.5 - pixel
    let from = Math.max(this.#start, -pixel)
    let to = Math.min(this.reach, this.#size - 1 - pixel)
    if (this.#kernel === 'lanczos') {
      while ((from - delta) * this.#scale < -3) from++
      while ((to - delta) * this.#scale > 3) to--
    }
    const count = Math.max(0, to - from + 1)
    const at = index * this.max
    this.first[index] = pixel + from
    this.count[index] = count
    let sum = 0
    if (this.#kernel === 'lanczos') {
      lanczosWeights(from, delta, this.#scale, count, this.weights, at)
      for (let k = 0; k < count; k++) sum += this.weights[at + k]!
    } else {
      const weigh = kernelWeight[this.#kernel]
      for (let k = 0; k < count; k++) {
        const weight = weigh((from + k - delta) * this.#scale)
        this.weights[at + k] = weight
        sum += weight
      }
    }
    this.sum[index] = sum
  }
}
