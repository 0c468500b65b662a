import { expect, test } from 'vitest'
import { parseAssets } from '../../src/request/asset-parameters.ts'
import { failure } from '../support/failure.ts'

test('names and options are kept in order, the last of an option given twice counts', () => {
  expect(parseAssets(['b', 'a|bidx=1|bidx= 3 ,+2', 'b|bands=red,nir 1'])).toEqual([
    { name: 'b', bidx: null, bands: null, expression: null },
    { name: 'a', bidx: [3, 2], bands: null, expression: null },
    { name: 'b', bidx: null, bands: ['red', 'nir 1'], expression: null },
  ])
})

test('band names go before band numbers, which are then no part of the request', () => {
  expect(parseAssets(['a|bands=red|bidx=1'])).toEqual(parseAssets(['a|bidx=2|bands=red']))
})

test('commas do not part assets, and options whose name is written otherwise are ignored', () => {
  expect(parseAssets(['a,b|BIDX=1| bidx=1'])).toEqual([{ name: 'a,b', bidx: null, bands: null, expression: null }])
})

test.each([
  [['']],
  [['|bidx=1']],
  [['a|']],
  [['a|bidx']],
  [['a|bidx=']],
  [['a|bidx=-1']],
  [['a|bidx=1.5']],
  [['a|bidx=65536']],
  [[`a|bidx=${Array(33).fill(1)}`]],
  [['a|bands=']],
  [['a|bands=red,,blue']],
  [[`a|bands=${'x'.repeat(257)}`]],
  [['x'.repeat(257)]],
  [Array(17).fill('a')],
  [[]],
])('%j is refused', (values) => {
  expect(failure(() => parseAssets(values))).toMatchObject({
    code: 'PARAMETER_INVALID',
    detail: expect.stringContaining('parameter assets '),
  })
})
