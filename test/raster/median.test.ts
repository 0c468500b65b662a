import { expect, test } from 'vitest'
import { medianOf } from '../../src/raster/median.ts'

test.each([
  [[7], 7],
  [[2, 1], 1.5],
  [[3, 1, 2], 2],
  [[4, 4, 1, 4], 4],
  [[5, Number.NaN, 1], Number.NaN],
  [[Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY], 1],
])('the median of %j is %d', (values, median) => {
  expect(medianOf(Float64Array.from(values), values.length)).toBe(median)
})

test('it is the middle of the sorted values, whatever their order and however many are equal', () => {
  for (let count = 1; count < 60; count++) {
    const values = Float64Array.from({ length: count + 3 }, (_, i) => (i * 7919) % (count % 7 === 0 ? 3 : 1009))
    const sorted = values.slice(0, count).sort()
    expect(medianOf(values, count)).toBe((sorted[(count - 1) >> 1]! + sorted[count >> 1]!) / 2)
  }
})
