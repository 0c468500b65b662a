import type { Raster } from '../raster/raster.ts'

/** A raster ready to become an image, with what its colormap says about transparency. */
export interface Coloured {
  readonly raster: Raster
  /** 0 where the raster is masked, a colour's alpha elsewhere; null = 255 wherever it is not masked. */
  readonly alpha: Uint8Array | null
}
