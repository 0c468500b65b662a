import { recycle } from '../../raster/array-pool.ts'
import type { TypedArray } from '../../raster/data-type.ts'
import { convertRaster, promoteTypes } from '../../raster/promotion.ts'
import type { Raster } from '../../raster/raster.ts'
import { mergeMasks } from '../masks.ts'
import type { PixelSelection } from '../pixel-selection.ts'

export type Rank = 'highest' | 'lowest'

/**
 * Takes each band's highest or lowest valid sample. Of equal ones the first stays; NaN neither replaces nor is replaced. Where the
 * mosaic is masked it takes the new sample even if that is masked too (rio-tiler's HighestMethod, LowestMethod).
 */
export class Ranked implements PixelSelection {
  readonly #rank: Rank
  readonly needsAll = true
  readonly isDone = false
  #mosaic: Raster | null = null

  constructor(rank: Rank) {
    this.#rank = rank
  }

  feed(raster: Raster): void {
    const before = this.#mosaic
    if (before === null) {
      this.#mosaic = raster
      return
    }
    const type = promoteTypes(before.dataType, raster.dataType)
    const mosaic = convertRaster(before, type)
    const rival = convertRaster(raster, type)
    const replace = this.#rank === 'highest' ? replaceLower : replaceHigher
    for (const [b, band] of mosaic.bands.entries()) replace(band, rival.bands[b]!, before.masks[b]!, raster.masks[b]!)
    this.#mosaic = { ...mosaic, masks: mergeMasks(before.masks, raster.masks) }
    recycle([...raster.bands, ...rival.bands, ...raster.masks, ...before.masks])
    if (mosaic !== before) recycle(before.bands)
  }

  result(): Raster | null {
    return this.#mosaic
  }
}

function replaceLower(to: TypedArray, from: TypedArray, known: Uint8Array | null, valid: Uint8Array | null): void {
  for (let i = 0; i < to.length; i++) {
    if (known !== null && known[i] === 0) to[i] = from[i]!
    else if (from[i]! > to[i]! && (valid === null || valid[i] !== 0)) to[i] = from[i]!
  }
}

function replaceHigher(to: TypedArray, from: TypedArray, known: Uint8Array | null, valid: Uint8Array | null): void {
  for (let i = 0; i < to.length; i++) {
    if (known !== null && known[i] === 0) to[i] = from[i]!
    else if (from[i]! < to[i]! && (valid === null || valid[i] !== 0)) to[i] = from[i]!
  }
}
