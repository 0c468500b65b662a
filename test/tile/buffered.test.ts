import { expect, test } from 'vitest'
import { buffered } from '../../src/tile/buffered.ts'

const area = { bounds: [100, 200, 140, 220], width: 20, height: 10 } as const

test('a buffer adds pixels on every side, and their extent', () => {
  expect(buffered(area, 3)).toEqual({ bounds: [94, 194, 146, 226], width: 26, height: 16 })
})

test('half a pixel a side makes the grid one pixel larger', () => {
  expect(buffered(area, 0.5)).toEqual({ bounds: [99, 199, 141, 221], width: 21, height: 11 })
})

test('no buffer changes nothing', () => {
  expect(buffered(area, 0)).toEqual(area)
})
