import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { decodeFailure, decodeNews, encodeNews, type TileNews } from '../../src/queue/tile-channel.ts'

describe('news of a tile', () => {
  test.each<[string, TileNews]>([
    ['cached', { kind: 'cached' }],
    ['bytes', { kind: 'bytes', bytes: Buffer.from([0, 1, 255]) }],
    ['a failure', { kind: 'failed', error: new TilepressError('ASSET_UNREADABLE', 'an asset cannot be read') }],
  ])('that is %s survives the way through Redis', (_, news) => {
    const heard = decodeNews(encodeNews(news))
    expect(heard).toEqual(news)
    if (news.kind === 'failed' && heard?.kind === 'failed') expect(heard.error.code).toBe(news.error.code)
  })

  test('carries of a failure only code and detail', () => {
    const error = new TilepressError('ASSET_UNREADABLE', 'd', {
      cause: new Error('/secret/path'),
      context: { href: 'x' },
    })
    expect(encodeNews({ kind: 'failed', error }).toString()).toBe('E{"code":"ASSET_UNREADABLE","detail":"d"}')
  })

  test.each(['', 'X', 'E', 'E{', 'Enull', 'E{"code":"NOPE","detail":""}', 'E{"code":"INTERNAL"}'])(
    'that nobody of ours wrote ("%s") is none',
    (text) => {
      expect(decodeNews(Buffer.from(text))).toBeNull()
    },
  )

  test('does not take a name of Object’s prototype for a code', () => {
    expect(decodeFailure('{"code":"toString","detail":"x"}')).toBeNull()
  })
})
