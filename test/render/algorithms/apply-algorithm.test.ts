import { describe, expect, test } from 'vitest'
import type { Raster } from '../../../src/raster/raster.ts'
import { applyAlgorithm } from '../../../src/render/algorithms/apply-algorithm.ts'
import { parseAlgorithm } from '../../../src/request/algorithm-parameters.ts'
import {
  type AlgorithmEntry,
  type AlgorithmName,
  algorithmNames,
  algorithmTable,
} from '../../../src/request/algorithm-table.ts'
import { masksOf, rowOf } from '../../support/rasters.ts'

function apply(name: AlgorithmName, raster: Raster, parameters: object = {}): Raster {
  return applyAlgorithm(raster, parseAlgorithm(name, JSON.stringify(parameters))!)
}

/** A raster of one band, given as rows. */
function gridOf(rows: readonly (readonly number[])[], mask: readonly string[] | null = null): Raster {
  const row = rowOf([rows.flat()], [mask === null ? null : mask.join('')], 'int16')
  const width = rows[0]!.length
  return { ...row, width, height: rows.length, bounds: [0, 0, width, rows.length] }
}

const flat = (size: number) => gridOf(Array.from({ length: size }, () => Array<number>(size).fill(100)))

describe('every algorithm', () => {
  const inputs: Partial<Record<AlgorithmName, number>> = { normalizedIndex: 2, grayscale: 3, bitonal: 3 }

  test.each(algorithmNames)(
    '%s gives the bands and the type that its entry tells, and leaves its input alone',
    (name) => {
      const entry: AlgorithmEntry = algorithmTable[name]
      const single = flat(9)
      const count = entry.inputs ?? inputs[name] ?? 1
      const raster = { ...single, bands: Array(count).fill(single.bands[0]), masks: Array(count).fill(null) }
      const result = apply(name, raster)
      expect(result.bands).toHaveLength(entry.outputs ?? count)
      expect(result.masks).toHaveLength(result.bands.length)
      expect(result.bandNames).toEqual(result.bands.map((_, b) => `b${b + 1}`))
      if (entry.type !== null) expect(result.dataType).toBe(entry.type)
      expect([...single.bands[0]!]).toEqual(Array(81).fill(100))
    },
  )

  test.each([
    ['contours', 2, /contours needs an image of one band/],
    ['normalizedIndex', 1, /normalizedIndex needs an image of two bands/],
    ['grayscale', 2, /grayscale needs an image of three bands/],
    ['bitonal', 2, /bitonal needs an image of one or three bands/],
  ] as const)('%s refuses an image of %d bands', (name, count, message) => {
    expect(() => apply(name, rowOf(Array.from({ length: count }, () => [1])))).toThrow(message)
  })

  test('must be known', () => {
    expect(() => applyAlgorithm(rowOf([[1]]), { name: 'toString', parameters: {} })).toThrow(/PARAMETER_INVALID/)
  })
})

describe('hillshade and slope', () => {
  test('of level ground are one shade, and 0 degrees', () => {
    expect(new Set(apply('hillshade', flat(8)).bands[0])).toEqual(new Set([217]))
    expect(new Set(apply('slope', flat(8)).bands[0])).toEqual(new Set([0]))
  })

  test('of a rise of 1 per pixel are 45 degrees', () => {
    const rising = gridOf([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ])
    expect([...apply('slope', rising, { buffer: 0 }).bands[0]!]).toEqual(Array(12).fill(45))
  })

  test('are masked beside a masked pixel, not on it', () => {
    const holed = gridOf(Array(5).fill([1, 2, 3, 4, 5]), ['xxxxx', 'xxxxx', 'xx.xx', 'xxxxx', 'xxxxx'])
    expect(masksOf(apply('slope', holed, { buffer: 0 }))).toEqual(['xxxxxxx.xxx.x.xxx.xxxxxxx'])
  })

  test('at the edge are masked with the pixel itself', () => {
    const holed = gridOf(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      ['.xx', 'xxx'],
    )
    expect(masksOf(apply('slope', holed, { buffer: 0 }))).toEqual(['..x.xx'])
  })

  test('lose the buffer on each side, and their bounds with it', () => {
    const result = apply('hillshade', flat(9), { buffer: 2 })
    expect([result.width, result.height, result.bounds]).toEqual([5, 5, [2, 2, 7, 7]])
  })

  test('refuse a buffer that leaves nothing, and an image without neighbours', () => {
    expect(() => apply('slope', flat(6))).toThrow(/RASTER_SHAPE_INVALID: a buffer of 3 pixels leaves nothing/)
    expect(() => apply('slope', rowOf([[1, 2, 3]]), { buffer: 0 })).toThrow(/RASTER_SHAPE_INVALID: .* 2 × 2 pixels/)
  })
})

