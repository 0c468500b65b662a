import { createHash } from 'node:crypto'
import { type Query, type QueryRequest, toCanonicalQuery } from '../request/query-request.ts'
import { KEY_VERSION, layerKey, type TileKey } from './tile-key.ts'

/** A query of a layer in its present generation. */
export interface LayerQuery extends QueryRequest {
  readonly generation: number
  /** The layer's edition; 0 when absent. Part of the key: an answer has no place by which it could be found untouched. */
  readonly edition?: number
}

const hashes = new WeakMap<Query, string>()

/** The key of a query's answer, `v1/<layer>/<generation>[.<edition>]/<kind>/<hash>`: a pure function of the parsed request, as tileKey. */
export function queryKey({ layer, generation, edition = 0, query }: LayerQuery): TileKey {
  let hash = hashes.get(query)
  if (hash === undefined) {
    const canonical = JSON.stringify(toCanonicalQuery(query))
    hash = createHash('sha256').update(canonical).digest('hex').slice(0, 32)
    hashes.set(query, hash)
  }
  return `${KEY_VERSION}/${layerKey(layer)}/${edition === 0 ? generation : `${generation}.${edition}`}/${query.kind}/${hash}`
}
