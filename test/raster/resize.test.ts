import { expect, test } from 'vitest'
import { resizeNearest } from '../../src/raster/resize.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

test('a raster of its own size is itself', () => {
  const raster = rowOf([[1, 2]])
  expect(resizeNearest(raster, 2, 1)).toBe(raster)
})

// Columns that rio_tiler.utils.resize_array takes with its nearest method.
test.each([
  [4, 2, [1, 3]],
  [3, 5, [0, 0, 1, 2, 2]],
  [5, 3, [0, 2, 4]],
  [7, 4, [0, 2, 4, 6]],
])('of %d columns %d are taken', (from, to, columns) => {
  const raster = rowOf([Array.from({ length: from }, (_, i) => i)])
  expect([...resizeNearest(raster, to, 1).bands[0]!]).toEqual(columns)
})

test('the mask goes with the samples, rows as columns, and stays shared', () => {
  const resized = resizeNearest(
    rowOf(
      [
        [1, 2],
        [3, 4],
      ],
      ['x.', 'x.'],
    ),
    2,
    2,
  )
  expect(masksOf(resized)).toEqual(['x.x.', 'x.x.'])
  expect(resized.masks[0]).toBe(resized.masks[1])
  expect(resized.bands.map((band) => [...band])).toEqual([
    [1, 2, 1, 2],
    [3, 4, 3, 4],
  ])
})