describe('heights as colours', () => {
  const height = (result: Raster, i: number) => result.bands.map((band) => band[i]!) as [number, number, number]

  test('are what terrarium’s decoders make heights of again', () => {
    const result = apply('terrarium', rowOf([[-100.5, 0, 8848.25]], [null], 'float32'))
    const decoded = [0, 1, 2].map((i) => {
      const [red, green, blue] = height(result, i)
      return red * 256 + green + blue / 256 - 32768
    })
    expect(decoded).toEqual([-100.5, 0, 8848.25])
  })

  test('are what Terrain-RGB’s decoders make heights of again', () => {
    const result = apply('terrainrgb', rowOf([[-100.5, 0, 8848.3]], [null], 'float64'))
    const decoded = [0, 1, 2].map((i) => {
      const [red, green, blue] = height(result, i)
      return -10000 + (red * 65536 + green * 256 + blue) * 0.1
    })
    for (const [i, expected] of [-100.5, 0, 8848.3].entries()) expect(decoded[i]).toBeCloseTo(expected, 6)
  })

  test('are valid where a height stands in for what is masked', () => {
    const raster = () => rowOf([[5, 5]], ['x.'], 'int16')
    expect(masksOf(apply('terrarium', raster()))).toEqual(['x.', 'x.', 'x.'])
    const filled = apply('terrarium', raster(), { nodata_height: 7 })
    expect(masksOf(filled)).toEqual([null, null, null])
    expect(height(filled, 1)).toEqual([128, 7, 0])
    expect(masksOf(apply('terrainrgb', raster(), { nodata_height: 7 }))).toEqual([null, null, null])
  })

  test('refuse an interval that three bytes can’t count', () => {
    const raster = rowOf([[0, 30000]], [null], 'int16')
    expect(() => apply('terrainrgb', raster, { interval: 0.001 })).toThrow(/PARAMETER_INVALID: .* interval too small/)
    expect(masksOf(apply('terrainrgb', raster, { interval: 0 }))[0]).toBe('..')
  })
})

describe('statistics over bands', () => {
  test('look at valid bands alone', () => {
    const raster = () =>
      rowOf(
        [
          [1, 1, 9],
          [5, 5, 9],
        ],
        ['xx.', 'x..'],
      )
    expect([...apply('mean', raster()).bands[0]!]).toEqual([3, 1, 0])
    expect(masksOf(apply('max', raster()))).toEqual(['xx.'])
  })

  test('of one band have no deviation', () => {
    expect(masksOf(apply('std', rowOf([[1, 2]])))).toEqual(['..'])
  })

  test.each([
    ['uint8', 'uint64'],
    ['int16', 'int64'],
    ['float32', 'float32'],
  ] as const)('sum %s as %s', (type, expected) => {
    const result = apply('sum', rowOf([[100], [100], [100]], [null, null, null], type))
    expect([result.dataType, result.bands[0]![0]]).toEqual([expected, 300])
  })
})

test('a normalized index is masked where both bands are 0', () => {
  const result = apply(
    'normalizedIndex',
    rowOf([
      [0, 1],
      [0, 3],
    ]),
  )
  expect(masksOf(result)).toEqual(['.x'])
  expect(result.bands[0]![1]).toBe(0.5)
  expect(result.bandDescriptions).toEqual(['(b2 - b1) / (b2 + b1)'])
})
