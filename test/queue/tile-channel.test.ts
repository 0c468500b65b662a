import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { decodeFailure, decodeNews, encodeNews, type TileNews } from '../../src/queue/tile-channel.ts'

describe('news of a tile', () => {
  test.each<[string, TileNews]>([
    ['cached', { kind: 'cached' }],
    ['bytes', { kind: 'bytes', bytes: Buffer.from([0, 1, 255]) }],
    ['a failure', { kind: 'failed', error: new TilepressError('ASSET_UNREADABLE', 'an asset cannot be read') }],
  ])('that is %s survives the way through Redis', (_, news) => {
    const heard = decodeNews(encodeNews('v1/a/0/1/2', news))
    expect(heard).toEqual({ key: 'v1/a/0/1/2', news })
    if (news.kind === 'failed' && heard?.news.kind === 'failed') expect(heard.news.error.code).toBe(news.error.code)
  })

  test('carries of a failure only code and detail', () => {
    const error = new TilepressError('ASSET_UNREADABLE', 'd', {
      cause: new Error('/secret/path'),
      context: { href: 'x' },
    })
    expect(encodeNews('k', { kind: 'failed', error }).toString()).toBe('Ek\n{"code":"ASSET_UNREADABLE","detail":"d"}')
  })

  test.each([
    '',
    'X',
    '\n',
    'Kk',
    'Xk\n',
    'Ek\n',
    'Ek\n{',
    'Ek\nnull',
    'Ek\n{"code":"NOPE","detail":""}',
    'Ek\n{"code":"INTERNAL"}',
  ])('that nobody of ours wrote ("%s") is none', (text) => {
    expect(decodeNews(Buffer.from(text))).toBeNull()
  })

  test('does not take a name of Object’s prototype for a code', () => {
    expect(decodeFailure('{"code":"toString","detail":"x"}')).toBeNull()
  })
})
