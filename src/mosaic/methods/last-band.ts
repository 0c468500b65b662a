import { TilepressError } from '../../errors.ts'
import { recycle, takeArray } from '../../raster/array-pool.ts'
import type { TypedArray } from '../../raster/data-type.ts'
import { convertRaster, promoteTypes } from '../../raster/promotion.ts'
import type { Raster } from '../../raster/raster.ts'
import { mergeMasks } from '../masks.ts'
import type { PixelSelection } from '../pixel-selection.ts'
import type { Rank } from './ranked.ts'

/**
 * Takes all bands of the raster whose last band is highest or lowest; the result is without that band. The last band's samples
 * are compared also where it is masked itself (rio-tiler's LastBandHighMethod, LastBandLowMethod).
 */
export class LastBand implements PixelSelection {
  readonly #rank: Rank
  readonly needsAll = true
  readonly isDone = false
  #mosaic: Raster | null = null

  constructor(rank: Rank) {
    this.#rank = rank
  }

  /** Throws RASTER_SHAPE_INVALID for a single band: nothing would be left. */
  feed(raster: Raster): void {
    const before = this.#mosaic
    if (raster.bands.length < 2) {
      throw new TilepressError(
        'RASTER_SHAPE_INVALID',
        'a pixel selection by the last band needs two bands or more; this mosaic has one',
      )
    }
    if (before === null) {
      this.#mosaic = raster
      return
    }
    const type = promoteTypes(before.dataType, raster.dataType)
    const mosaic = convertRaster(before, type)
    const rival = convertRaster(raster, type)
    const wins = this.#wins(mosaic.bands.at(-1)!, rival.bands.at(-1)!)
    for (const [b, band] of mosaic.bands.entries())
      replace(band, rival.bands[b]!, before.masks[b]!, raster.masks[b]!, wins)
    this.#mosaic = { ...mosaic, masks: mergeMasks(before.masks, raster.masks) }
    recycle([wins, ...raster.bands, ...rival.bands, ...raster.masks, ...before.masks])
    if (mosaic !== before) recycle(before.bands)
  }

  result(): Raster | null {
    if (this.#mosaic === null) return null
    const { bands, masks, bandNames, bandDescriptions } = this.#mosaic
    return {
      ...this.#mosaic,
      bands: bands.slice(0, -1),
      masks: masks.slice(0, -1),
      bandNames: bandNames.slice(0, -1),
      bandDescriptions: bandDescriptions.slice(0, -1),
    }
  }

  #wins(mosaic: TypedArray, rival: TypedArray): Uint8Array {
    const wins = takeArray('uint8', mosaic.length) as Uint8Array
    if (this.#rank === 'highest') for (let i = 0; i < wins.length; i++) wins[i] = rival[i]! > mosaic[i]! ? 1 : 0
    else for (let i = 0; i < wins.length; i++) wins[i] = rival[i]! < mosaic[i]! ? 1 : 0
    return wins
  }
}

function replace(
  to: TypedArray,
  from: TypedArray,
  known: Uint8Array | null,
  valid: Uint8Array | null,
  wins: Uint8Array,
): void {
  for (let i = 0; i < to.length; i++) {
    const missing = known !== null && known[i] === 0
    if (missing || (wins[i] !== 0 && (valid === null || valid[i] !== 0))) to[i] = from[i]!
  }
}
