import type { DataType, TypedArray } from '../raster/data-type.ts'
import type { Resampling } from '../request/tile-request.ts'
import type { Size } from './dataset-facts.ts'
import type { PlainAxis, PlainPart } from './plain-plan.ts'
import type { AxisMap, Chunk } from './resample-axis.ts'

/** Colours of a palette by index: red, green, blue, alpha of each entry in turn. */
export type Palette = Uint8Array

/** Kernels that compute; nearest only copies. */
export type ComputedResampling = Exclude<Resampling, 'nearest'>

/** What is resampled, and onto what. */
export interface ResampleJob {
  readonly kernel: ComputedResampling
  /** Source samples, row by row: `place.width` to a row, the first of them level pixel (place.x, place.y). */
  readonly source: TypedArray
  /** Beside the source: 0 is invalid; kernels that weigh by distance also weigh by it. Null: everything is valid. */
  readonly mask: Uint8Array | null
  readonly place: { readonly x: number; readonly y: number; readonly width: number }
  readonly x: PlainAxis
  readonly y: PlainAxis
  /** Bands resampled together keep the larger of both axes' margins. */
  readonly sharedMargin: boolean
  /** Width of the level's blocks. */
  readonly blockWidth: number
  readonly type: DataType
  /** Given to pixels without a valid sample, and taken by no other. */
  readonly nodata: number | null
  /** Largest value of a type's unused bits; null when it uses all. */
  readonly most: number | null
  /** Average, rms and gauss then mix colours and look for the entry nearest to the result. */
  readonly palette: Palette | null
  /** Only chunks that start in these grid pixels, counted from the axes' first; null: all. */
  readonly pass: PlainPart['pass']
  /** Filled in [start, end) of both axes. */
  readonly target: TypedArray
  readonly size: Size
}

/** A part of a job: grid pixels columns × rows, of the level pixels that GDAL reads for them. */
export interface ResampleChunk {
  readonly job: ResampleJob
  readonly across: AxisMap
  readonly down: AxisMap
  readonly columns: Chunk
  readonly rows: Chunk
  /** As the job's; null also where all of the chunk is equally valid. */
  readonly mask: Uint8Array | null
}

/** Offset in the source of level pixel (`columns.from`, row). */
export function sourceRow({ job: { place }, columns }: ResampleChunk, row: number): number {
  return (row - place.y) * place.width + columns.from - place.x
}

/** Offset in the target of grid pixel (`columns.start`, row). */
export function targetRow({ job: { x, y, size }, columns }: ResampleChunk, row: number): number {
  return (y.start + row) * size.width + x.start + columns.start
}
