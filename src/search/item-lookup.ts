import { LRUCache } from 'lru-cache'
import { TilepressError } from '../errors.ts'
import type { Queryable } from './database.ts'

/** A STAC item as pgSTAC gives it, what its collection says for all its items included. */
export type StacItem = Readonly<Record<string, unknown>> & { readonly id: string; readonly collection: string }

/** Single items by their ids. */
export interface ItemLookup {
  /** `edition`: what was asked for an earlier one will not do. Throws ITEM_NOT_FOUND, DATABASE_UNAVAILABLE. */
  get(collection: string, id: string, edition?: number): Promise<StacItem>
}

/** Longer ids are in no catalogue; PostgreSQL's text has no NUL. */
const isId = (id: string) => id.length > 0 && id.length <= 1_024 && !id.includes('\0')

/** Items kept; one has some 10 kB. */
const KEPT = 500

/**
 * Asks pgSTAC with its get_item, which writes nothing (its search() counts each use). An item is kept for `ttlMs`; who asks while it is
 * asked for shares the answer; failures are not kept.
 */
export function createItemLookup(database: Queryable, ttlMs: number): ItemLookup {
  const known = new LRUCache<string, Promise<StacItem>>({ max: KEPT, ttl: ttlMs })

  async function ask(collection: string, id: string): Promise<StacItem> {
    const [row] =
      isId(collection) && isId(id)
        ? await database.query<{ item: StacItem | null }>('SELECT get_item($1, $2) AS item', [id, collection])
        : []
    if (row?.item) return row.item
    throw new TilepressError('ITEM_NOT_FOUND', `no item ${id.slice(0, 64)} in collection ${collection.slice(0, 64)}`)
  }

  return {
    get(collection, id, edition = 0) {
      const key = JSON.stringify([collection, id, edition])
      const present = known.get(key)
      if (present) return present
      const asked = ask(collection, id)
      known.set(key, asked)
      asked.catch(() => {
        if (known.peek(key) === asked) known.delete(key)
      })
      return asked
    },
  }
}
