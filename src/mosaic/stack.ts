import { TilepressError } from '../errors.ts'
import { recycleRasters, takeArray } from '../raster/array-pool.ts'
import { bytesPerSample, type DataType, type TypedArray } from '../raster/data-type.ts'
import { convertRaster, promoteTypes } from '../raster/promotion.ts'
import type { Raster } from '../raster/raster.ts'
import { Turns } from '../turns.ts'

/** Most bytes of samples and masks that one mosaic keeps. */
const MOST_BYTES = 256 * 2 ** 20

/** Pixels computed before the event loop may be asked for. */
const PIXELS_AT_A_TIME = 1024

/** All rasters fed, for methods that need every value of a pixel at once. */
export class Stack {
  readonly #mostRasters: number
  readonly #rasters: Raster[] = []

  constructor(mostRasters: number) {
    this.#mostRasters = mostRasters
  }

  /** Throws PARAMETER_INVALID, at the first raster, when as many as announced would take more memory than a mosaic may. */
  push(raster: Raster): void {
    const bytes = raster.width * raster.height * raster.bands.length * (bytesPerSample(raster.dataType) + 1)
    const needed = bytes * Math.max(this.#mostRasters, this.#rasters.length + 1)
    if (needed > MOST_BYTES) {
      const most = Math.floor(MOST_BYTES / bytes)
      throw new TilepressError(
        'PARAMETER_INVALID',
        `this pixel_selection keeps all images of the mosaic: with this size and these bands at most ${most}, found ${this.#mostRasters}; lower items_limit`,
      )
    }
    this.#rasters.push(raster)
  }

  /**
   * One raster of type `type` out of the valid values of each pixel and band, which `reduce` gets in the rasters' order at the
   * start of an array that it may change; masked where there are none or `reduce` gives what is to be masked. Null when empty.
   */
  async reduce(
    type: (stack: DataType) => DataType,
    reduce: (values: Float64Array, count: number) => number,
    keeps: (value: number) => boolean,
  ): Promise<Raster | null> {
    const [first] = this.#rasters
    if (first === undefined) return null
    const stackType = this.#rasters.map(({ dataType }) => dataType).reduce(promoteTypes)
    const rasters = this.#rasters.map((raster) => convertRaster(raster, stackType))
    const values = new Float64Array(rasters.length)
    const turns = new Turns()
    const bands: TypedArray[] = []
    const masks: (Uint8Array | null)[] = []
    for (const b of first.bands.keys()) {
      const samples = rasters.map((raster) => raster.bands[b]!)
      const valid = rasters.map((raster) => raster.masks[b]!)
      const band = takeArray(type(stackType), samples[0]!.length)
      const mask = takeArray('uint8', band.length) as Uint8Array
      for (let i = 0; i < band.length; i++) {
        if (i % PIXELS_AT_A_TIME === 0 && turns.isLong) await turns.next()
        const count = gather(samples, valid, i, values)
        const value = count === 0 ? 0 : reduce(values, count)
        const kept = count > 0 && keeps(value)
        band[i] = kept ? value : 0
        mask[i] = kept ? 255 : 0
      }
      bands.push(band)
      masks.push(mask.includes(0) ? mask : null)
    }
    recycleRasters(...this.#rasters, ...rasters)
    return { ...first, dataType: type(stackType), bands, masks }
  }
}

/** Writes the valid values of a pixel to the start of `values`; returns how many there are. */
function gather(
  samples: readonly TypedArray[],
  valid: readonly (Uint8Array | null)[],
  pixel: number,
  values: Float64Array,
): number {
  let count = 0
  for (let n = 0; n < samples.length; n++) {
    const mask = valid[n]!
    if (mask === null || mask[pixel] !== 0) values[count++] = samples[n]![pixel]!
  }
  return count
}
