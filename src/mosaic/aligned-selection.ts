import { TilepressError } from '../errors.ts'
import { recycleRasters } from '../raster/array-pool.ts'
import type { Raster } from '../raster/raster.ts'
import { resizeNearest } from '../raster/resize.ts'
import type { PixelSelection } from './pixel-selection.ts'

/** Feeds a method with rasters that have the first one's bands and size: another number of bands is refused, another size resized. */
export class AlignedSelection implements PixelSelection {
  readonly #method: PixelSelection
  #shape: { readonly bands: number; readonly width: number; readonly height: number } | null = null

  constructor(method: PixelSelection) {
    this.#method = method
  }

  get needsAll(): boolean {
    return this.#method.needsAll
  }

  get isDone(): boolean {
    return this.#method.isDone
  }

  feed(raster: Raster): void {
    const bands = raster.bands.length
    this.#shape ??= { bands, width: raster.width, height: raster.height }
    if (bands !== this.#shape.bands) {
      throw new TilepressError(
        'RASTER_SHAPE_INVALID',
        `the mosaic's images have ${this.#shape.bands} and ${bands} bands`,
      )
    }
    const aligned = resizeNearest(raster, this.#shape.width, this.#shape.height)
    if (aligned !== raster) recycleRasters(raster)
    this.#method.feed(aligned)
  }

  result(): Raster | null | Promise<Raster | null> {
    return this.#method.result()
  }
}
