import { expect, test } from 'vitest'
import { secretsIn } from './secrets.ts'

test.each([
  'token eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL3N0In0.c2ln',
  'DefaultEndpointsProtocol=https;AccountKey=abc==;',
  'https://a.blob.core.windows.net/c/x.tif?sv=2024&sig=abc%2Bdef',
  'Authorization: Bearer abcdefghij',
  'postgresql://tilepress:hunter2@host/db',
  'rediss://user:hunter2@host:10000',
  'the password is hunter2hunter2',
])('%s is seen as a secret', (text) => {
  expect(secretsIn(text, ['hunter2hunter2'])).not.toEqual([])
})

test('what is none is not', () => {
  const text = 'postgresql://tilepress@host/db redis://127.0.0.1:6379 token_status valid v1/search-abc/0/def/auto/1/2/3'
  expect(secretsIn(text, [''])).toEqual([])
})
