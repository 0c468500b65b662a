import { LRUCache } from 'lru-cache'
import { entityTag } from '../../src/cache/stored-tile.ts'
import type { StoredTile } from '../../src/cache/tile-cache.ts'
import type { EmptyAnswer } from '../../src/config.ts'
import { transparentImage } from '../../src/encode/transparent-image.ts'
import { oneOf } from '../../src/request/query-values.ts'
import type { Layer } from '../../src/request/tile-request.ts'
import type { TileFormat } from '../../src/tile/format.ts'

export const emptyAnswers = ['204', 'image', '404'] as const satisfies readonly EmptyAnswer[]

const given = /(?:^|&)empty=/

/**
 * What an empty tile is answered with. Only mosaics have empty tiles by themselves: an item or a file is asked in vain (titiler: 404), unless
 * the query wants it otherwise. Throws PARAMETER_INVALID.
 */
export function emptyAnswerOf(querystring: string, kind: Layer['kind'], fallback: EmptyAnswer): EmptyAnswer | null {
  if (given.test(querystring)) return oneOf(new URLSearchParams(querystring), 'empty', emptyAnswers, fallback)
  return kind === 'search' || kind === 'collection' ? fallback : null
}

/** Formats that hold data, not pictures: a picture in their place would be read as samples, so that their empty tiles stay 204. */
const dataFormats: readonly TileFormat[] = ['tif', 'tiff', 'npy', 'pngraw']

const images = new LRUCache<string, Pick<StoredTile, 'body' | 'etag'>>({ max: 16 })

/** The transparent PNG that stands for an empty tile, whatever picture was asked for: JPEG has no transparency. */
export function transparentTile(
  empty: StoredTile,
  width: number,
  height: number,
  format: TileFormat,
): StoredTile | null {
  if (dataFormats.includes(format)) return null
  const size = `${width} ${height}`
  let image = images.get(size)
  if (!image) {
    const body = transparentImage(width, height)
    image = { body, etag: entityTag(body) }
    images.set(size, image)
  }
  return { ...empty, ...image, contentType: 'image/png' }
}
