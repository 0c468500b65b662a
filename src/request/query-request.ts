import type { StatisticsOptions } from '../statistics/band-statistics.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import type { TileFormat } from '../tile/format.ts'
import type { AreaGeometry } from './area-geometry.ts'
import { type CanonicalParameters, fromCanonical, toCanonical } from './canonical.ts'
import type { Layer, RenderParameters } from './tile-request.ts'

/** Pixels of an image. `maxSize` bounds the longer side and counts only without width and height. */
export interface OutputSize {
  readonly maxSize: number | null
  readonly width: number | null
  readonly height: number | null
}

/** Values of the assets under a point. */
export interface PointQuery {
  readonly kind: 'point'
  readonly x: number
  readonly y: number
  /** Of x and y. */
  readonly crs: Crs
  readonly render: RenderParameters
}

/** A part of the earth, in the coordinates of the query's `crs`. */
export type Area =
  /** All of a file. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'box'; readonly bounds: Bounds }
  /** Pixels that it does not touch are masked. */
  | { readonly kind: 'geometry'; readonly geometry: AreaGeometry }

/** An image of an area: preview, bbox and feature. */
export interface ImageQuery {
  readonly kind: 'image'
  readonly area: Area
  /** Of the area. */
  readonly crs: Crs
  /** Of the image; null: the file's own. */
  readonly targetCrs: Crs | null
  readonly size: OutputSize
  readonly render: RenderParameters
  readonly format: TileFormat
}

/** Statistics of all of an item, or of areas, each pixel weighted by the share they cover. */
export interface StatisticsQuery {
  readonly kind: 'statistics'
  /** Null: all of an item or file. */
  readonly areas: readonly AreaGeometry[] | null
  /** Of the areas. */
  readonly crs: Crs
  /** Of the pixels; null: that of the areas, or the file's own. */
  readonly targetCrs: Crs | null
  readonly size: OutputSize
  readonly render: RenderParameters
  /** Cells along a side of a pixel, by which coverage is estimated. */
  readonly coverScale: number
  /** Of each asset by itself, `{asset: {b1: …}}`. */
  readonly perAsset?: true
  readonly options: StatisticsOptions
}

/** What the files of an item are. */
export interface InfoQuery {
  readonly kind: 'info'
  /** Names, of a file's layer its own alone. */
  readonly assets: readonly string[]
  /** As properties of a GeoJSON feature, its box in this system; null: by themselves. */
  readonly geojsonCrs: Crs | null
}

/** At which zooms a file of an item is meant to be seen, and where it lies. */
export interface ZoomsQuery {
  readonly kind: 'zooms'
  readonly asset: string
  readonly tileMatrixSetId: string
}

/** What may be asked of a layer besides its tiles: parsed once at the door, canonical, the job's payload as it is. */
export type Query = PointQuery | ImageQuery | StatisticsQuery | InfoQuery | ZoomsQuery

export interface QueryRequest {
  readonly layer: Layer
  readonly query: Query
}

type Canonical<Q> = Q extends { readonly render: RenderParameters }
  ? Omit<Q, 'render'> & { readonly render: CanonicalParameters }
  : Q

/** A query as JSON-safe data with every field in one order: what is hashed for the key and what travels in a job. */
export type CanonicalQuery = Canonical<Query>

export function toCanonicalQuery(query: Query): CanonicalQuery {
  return 'render' in query ? { ...query, render: toCanonical(query.render) } : query
}

export function fromCanonicalQuery(query: CanonicalQuery): Query {
  return 'render' in query ? { ...query, render: fromCanonical(query.render) } : query
}
