import type { Crs } from '../tile/crs.ts'
import { type CanonicalParameters, fromCanonical, toCanonical } from './canonical.ts'
import type { Layer, RenderParameters } from './tile-request.ts'

/** Values of the assets under a point. */
export interface PointQuery {
  readonly kind: 'point'
  readonly x: number
  readonly y: number
  /** Of x and y. */
  readonly crs: Crs
  readonly render: RenderParameters
}

/** What may be asked of a layer besides its tiles: parsed once at the door, canonical, the job's payload as it is. */
export type Query = PointQuery

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
  return { ...query, render: toCanonical(query.render) }
}

export function fromCanonicalQuery(query: CanonicalQuery): Query {
  return { ...query, render: fromCanonical(query.render) }
}
