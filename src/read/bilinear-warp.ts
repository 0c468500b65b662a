import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import { RowBuffer, twoPassUnit } from './bilinear-two-pass.ts'
import type { Size } from './dataset-facts.ts'
import { nearestPixel } from './nearest-pixel.ts'
import type { SourceWindow, Window } from './source-window.ts'
import { UnitLines } from './unit-lines.ts'
import type { WarpPlan } from './warp-plan.ts'

/** Below this scale a kernel spans more than two pixels (GWKGeneralCase). */
export const FULL_SCALE = 0.95
const MIN_DENSITY = 1e-9
const MIN_DIVISOR = 1e-5
const MIN_WEIGHT = 1e-6

/** Source and destination of a bilinear warp. */
export interface BilinearJob {
  readonly plan: WarpPlan
  /** Where `sources` lie in the level. */
  readonly block: Window
  readonly sources: readonly TypedArray[]
  readonly density: Float32Array | null
  readonly type: DataType
  /** Integers that come out as nodata are moved one aside. */
  readonly nodata: number | null
  /** `plan.size`, or what is picked of it by nearest resampling. */
  readonly size: Size
  readonly targets: readonly TypedArray[]
  /** Set to 255 where a value was written. */
  readonly covered: Uint8Array
}

/** Warps with GDAL's bilinear kernel. A generator: it yields between rows so that the caller may let others run. */
export function* warpBilinear(job: BilinearJob): Generator<void> {
  const { columns, rows } = job.plan.picked
  const buffer = new RowBuffer()
  for (const unit of job.plan.units) {
    if (unit.source === null) continue
    const lines = new UnitLines(job.plan, unit, unit.source, columns, rows)
    const scaled = unit.source.scaleX < FULL_SCALE || unit.source.scaleY < FULL_SCALE
    const radiusX = kernelReach(unit.source.scaleX)
    const radiusY = kernelReach(unit.source.scaleY)
    const fits = radiusX <= unit.source.window.width && radiusY <= unit.source.window.height
    if (scaled && fits && job.plan.transforms.separable && isPlain(job))
      yield* twoPassUnit(job, unit.source, lines, columns, buffer)
    else {
      const sampler = new PixelSampler(job, unit.source, columns, scaled && fits)
      for (let j = lines.rows.start; j < lines.rows.end; j++) {
        lines.fillRow(j)
        sampler.sampleRow(lines, j)
        yield
      }
    }
    lines.release()
  }
  buffer.release()
}

/** GDAL has kernels without masks for these types; they always divide by the weights. */
export function isPlain(job: BilinearJob): boolean {
  return job.density === null && ['uint8', 'int16', 'uint16', 'float32'].includes(job.type)
}

export function kernelReach(scale: number): number {
  return scale < 1 ? Math.ceil(1 / scale) : 1
}

/** A value as the type holds it: rounded half up, clamped, never nodata itself. */
export function storedValue(value: number, type: DataType, nodata: number | null): number {
  if (type === 'float32' || type === 'float64') return value
  const [min, max] = dataTypeRange[type]
  const rounded = Math.min(max, Math.max(min, Math.floor(value + 0.5)))
  if (rounded !== nodata) return rounded
  return rounded === min ? min + 1 : rounded - 1
}

/** The kernels pixel by pixel: four samples at full scale, all within reach below it. */
class PixelSampler {
  readonly #job: BilinearJob
  readonly #columns: Int32Array
  readonly #window: Window
  readonly #scaled: boolean
  readonly #scaleX: number
  readonly #scaleY: number
  readonly #reachX: number
  readonly #reachY: number
  readonly #divideAlways: boolean
  readonly #weights: Float64Array
  /** Offset of the window's first pixel in the block, and the block's width. */
  readonly #origin: number
  readonly #stride: number

  constructor(job: BilinearJob, source: SourceWindow, columns: Int32Array, scaled: boolean) {
    this.#job = job
    this.#columns = columns
    this.#window = source.window
    this.#scaled = scaled
    this.#scaleX = Math.min(source.scaleX, 1)
    this.#scaleY = Math.min(source.scaleY, 1)
    this.#reachX = kernelReach(source.scaleX)
    this.#reachY = kernelReach(source.scaleY)
    this.#divideAlways = isPlain(job)
    this.#weights = new Float64Array(2 * this.#reachX + 1)
    this.#stride = job.block.width
    this.#origin = (source.window.y - job.block.y) * job.block.width + (source.window.x - job.block.x)
  }

