import type { Expression } from '../expression/expression.ts'
import type { TileFormat } from '../tile/format.ts'
import type { Tile } from '../tile/tile.ts'

/**
 * What images are made of: a registered search, a collection (with item filters) that is registered as one when first used, one item,
 * or one of its files.
 */
export type Layer =
  | { readonly kind: 'search'; readonly id: string }
  | { readonly kind: 'collection'; readonly id: string }
  /** One item of a collection, by its id. */
  | { readonly kind: 'item'; readonly collection: string; readonly id: string }
  /** One file of an item, by its asset's name. */
  | { readonly kind: 'asset'; readonly collection: string; readonly item: string; readonly id: string }

/** A layer of many items. */
export type MosaicLayer = Extract<Layer, { readonly kind: 'search' | 'collection' }>

/** False for an item and a file. */
export function isMosaic(layer: Layer): layer is MosaicLayer {
  return layer.kind === 'search' || layer.kind === 'collection'
}

/** The layer's name: no two layers share one. */
export function layerName(layer: Layer): string {
  return `${layer.kind}/${layerIds(layer).map(encodeURIComponent).join('/')}`
}

/** The ids that say which layer of its kind, the outermost first. */
export function layerIds(layer: Layer): readonly string[] {
  if (layer.kind === 'item') return [layer.collection, layer.id]
  return layer.kind === 'asset' ? [layer.collection, layer.item, layer.id] : [layer.id]
}

/** Kernels of a read without reprojection (titiler's `resampling`: RasterIO's). */
export const resamplings = [
  'nearest',
  'bilinear',
  'cubic',
  'cubic_spline',
  'lanczos',
  'average',
  'mode',
  'gauss',
  'rms',
] as const
export type Resampling = (typeof resamplings)[number]

/** Kernels of a warp (titiler's `reproject`: the warper's). */
export const reprojections = [
  'nearest',
  'bilinear',
  'cubic',
  'cubic_spline',
  'lanczos',
  'average',
  'mode',
  'max',
  'min',
  'med',
  'q1',
  'q3',
  'sum',
  'rms',
] as const
export type Reprojection = (typeof reprojections)[number]

export const pixelSelectionNames = [
  'first',
  'highest',
  'lowest',
  'mean',
  'median',
  'stdev',
  'lastbandlow',
  'lastbandhigh',
  'count',
] as const
export type PixelSelectionName = (typeof pixelSelectionNames)[number]

/** One value of `assets`: a name and the options behind it, at most one of which says what is read. */
export interface AssetSelection {
  readonly name: string
  /** `|bidx=`: 1-based bands in the order asked. */
  readonly bidx: readonly number[] | null
  /** `|bands=`: names the asset's metadata gives its bands. Goes before bidx. */
  readonly bands: readonly string[] | null
  /** `|expression=`: over the asset's own bands. Goes before both. */
  readonly expression: Expression | null
}

/** `algorithm` with its parameters complete and within their ranges. */
export interface AlgorithmCall {
  readonly name: string
  readonly parameters: Readonly<Record<string, number | null>>
}

/** A step of `color_formula` (rio-color's notation). `bands` are 0-based. */
export type ColorOperation =
  | { readonly kind: 'gamma'; readonly bands: readonly number[]; readonly gamma: number }
  | { readonly kind: 'sigmoidal'; readonly bands: readonly number[]; readonly contrast: number; readonly bias: number }
  | { readonly kind: 'saturation'; readonly proportion: number }

export type Rgba = readonly [red: number, green: number, blue: number, alpha: number]

/** `colormap_name` or `colormap`: a table by name, colours of single values, or colours of half-open intervals. */
export type Colormap =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'values'; readonly entries: readonly (readonly [value: number, color: Rgba])[] }
  | { readonly kind: 'intervals'; readonly entries: readonly (readonly [min: number, max: number, color: Rgba])[] }

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
  /** Bands are described by their asset's name; each asset must have one. */
  readonly assetAsBand: boolean
  /** Over the bands of all assets, in order. */
  readonly expression: Expression | null
  /** Overrides the files' own; NaN is a value like any other. */
  readonly nodata: number | null
  /** Apply the files' scale and offset; samples are then float32. */
  readonly unscale: boolean
  /** Kernel of a read without reprojection; also moves the overview choice (GDAL's threshold is 1.2 for nearest, 1 else). */
  readonly resampling: Resampling
  /** Kernel of the warp. */
  readonly reproject: Reprojection
  readonly pixelSelection: PixelSelectionName
  readonly algorithm: AlgorithmCall | null
  /** One pair for all bands, or one a band; empty = none. */
  readonly rescale: readonly (readonly [min: number, max: number])[]
  /** In order; empty = none. */
  readonly colorFormula: readonly ColorOperation[]
  readonly colormap: Colormap | null
  /** Add an alpha channel where the format has one. */
  readonly returnMask: boolean
  /** Width and height of the tile in pixels, the buffer apart. */
  readonly tileSize: number
  /** Pixels added on each side of the image, a multiple of 0.5. */
  readonly buffer: number
  /** Pixels read around the image and cut off again, so that kernels see beyond its edge. */
  readonly padding: number
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
