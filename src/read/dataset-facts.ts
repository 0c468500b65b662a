import type { DataType } from '../raster/data-type.ts'
import type { Crs } from '../tile/crs.ts'

/** Affine georeferencing as GDAL has it: x = g0 + column·g1 + row·g2, y = g3 + column·g4 + row·g5. */
export type GeoTransform = readonly [number, number, number, number, number, number]

export interface Size {
  readonly width: number
  readonly height: number
}

export interface BandFacts {
  readonly dataType: DataType
  readonly nodata: number | null
  readonly scale: number
  readonly offset: number
  /** Bits of a sample that are in use, where the file says so. */
  readonly bits: number | null
  readonly description: string | null
  readonly colorInterpretation: string
}

/** How a file says which of its pixels are valid, besides nodata: every pixel is, by an alpha band, or by one mask for all bands. */
export type MaskKind = 'none' | 'alpha' | 'dataset'

/** What GDAL's kernels without reprojection leave out: by GDALRasterBand::GetMaskBand, the file's mask before nodata before alpha. */
export type KernelMask = 'none' | 'nodata' | 'alpha' | 'dataset'

/** What a plan needs of a file; read once when it is opened. */
export interface DatasetFacts extends Size {
  /** The facts are of the raster that stands in for a file of ground control points. */
  readonly placedByPoints: boolean
  /** Null for a file placed by ground control points. */
  readonly geoTransform: GeoTransform | null
  /** Null when the file names none. */
  readonly crs: Crs | null
  readonly bands: readonly BandFacts[]
  /** 1-based; null when there is none. */
  readonly alphaBand: number | null
  readonly maskKind: MaskKind
  readonly kernelMask: KernelMask
  /** The first band's, as GDAL has it. */
  readonly nodata: number | null
  /** Of the first band by level + 1: red, green, blue and alpha of each entry in turn. An overview may lack its file's. */
  readonly palettes: readonly (Uint8Array | null)[]
  readonly blockSize: Size
  /** In file order, largest first. */
  readonly overviews: readonly Size[]
  /** Of the mask for all bands. */
  readonly maskOverviews: readonly Size[]
  /** One block holds all bands, so that decoding one band's block fills GDAL's cache for the others. */
  readonly pixelInterleaved: boolean
}

/** Size of the file (level −1) or of one of its overviews. */
export function levelSize(facts: DatasetFacts, level: number): Size {
  return facts.overviews[level] ?? facts
}

export function paletteOf(facts: DatasetFacts, level: number): Uint8Array | null {
  return facts.palettes[level + 1] ?? null
}

/** Facts of a file with a place on earth: an affine transform and a coordinate reference system. */
export type PlacedFacts = DatasetFacts & { readonly geoTransform: GeoTransform; readonly crs: Crs }

export function isPlaced(facts: DatasetFacts): facts is PlacedFacts {
  return facts.geoTransform !== null && facts.crs !== null
}

/** Facts of a file whose first row is the northernmost and whose columns run east: what a read without a warp takes. */
export type NorthUpFacts = PlacedFacts

export function isNorthUp(facts: DatasetFacts): facts is NorthUpFacts {
  if (!isPlaced(facts) || !isAxisAligned(facts)) return false
  const [, stepX, , , , stepY] = facts.geoTransform
  return stepX > 0 && stepY < 0
}

/** Whether x depends on the column alone and y on the row alone. */
export function isAxisAligned(facts: PlacedFacts): boolean {
  const [, , rotationX, , rotationY] = facts.geoTransform
  return rotationX === 0 && rotationY === 0
}
