import type { Context } from 'koa'
import { describe, expect, test } from 'vitest'
import { layerOf } from '../../apps/api/layer.ts'
import { publicUrl } from '../../apps/api/public-url.ts'
import { createWriteAccess } from '../../apps/api/write-access.ts'
import { TilepressError } from '../../src/errors.ts'

function codeOf(call: () => unknown): string | null {
  try {
    call()
    return null
  } catch (thrown) {
    if (thrown instanceof TilepressError) return thrown.code
    throw thrown
  }
}

/** As much of a Koa context as is looked at here. */
function context(parts: { key?: string; protocol?: string; host?: string }): Context {
  return { get: () => parts.key ?? '', protocol: parts.protocol, host: parts.host } as unknown as Context
}

describe('the right to write', () => {
  const ask = (keys: readonly string[], localMode: boolean, key?: string) => {
    return codeOf(() => createWriteAccess(keys, localMode)(context(key === undefined ? {} : { key })))
  }

  test('has nobody without configured keys, but everybody on a developer’s machine', () => {
    expect(ask([], false)).toBe('WRITE_CLOSED')
    expect(ask([], false, 'any')).toBe('WRITE_CLOSED')
    expect(ask([], true)).toBeNull()
  })

  test('has the holder of any configured key, also on a developer’s machine nobody else', () => {
    for (const localMode of [false, true]) {
      for (const key of ['one', 'two']) expect(ask(['one', 'two'], localMode, key)).toBeNull()
      for (const key of [undefined, '', 'One', 'one ', 'onetwo', 'one,two']) {
        expect(ask(['one', 'two'], localMode, key)).toBe('KEY_REQUIRED')
      }
    }
  })
})

describe('a layer’s id', () => {
  test('of a search is 32 or 64 hexadecimal digits, as pgSTAC makes them', () => {
    for (const id of ['a'.repeat(32), '0123456789abcdef'.repeat(4)]) {
      expect(layerOf('search', { layer: id })).toEqual({ kind: 'search', id })
    }
    for (const id of ['', 'a'.repeat(31), 'A'.repeat(32), 'g'.repeat(32), `${'a'.repeat(32)}\n`, 'a'.repeat(48)]) {
      expect(codeOf(() => layerOf('search', { layer: id }))).toBe('SEARCH_NOT_FOUND')
    }
  })

  test('of a collection is any text of reasonable length without control characters', () => {
    for (const id of ['sentinel-2-l2a', 'имя', 'a b/c?d', 'x'.repeat(256)]) {
      expect(layerOf('collection', { layer: id })).toEqual({ kind: 'collection', id })
    }
    for (const id of ['x'.repeat(257), 'a\0b', 'a\nb']) {
      expect(codeOf(() => layerOf('collection', { layer: id }))).toBe('COLLECTION_NOT_FOUND')
    }
  })
})

test('the address clients see is the configured one, else that of the request', () => {
  const asked = context({ protocol: 'http', host: 'inner:8000' })
  expect(publicUrl(asked, undefined)).toBe('http://inner:8000')
  expect(publicUrl(asked, 'https://tiles.example/base/')).toBe('https://tiles.example/base')
})
