import type { Raster } from '../raster/raster.ts'
import type { PixelSelectionName } from '../request/tile-request.ts'
import { AlignedSelection } from './aligned-selection.ts'
import { Count } from './methods/count.ts'
import { First } from './methods/first.ts'
import { LastBand } from './methods/last-band.ts'
import { Mean } from './methods/mean.ts'
import { Median } from './methods/median.ts'
import { Ranked } from './methods/ranked.ts'
import { StandardDeviation } from './methods/standard-deviation.ts'

/** Merges rasters of one grid, fed in the search's order, into one. It owns what it is fed: it may change it, and recycles it. */
export interface PixelSelection {
  /**
   * Throws RASTER_SHAPE_INVALID when the raster has another number of bands than the first, PARAMETER_INVALID when keeping all
   * of them would take too much memory.
   */
  feed(raster: Raster): void
  /** Every raster counts: it is never done. */
  readonly needsAll: boolean
  /** Nothing that is fed from now on can change the result. */
  readonly isDone: boolean
  /** Null when nothing was fed. Called once. */
  result(): Raster | null | Promise<Raster | null>
}

/** Every method on offer, made for at most so many rasters; a new one is a file in methods/ and a line here. */
const methods: Record<PixelSelectionName, (mostRasters: number) => PixelSelection> = {
  first: () => new First(),
  highest: () => new Ranked('highest'),
  lowest: () => new Ranked('lowest'),
  mean: () => new Mean(),
  median: (mostRasters) => new Median(mostRasters),
  stdev: (mostRasters) => new StandardDeviation(mostRasters),
  lastbandlow: () => new LastBand('lowest'),
  lastbandhigh: () => new LastBand('highest'),
  count: () => new Count(),
}

/** `mostRasters`: how many may be fed; only the methods that keep them all ask. */
export function createPixelSelection(name: PixelSelectionName, mostRasters = 1): PixelSelection {
  return new AlignedSelection(methods[name](mostRasters))
}
