import { TilepressError } from '../../src/errors.ts'
import type { Layer, MosaicLayer } from '../../src/request/tile-request.ts'

/** pgSTAC's hashes: 32 hex digits (md5, up to 0.10.0) or 64 (sha256, after it); anything else cannot be a search. */
const SEARCH_ID = /^[0-9a-f]{32}([0-9a-f]{32})?$/

const LONGEST_ID = 256

type Path = Readonly<Record<string, string>>

/** The layer that a path names by `:layer`. Throws SEARCH_NOT_FOUND, COLLECTION_NOT_FOUND for what cannot be one. */
export function mosaicOf(kind: MosaicLayer['kind'], path: Path): MosaicLayer {
  const id = path.layer ?? ''
  if (kind === 'search' && !SEARCH_ID.test(id))
    throw new TilepressError('SEARCH_NOT_FOUND', `search ${id.slice(0, 64)} is not registered`)
  if (kind === 'collection' && !isId(id)) throw new TilepressError('COLLECTION_NOT_FOUND', 'no such collection')
  return { kind, id }
}

/** The layer of a path, for an item by `:layer` and `:item`, for a file by `:asset` as well. Throws also ITEM_NOT_FOUND, ASSET_NAME_INVALID. */
export function layerOf(kind: Layer['kind'], path: Path): Layer {
  if (kind === 'search' || kind === 'collection') return mosaicOf(kind, path)
  const { layer: collection = '', item = '', asset = '' } = path
  if (!isId(collection) || !isId(item)) throw new TilepressError('ITEM_NOT_FOUND', 'no such item')
  if (kind === 'item') return { kind, collection, id: item }
  if (!isId(asset)) throw new TilepressError('ASSET_NAME_INVALID', 'no such asset')
  return { kind, collection, item, id: asset }
}

function isId(id: string): boolean {
  return id.length > 0 && id.length <= LONGEST_ID && !/\p{Cc}/u.test(id)
}
