import { describe, expect, test } from 'vitest'
import { matches, serverTiming } from '../../apps/api/http-cache.ts'

describe('If-None-Match', () => {
  const etag = '"abc-_9"'

  test.each([
    ['"abc-_9"', true],
    ['W/"abc-_9"', true],
    ['*', true],
    [' * ', true],
    ['"x", "abc-_9"', true],
    ['"x",W/"abc-_9","y"', true],
    ['"abc"', false],
    ['abc-_9', false],
    ['"x", "y"', false],
    ['', false],
    ['W/', false],
    ['"*"', false],
  ])('%s compares weakly with the tag: %s', (header, expected) => {
    expect(matches(header, etag)).toBe(expected)
  })
})

test('Server-Timing has a stage’s name and its milliseconds', () => {
  expect(serverTiming({ cache: 0.25, render: 61.284, total: 63 })).toBe(
    'cache;dur=0.3, render;dur=61.3, total;dur=63.0',
  )
})
