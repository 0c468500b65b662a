import { expect, test } from 'vitest'
import { recycle, recycleRasters, takeArray, takeZeroes } from '../../src/raster/array-pool.ts'
import { rowOf } from '../support/rasters.ts'

test('a recycled array’s memory is used again by one of its size, of any type', () => {
  const array = takeArray('uint8', 12_344)
  recycle([array])
  const again = takeArray('uint16', 6172)
  expect(again.buffer).toBe(array.buffer)
  expect(takeArray('uint8', 12_344).buffer).not.toBe(array.buffer)
})

test('given twice at once, it is used once', () => {
  const array = takeArray('uint8', 12_348)
  recycle([array, array, new Uint8Array(array.buffer as ArrayBuffer), null])
  const [first, second] = [takeArray('uint8', 12_348), takeArray('uint8', 12_348)]
  expect(first.buffer).toBe(array.buffer)
  expect(second.buffer).not.toBe(array.buffer)
})

test('zeroes are zeroes, whatever was there before', () => {
  recycle([takeArray('float64', 1543).fill(7)])
  expect(new Set(takeZeroes('float64', 1543))).toEqual(new Set([0]))
})

test('a part of a larger buffer is never recycled', () => {
  const whole = new Uint8Array(12_352)
  recycle([whole.subarray(0, 6176)])
  expect(takeArray('uint8', 6176).buffer).not.toBe(whole.buffer)
})

test('rasters that share a mask give it once', () => {
  const mask = 'x'.repeat(12_356)
  const raster = rowOf([Array(12_356).fill(1), Array(12_356).fill(2)], [mask, mask])
  recycleRasters(raster, { ...raster, bands: [raster.bands[0]!] })
  const taken = Array.from({ length: 4 }, () => takeArray('uint8', 12_356).buffer)
  expect(new Set(taken).size).toBe(4)
})
