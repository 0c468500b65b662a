import type { TypedArray } from '../raster/data-type.ts'
import type { Window } from './source-window.ts'

/** One asset's pixels as the plan wants them; the samples outside the file's masks are unspecified. */
export interface SourceBlock {
  readonly window: Window
  /** In the order of the read's bands. */
  readonly bands: readonly TypedArray[]
  /** The file's other bands, where nodata is a matter of all of them (kernels of more than one sample). */
  readonly otherBands: readonly TypedArray[]
  /** The file's alpha band or mask, null when the read doesn't need it. */
  readonly mask: TypedArray | null
}
