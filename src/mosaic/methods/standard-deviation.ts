import type { Raster } from '../../raster/raster.ts'
import type { PixelSelection } from '../pixel-selection.ts'
import { Stack } from '../stack.ts'

/** Population standard deviation of the valid samples as float64; masked where it is not finite (rio-tiler's StdevMethod). */
export class StandardDeviation implements PixelSelection {
  readonly needsAll = true
  readonly isDone = false
  readonly #stack: Stack
  #single = false

  constructor(mostRasters: number) {
    this.#stack = new Stack(mostRasters)
  }

  feed(raster: Raster): void {
    this.#stack.push(raster)
  }

  result(): Promise<Raster | null> {
    return this.#stack.reduce(
      (stack) => {
        this.#single = stack === 'float32'
        return 'float64'
      },
      (values, count) => Math.sqrt(variance(values, count, this.#single)),
      Number.isFinite,
    )
  }
}

/** Two passes, as numpy does it; a float32 stack is summed in float32 for its mean. */
function variance(values: Float64Array, count: number, single: boolean): number {
  let sum = 0
  if (single) for (let i = 0; i < count; i++) sum = Math.fround(sum + values[i]!)
  else for (let i = 0; i < count; i++) sum += values[i]!
  const mean = sum / count
  let squares = 0
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2
  return squares / count
}
