import { describe, expect, test } from 'vitest'
import { createStoredTile, deserializeTile, entityTag, serializeTile } from '../../src/cache/stored-tile.ts'

const body = Buffer.from([1, 2, 3, 0, 255])
const image = createStoredTile(
  { outcome: 'image', contentType: 'image/png', body },
  'items_limit',
  1234,
  1_795_353_377_000,
)
const empty = createStoredTile({ outcome: 'empty' }, null, 1234)

describe('a stored tile', () => {
  test.each([
    ['image', image],
    ['empty', empty],
  ] as const)('that is %s survives the way to Redis and back', (_, tile) => {
    expect(deserializeTile(serializeTile(tile))).toEqual(tile)
  })

  test('has a strong quoted tag of its bytes', () => {
    expect(image.etag).toMatch(/^"[\w-]{22}"$/)
    expect(entityTag(body)).toBe(entityTag(Buffer.from(body)))
    expect(entityTag(Buffer.from('a'))).not.toBe(entityTag(Buffer.from('b')))
  })

  test('that is damaged anywhere is a miss, or the very same image, but never another thing', () => {
    const bytes = serializeTile(image)
    for (let length = 0; length < bytes.length - body.length; length++) {
      expect(deserializeTile(bytes.subarray(0, length))).toBeNull()
    }
    for (let at = 0; at < bytes.length - body.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] = 0x20
      const tile = deserializeTile(damaged)
      if (tile) expect(tile.outcome).toBe('image')
    }
    for (const text of ['', 'TP1\n', 'TP2\nxxxx', '{"a":1}']) expect(deserializeTile(Buffer.from(text))).toBeNull()
  })
})
