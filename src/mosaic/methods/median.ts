import { recycle } from '../../raster/array-pool.ts'
import { castSamples } from '../../raster/cast.ts'
import type { DataType } from '../../raster/data-type.ts'
import { medianOf } from '../../raster/median.ts'
import type { Raster } from '../../raster/raster.ts'
import type { PixelSelection } from '../pixel-selection.ts'
import { Stack } from '../stack.ts'

/** Median of the valid samples, in the first raster's type (whole numbers are cut); NaN where one of them is (rio-tiler's MedianMethod). */
export class Median implements PixelSelection {
  readonly needsAll = true
  readonly isDone = false
  readonly #stack: Stack
  #type: DataType | null = null

  constructor(mostRasters: number) {
    this.#stack = new Stack(mostRasters)
  }

  feed(raster: Raster): void {
    this.#type ??= raster.dataType
    this.#stack.push(raster)
  }

  async result(): Promise<Raster | null> {
    const type = this.#type
    // Halves of whole numbers need a double until they are cut; a float32 stack stays float32.
    const median = await this.#stack.reduce(
      (stack) => (stack === 'float32' ? stack : 'float64'),
      medianOf,
      () => true,
    )
    if (median === null || type === null || median.dataType === type) return median
    const bands = median.bands.map((band) => castSamples(band, median.dataType, type))
    recycle(median.bands)
    return { ...median, dataType: type, bands }
  }
}
