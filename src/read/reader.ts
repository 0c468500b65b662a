import type { Raster } from '../raster/raster.ts'
import type { OutputSize } from '../request/query-request.ts'
import type { RenderParameters } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import type { OpenDataset } from './open-dataset.ts'

/** Where the pixels go: a rectangle of a coordinate reference system, cut into width × height pixels. */
export interface Grid {
  readonly crs: Crs
  readonly bounds: Bounds
  readonly width: number
  readonly height: number
  /** The bounds are those of the file itself, to the last bit: no window is computed from them. */
  readonly isWholeFile?: boolean
}

/** A place: x is east or longitude, y north or latitude. */
export interface Position {
  readonly x: number
  readonly y: number
  readonly crs: Crs
}

/** A part of a file on a grid that follows from the file: its resolution, and the size asked for. */
export interface Part {
  /** Null: the whole file. */
  readonly bounds: Bounds | null
  /** Of the bounds. */
  readonly crs: Crs
  /** Null: the file's own. */
  readonly targetCrs: Crs | null
  readonly size: OutputSize
  /** The edges move outwards to whole pixels of the file. */
  readonly aligned: boolean
}

/** The parameters of a read; the rest of RenderParameters is about what follows it. */
export type ReadParameters = Pick<RenderParameters, 'nodata' | 'resampling' | 'reproject'> &
  /** All `assets` of an image share what it may have of samples. */
  Partial<Pick<RenderParameters, 'padding' | 'unscale' | 'assets'>>

/** Reads one asset onto a grid. */
export interface Reader {
  /**
   * `bidx`: 1-based bands in the order wanted, null = all but alpha. Resolves to null when the file lies outside the grid.
   * Throws ASSET_REFUSED, ASSET_NOT_FOUND, ASSET_FORBIDDEN, ASSET_UNREADABLE, BAND_INVALID, STORAGE_*, TOKEN_UNAVAILABLE.
   */
  read(
    href: string,
    bidx: readonly number[] | null,
    grid: Grid,
    parameters: ReadParameters,
    signal: AbortSignal,
  ): Promise<Raster | null>
  /** A reader for what is rendered together: reads of one file begun in the same turn of the event loop are one. `signal` ends all. */
  together(signal: AbortSignal): Pick<Reader, 'read'>
  /** A part of the file, all masked where the file does not reach. Throws as `read`, and PARAMETER_INVALID for too large an image. */
  readPart(
    href: string,
    bidx: readonly number[] | null,
    part: Part,
    parameters: ReadParameters,
    signal: AbortSignal,
  ): Promise<Raster>
  /** The pixel at a position as a raster of one pixel, null when the position is not inside the file. Throws as `read`. */
  readPoint(
    href: string,
    bidx: readonly number[] | null,
    position: Position,
    parameters: ReadParameters,
    signal: AbortSignal,
  ): Promise<Raster | null>
  /** What `look`, which does not wait for anything, finds out about an open file. Throws as `read`. */
  inspect<T>(href: string, look: (dataset: OpenDataset) => T, signal: AbortSignal): Promise<T>
}

/** Turns a catalogue href into the name GDAL opens; the only maker of such names. Throws ASSET_REFUSED. */
export interface HrefResolver {
  resolve(href: string): string
}
