import { TilepressError } from '../errors.ts'
import type { Raster } from '../raster/raster.ts'
import type { PixelSelectionName } from '../request/tile-request.ts'
import { First } from './methods/first.ts'

/** Merges rasters of one grid, fed in the search's order, into one. It owns what it is fed: it may change it, and recycles it. */
export interface PixelSelection {
  /** Throws RASTER_SHAPE_INVALID when the raster has another number of bands than the first. */
  feed(raster: Raster): void
  /** Nothing that is fed from now on can change the result. */
  readonly isDone: boolean
  /** Null when nothing was fed. */
  result(): Raster | null
}

/** Every method on offer; a new one is a file in methods/ and a line here. */
const methods: Partial<Record<PixelSelectionName, () => PixelSelection>> = {
  first: () => new First(),
}

export function createPixelSelection(name: PixelSelectionName): PixelSelection {
  const create = methods[name]
  if (create === undefined) throw new TilepressError('PARAMETER_INVALID', `pixel selection ${name} is not offered`)
  return create()
}
