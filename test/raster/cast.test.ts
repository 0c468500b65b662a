import { expect, test } from 'vitest'
import { castSamples, toByte } from '../../src/raster/cast.ts'
import type { DataType } from '../../src/raster/data-type.ts'

const doubles = Float64Array.of(0.9, -1.5, 256.5, 70_000, 3e9, 1e20, Number.NaN)

// numpy 2.4 on x64, astype of float64.
test.each([
  ['uint8', [0, 255, 0, 112, 0, 0, 0]],
  ['int16', [0, -1, 256, 4464, 0, 0, 0]],
  ['uint16', [0, 65535, 256, 4464, 0, 0, 0]],
  ['int32', [0, -1, 256, 70_000, -2147483648, -2147483648, -2147483648]],
  ['uint32', [0, 4294967295, 256, 70_000, 3_000_000_000, 0, 0]],
] as const)('doubles become %s cut and wrapped', (type: DataType, expected) => {
  expect([...castSamples(doubles, 'float64', type)]).toEqual(expected)
})

test('whole numbers wrap', () => {
  expect([...castSamples(Int16Array.of(300, -1), 'int16', 'uint8')]).toEqual([44, 255])
  expect([...castSamples(Float64Array.of(1.9, -1.9), 'float64', 'int64')]).toEqual([1, -1])
})

test('a byte is what is left of a number cut to a whole one', () => {
  expect([300, -1, 0.9, -1.5, 1e10, Number.NaN].map(toByte)).toEqual([44, 255, 0, 255, 0, 0])
})
