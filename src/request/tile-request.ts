import type { TileFormat } from '../tile/format.ts'
import type { Tile } from '../tile/tile.ts'

/** What a mosaic is made of: a registered search, or a collection (with item filters) that is registered as one when first used. */
export type Layer =
  | { readonly kind: 'search'; readonly id: string }
  | { readonly kind: 'collection'; readonly id: string }

/** RasterIO's kernels that are offered (titiler's `resampling` names). */
export const resamplings = ['nearest', 'bilinear'] as const
export type Resampling = (typeof resamplings)[number]

export const pixelSelectionNames = ['first'] as const
export type PixelSelectionName = (typeof pixelSelectionNames)[number]

export const tileSizes = [256, 512] as const
export type TileSize = (typeof tileSizes)[number]

/** One value of `assets`: a name and, from `|bidx=`, its 1-based bands in the order asked. */
export interface AssetSelection {
  readonly name: string
  readonly bidx: readonly number[] | null
}

/** How many items one image may look at and merge (pgSTAC's geojsonsearch arguments). */
export interface SearchLimits {
  readonly scanLimit: number
  readonly itemsLimit: number
  readonly timeLimitSeconds: number
  readonly exitWhenFull: boolean
  readonly skipCovered: boolean
}

/** Everything that decides an image's pixels but its place, with defaults resolved. */
export interface RenderParameters {
  readonly assets: readonly AssetSelection[]
  /** Overrides the files' own; NaN is a value like any other. */
  readonly nodata: number | null
  /** Kernel of a read without reprojection; also moves the overview choice (GDAL's threshold is 1.2 for nearest, 1 else). */
  readonly resampling: Resampling
  /** Kernel of the warp. */
  readonly reproject: Resampling
  readonly pixelSelection: PixelSelectionName
  /** One pair for all bands, or one a band; empty = none. */
  readonly rescale: readonly (readonly [min: number, max: number])[]
  readonly colormapName: string | null
  /** Add an alpha channel where the format has one. */
  readonly returnMask: boolean
  /** Width and height of the tile in pixels. */
  readonly tileSize: TileSize
  readonly limits: SearchLimits
}

/** A tile asked for, parsed once at the door; nobody parses again. */
export interface TileRequest {
  readonly layer: Layer
  readonly tileMatrixSetId: string
  readonly tile: Tile
  readonly render: RenderParameters
  readonly format: TileFormat
}
