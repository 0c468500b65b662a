import { TilepressError } from '../../src/errors.ts'
import type { Layer } from '../../src/request/tile-request.ts'

/** pgSTAC's hashes: 32 hex digits (md5, up to 0.10.0) or 64 (sha256, after it); anything else cannot be a search. */
const SEARCH_ID = /^[0-9a-f]{32}([0-9a-f]{32})?$/

const LONGEST_COLLECTION_ID = 256

/** The layer that a path's `:layer` names. Throws SEARCH_NOT_FOUND, COLLECTION_NOT_FOUND for what cannot be one. */
export function layerOf(kind: Layer['kind'], path: Readonly<Record<string, string>>): Layer {
  const id = path.layer ?? ''
  if (kind === 'search' && !SEARCH_ID.test(id))
    throw new TilepressError('SEARCH_NOT_FOUND', `search ${id.slice(0, 64)} is not registered`)
  if (kind === 'collection' && (id.length > LONGEST_COLLECTION_ID || /\p{Cc}/u.test(id))) {
    throw new TilepressError('COLLECTION_NOT_FOUND', 'no such collection')
  }
  return { kind, id }
}
