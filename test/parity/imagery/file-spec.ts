/** How a file says which of its samples count. */
export type Validity =
  | { readonly kind: 'all' }
  | { readonly kind: 'nodata'; readonly value: number }
  /** A last band: 0 or the type's maximum, or in between as well. */
  | { readonly kind: 'alpha'; readonly gradient: boolean }
  /** Inside the TIFF, for all bands. */
  | { readonly kind: 'mask' }

export type SampleType = 'Byte' | 'UInt16' | 'Int16' | 'UInt32' | 'Int32' | 'Float32' | 'Float64'

/** Where a file lies: CRS as GDAL reads it, top left corner, pixel size in the CRS's units, columns and rows. */
export interface Place {
  readonly crs: string
  readonly origin: readonly [x: number, y: number]
  readonly pixel: number
  readonly size: readonly [width: number, height: number]
  /** Both skew terms of the geotransform, in units per pixel. */
  readonly skew?: number
  /** The corners and the middle as ground control points, in place of the geotransform. */
  readonly groundControlPoints?: boolean
}

/** A file of the matrix. The same spec gives the same bytes with the same GDAL. */
export interface FileSpec {
  readonly name: string
  readonly place: Place
  readonly type: SampleType
  /** Without alpha. */
  readonly bands: number
  readonly validity: Validity
  /** Reductions; none where empty. */
  readonly overviews: readonly number[]
  readonly seed: number
  readonly palette?: boolean
  readonly scaleOffset?: readonly [scale: number, offset: number]
  readonly descriptions?: readonly string[]
  /** Wide areas without a block in the file. */
  readonly sparse?: boolean
  readonly compression?: 'NONE' | 'DEFLATE' | 'LZW' | 'JPEG' | 'ZSTD'
  /** Side of a block; strips of 16 rows where 0. */
  readonly block?: number
  readonly interleave?: 'PIXEL' | 'BAND'
  /** Few different values, in patches: for the most frequent value, colormaps and categories. */
  readonly classes?: number
}

/** Lowest and highest valid sample by type; none of them is a nodata value in use. */
export const valueRanges: Readonly<Record<SampleType, readonly [number, number]>> = {
  Byte: [1, 255],
  UInt16: [100, 12_000],
  Int16: [-2_000, 6_000],
  UInt32: [10, 4_000_000],
  Int32: [-100_000, 400_000],
  Float32: [-50, 150],
  Float64: [-1_000, 1_000],
}
