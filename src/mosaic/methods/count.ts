import { recycleRasters, takeZeroes } from '../../raster/array-pool.ts'
import { castSamples } from '../../raster/cast.ts'
import type { Raster } from '../../raster/raster.ts'
import type { PixelSelection } from '../pixel-selection.ts'

/** From so many rasters on counts are 64-bit integers (rio-tiler's CountMethod). */
const MOST_IN_BYTES = 256

/** How many rasters are valid in their first band: one band, never masked, as 0 is a count. */
export class Count implements PixelSelection {
  readonly needsAll = true
  readonly isDone = false
  #first: Raster | null = null
  #counts: Uint16Array = new Uint16Array(0)
  #fed = 0

  feed(raster: Raster): void {
    if (this.#first === null) {
      this.#first = { ...raster, bands: [], masks: [] }
      this.#counts = takeZeroes('uint16', raster.width * raster.height) as Uint16Array
    }
    const counts = this.#counts
    const valid = raster.masks[0]!
    if (valid === null) for (let i = 0; i < counts.length; i++) counts[i]!++
    else for (let i = 0; i < counts.length; i++) counts[i]! += valid[i]! & 1
    this.#fed++
    recycleRasters(raster)
  }

  result(): Raster | null {
    if (this.#first === null) return null
    const dataType = this.#fed < MOST_IN_BYTES ? 'uint8' : 'int64'
    const { bandNames, bandDescriptions } = this.#first
    return {
      ...this.#first,
      dataType,
      bands: [castSamples(this.#counts, 'uint16', dataType)],
      masks: [null],
      bandNames: bandNames.slice(0, 1),
      bandDescriptions: bandDescriptions.slice(0, 1),
    }
  }
}
