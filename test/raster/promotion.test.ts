import { describe, expect, test } from 'vitest'
import { concatenateBands } from '../../src/raster/concatenation.ts'
import { convertRaster, promoteAll, promoteTypes } from '../../src/raster/promotion.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

describe('the type that holds both', () => {
  // numpy.promote_types, but for uint32 with a signed type, where numpy has int64.
  test.each([
    ['uint8', 'uint8', 'uint8'],
    ['uint8', 'uint16', 'uint16'],
    ['uint8', 'int8', 'int16'],
    ['uint16', 'int8', 'int32'],
    ['uint16', 'int16', 'int32'],
    ['uint8', 'int32', 'int32'],
    ['uint32', 'int16', 'int64'],
    ['uint64', 'int16', 'float64'],
    ['uint16', 'uint32', 'uint32'],
    ['uint8', 'float32', 'float32'],
    ['int16', 'float32', 'float32'],
    ['int32', 'float32', 'float64'],
    ['uint8', 'float64', 'float64'],
    ['float32', 'float64', 'float64'],
  ] as const)('%s and %s is %s', (a, b, type) => {
    expect(promoteTypes(a, b)).toBe(type)
    expect(promoteTypes(b, a)).toBe(type)
  })
})

// numpy.result_type
test.each([
  [['uint8', 'uint16', 'int16', 'float32'], 'float32'],
  [['float32', 'uint16', 'int16'], 'float32'],
  [['uint16', 'int16'], 'int32'],
  [['uint8', 'int8', 'uint16'], 'int32'],
  [['uint8', 'float32', 'int32'], 'float64'],
  [['float32', 'float64', 'uint8'], 'float64'],
  [['uint8'], 'uint8'],
] as const)('the type that holds all of %j is %s', (types, type) => {
  expect(promoteAll(types)).toBe(type)
  expect(promoteAll(types.toReversed())).toBe(type)
})

test('a raster of the wanted type is not copied', () => {
  const raster = rowOf([[1, 2]])
  expect(convertRaster(raster, 'uint8')).toBe(raster)
  expect(convertRaster(raster, 'float32').bands[0]).toEqual(Float32Array.of(1, 2))
})

describe('the bands of several assets', () => {
  test('stand in the order of the assets, in the type that holds them all', () => {
    const joined = concatenateBands([
      rowOf([[1, 2]], ['x.']),
      rowOf(
        [
          [300, 4],
          [5, 6],
        ],
        [null, '.x'],
        'uint16',
      ),
    ])
    expect(joined.dataType).toBe('uint16')
    expect(joined.bands.map((band) => [...band])).toEqual([
      [1, 2],
      [300, 4],
      [5, 6],
    ])
    expect(joined.bandNames).toEqual(['b1', 'b2', 'b3'])
    expect(masksOf(joined)).toEqual(['x.', null, '.x'])
  })

  test('of one asset are that asset’s', () => {
    const raster = rowOf([[1]])
    expect(concatenateBands([raster])).toEqual(raster)
  })
})
