import { describe, expect, test } from 'vitest'
import type { DataType } from '../../src/raster/data-type.ts'
import { type Range, rescale } from '../../src/render/rescale.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

function rescaled(type: DataType, samples: readonly number[], ...range: number[]): number[] {
  return [...rescale(rowOf([samples], [null], type), [range as unknown as Range]).bands[0]!]
}

describe('rescale', () => {
  test.each(['uint8', 'int16', 'uint16', 'int32', 'float32', 'float64'] as const)(
    'cuts %s, it does not round',
    (type) => {
      // 255 · (v − 10) / 90: 0, 0, 2.83, 127.5, 252.17, 255, 255
      expect(rescaled(type, [0, 10, 11, 55, 99, 100, 120], 10, 100)).toEqual([0, 0, 2, 127, 252, 255, 255])
    },
  )

  test('keeps a float32 image’s values as float32 before it cuts', () => {
    expect(rescaled('float32', [254.9999999], 0, 255)).toEqual([255])
    expect(rescaled('float64', [254.9999999], 0, 255)).toEqual([254])
  })

  test.each([
    ['equal bounds give 0', 5, 5, [0, 0, 0]],
    ['reversed bounds give 255', 9, 1, [255, 255, 255]],
    ['an infinite bound gives 0', Number.NEGATIVE_INFINITY, 5, [0, 0, 0]],
  ])('%s', (_, min, max, expected) => {
    expect(rescaled('uint8', [0, 5, 10], min, max)).toEqual(expected)
    expect(rescaled('float32', [0, 5, 10], min, max)).toEqual(expected)
  })

  test('makes NaN 0 and clips infinities', () => {
    expect(rescaled('float32', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 0, 1)).toEqual([
      0, 255, 0,
    ])
  })

  test('has a range for each band, or the first for all', () => {
    const raster = rowOf([[100], [100], [100]])
    const ranges: Range[] = [
      [0, 100],
      [0, 200],
      [0, 400],
    ]
    const values = (given: Range[]) => rescale(raster, given).bands.map((band) => band[0])
    expect(values(ranges)).toEqual([255, 127, 63])
    expect(values(ranges.slice(0, 2))).toEqual([255, 255, 255])
    expect(values(ranges.slice(1, 2))).toEqual([127, 127, 127])
  })

  test('makes masked samples 0 and keeps the masks', () => {
    const result = rescale(
      rowOf(
        [
          [50, 50],
          [50, 50],
        ],
        ['x.', null],
      ),
      [[0, 100]],
    )
    expect(result.bands.map((band) => [...band])).toEqual([
      [127, 0],
      [127, 127],
    ])
    expect(masksOf(result)).toEqual(['x.', null])
    expect(result.dataType).toBe('uint8')
  })

  test('without a range changes nothing', () => {
    const raster = rowOf([[1]])
    expect(rescale(raster, [])).toBe(raster)
  })

  test('agrees with its table on all 65,536 values of uint16', () => {
    const all = Array.from({ length: 65536 }, (_, i) => i)
    expect(rescaled('uint16', all, 37, 9000)).toEqual(rescaled('float64', all, 37, 9000))
  })
})
