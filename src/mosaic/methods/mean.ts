import { recycle, recycleRasters, takeArray, takeZeroes } from '../../raster/array-pool.ts'
import { castSamples } from '../../raster/cast.ts'
import type { DataType, TypedArray } from '../../raster/data-type.ts'
import { promoteTypes } from '../../raster/promotion.ts'
import type { Raster } from '../../raster/raster.ts'
import type { PixelSelection } from '../pixel-selection.ts'

/**
 * Mean of the valid samples, in the first raster's type (whole numbers are cut). Sums are kept instead of the rasters: in doubles,
 * of float32 in float32, which is what rio-tiler's MeanMethod gets by adding up the stack. A mean that is not finite is masked.
 */
export class Mean implements PixelSelection {
  readonly needsAll = true
  readonly isDone = false
  #first: Raster | null = null
  #type: DataType = 'uint8'
  #sums: TypedArray[] = []
  #counts: Uint16Array[] = []

  feed(raster: Raster): void {
    const pixels = raster.width * raster.height
    if (this.#first === null) {
      this.#first = { ...raster, bands: [], masks: [] }
      this.#type = raster.dataType
      this.#sums = raster.bands.map(() => takeZeroes(sumType(raster.dataType), pixels))
      this.#counts = raster.bands.map(() => takeZeroes('uint16', pixels) as Uint16Array)
    }
    this.#promote(raster.dataType)
    for (const [b, band] of raster.bands.entries()) add(band, raster.masks[b]!, this.#sums[b]!, this.#counts[b]!)
    recycleRasters(raster)
  }

  result(): Raster | null {
    if (this.#first === null) return null
    const { dataType } = this.#first
    const bands: TypedArray[] = []
    const masks: (Uint8Array | null)[] = []
    for (const [b, sums] of this.#sums.entries()) {
      const means = takeArray('float64', sums.length) as Float64Array
      masks.push(divide(sums, this.#counts[b]!, means))
      bands.push(castSamples(means, 'float64', dataType))
      recycle([means, sums, this.#counts[b]!])
    }
    return { ...this.#first, bands, masks }
  }

  #promote(type: DataType): void {
    const promoted = promoteTypes(this.#type, type)
    const before = sumType(this.#type)
    this.#type = promoted
    if (sumType(promoted) === before) return
    this.#sums = this.#sums.map((sums) => {
      const wider = castSamples(sums, before, sumType(promoted))
      recycle([sums])
      return wider
    })
  }
}

function sumType(type: DataType): DataType {
  return type === 'float32' ? 'float32' : 'float64'
}

function add(band: TypedArray, valid: Uint8Array | null, sums: TypedArray, counts: Uint16Array): void {
  for (let i = 0; i < sums.length; i++) {
    if (valid !== null && valid[i] === 0) continue
    sums[i]! += band[i]!
    counts[i]!++
  }
}

/** Writes the means, 0 where there is none; returns the mask. */
function divide(sums: TypedArray, counts: Uint16Array, means: Float64Array): Uint8Array | null {
  const mask = takeArray('uint8', sums.length) as Uint8Array
  let holes = 0
  for (let i = 0; i < means.length; i++) {
    const mean = sums[i]! / counts[i]!
    const valid = Number.isFinite(mean)
    means[i] = valid ? mean : 0
    mask[i] = valid ? 255 : 0
    if (!valid) holes++
  }
  if (holes > 0) return mask
  recycle([mask])
  return null
}
