import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import type { DataType, TypedArray } from './data-type.ts'

/**
 * The value that travels from the reader to the encoder: band-major samples with a mask apart from the data.
 *
 * `bands[b]` and `masks[b]` hold width × height samples, row by row from the top left. A mask sample is 255 where the
 * band is valid and 0 where it is masked; `null` says that every sample is valid. Bands that share a mask share the array.
 */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly dataType: DataType
  readonly bands: readonly TypedArray[]
  readonly masks: readonly (Uint8Array | null)[]
  /** In units of `crs`. */
  readonly bounds: Bounds
  readonly crs: Crs
  /** `b1`, `b2`, … over all requested assets. */
  readonly bandNames: readonly string[]
  /** What each band shows: the file's description of it or `b1` …, behind its asset's name. */
  readonly bandDescriptions: readonly string[]
}