  sampleRow(lines: UnitLines, j: number): void {
    const { density, size, covered } = this.#job
    for (let i = lines.columns.start; i < lines.columns.end; i++) {
      const column = this.#columns[i]! - lines.unit.x
      const x = lines.xs[column]!
      const y = lines.ys[column]!
      if (Number.isNaN(x + y)) continue
      const at = j * size.width + i
      if (density !== null && density[this.#centre(x, y)]! < MIN_DENSITY) continue
      const done = this.#scaled ? this.#convolve(x, y, at) : this.#fourSamples(x, y, at)
      if (done) covered[at] = 255
    }
  }

  #centre(x: number, y: number): number {
    const column = nearestPixel(x, 0, this.#window.width)
    const row = nearestPixel(y, 0, this.#window.height)
    return this.#origin + row * this.#stride + column
  }

  #fourSamples(x: number, y: number, at: number): boolean {
    const { sources, targets, density, type, nodata } = this.#job
    const { width, height } = this.#window
    const column = Math.floor(x - 0.5)
    const row = Math.floor(y - 0.5)
    const rx = 1.5 - (x - column)
    const ry = 1.5 - (y - row)
    const o = this.#origin + row * this.#stride + column
    const below = o + this.#stride
    const interior = column >= 0 && column + 1 < width && row >= 0 && row + 1 < height
    if (interior && (density === null || density[o]! + density[o + 1]! + density[below]! + density[below + 1]! === 4)) {
      for (let b = 0; b < sources.length; b++) {
        const s = sources[b]!
        const value = (s[o]! * rx + s[o + 1]! * (1 - rx)) * ry + (s[below]! * rx + s[below + 1]! * (1 - rx)) * (1 - ry)
        targets[b]![at] = storedValue(value, type, nodata)
      }
      return true
    }
    const left = column === -1 ? 0 : column
    const top = row === -1 ? 0 : row
    return this.#fewSamples(left, top, column === -1 ? 1 : rx, row === -1 ? 1 : ry, at)
  }

  /** Of the four, those inside the window that count. */
  #fewSamples(column: number, row: number, rx: number, ry: number, at: number): boolean {
    const { sources, targets, density, type, nodata } = this.#job
    const { width, height } = this.#window
    const origin = this.#origin + row * this.#stride + column
    let done = false
    for (let b = 0; b < sources.length; b++) {
      const s = sources[b]!
      let sum = 0
      let divisor = 0
      for (let k = 0; k < 4; k++) {
        const dx = k & 1
        const dy = k >> 1
        if (column + dx >= width || row + dy >= height) continue
        const o = origin + dy * this.#stride + dx
        if (density !== null && density[o]! <= MIN_DENSITY) continue
        const weight = (dx === 0 ? rx : 1 - rx) * (dy === 0 ? ry : 1 - ry)
        sum += s[o]! * weight
        divisor += weight
      }
      if (divisor < MIN_DIVISOR) continue
      targets[b]![at] = storedValue(divisor === 1 ? sum : sum / divisor, type, nodata)
      done = true
    }
    return done
  }

  #convolve(x: number, y: number, at: number): boolean {
    const { sources, targets, density, type, nodata } = this.#job
    const { width, height } = this.#window
    const column = Math.floor(x - 0.5)
    const row = Math.floor(y - 0.5)
    const deltaX = x - 0.5 - column
    const deltaY = y - 0.5 - row
    const x0 = Math.max(0, column - this.#reachX)
    const x1 = Math.min(width - 1, column + this.#reachX)
    const y0 = Math.max(0, row - this.#reachY)
    const y1 = Math.min(height - 1, row + this.#reachY)
    const weights = this.#weights
    for (let i = x0; i <= x1; i++) weights[i - x0] = triangle((i - column - deltaX) * this.#scaleX)
    let done = false
    for (let b = 0; b < sources.length; b++) {
      const s = sources[b]!
      let sum = 0
      let total = 0
      let mass = 0
      for (let j = y0; j <= y1; j++) {
        const weightY = triangle((j - row - deltaY) * this.#scaleY)
        if (weightY === 0) continue
        const line = this.#origin + j * this.#stride
        for (let i = x0; i <= x1; i++) {
          const share = density === null ? 1 : density[line + i]!
          if (share < MIN_DENSITY) continue
          const weight = weights[i - x0]! * weightY
          sum += s[line + i]! * weight
          total += weight
          mass += share * weight
        }
      }
      if (total < MIN_WEIGHT || mass < MIN_WEIGHT) continue
      const divide = this.#divideAlways || Math.abs(total - 1) > MIN_DIVISOR
      targets[b]![at] = storedValue(divide ? sum / total : sum, type, nodata)
      done = true
    }
    return done
  }
}

export function triangle(x: number): number {
  const distance = Math.abs(x)
  return distance < 1 ? 1 - distance : 0
}
