import { describe, expect, test } from 'vitest'
import { createArray, type DataType } from '../../src/raster/data-type.ts'
import { bandStatistics, type StatisticsOptions } from '../../src/statistics/band-statistics.ts'

const defaults: StatisticsOptions = {
  categorical: false,
  categories: [],
  percentiles: [2, 98],
  bins: { kind: 'count', count: 10, range: null },
}

function band(type: DataType, values: readonly number[]) {
  const array = createArray(type, values.length)
  array.set(values)
  return array
}

type Golden = readonly [
  name: string,
  type: DataType,
  values: readonly number[],
  valid: readonly number[] | null,
  coverage: readonly number[] | null,
  options: Partial<StatisticsOptions>,
  expected: Readonly<Record<string, unknown>>,
]

// rio_tiler.utils.get_array_statistics of rio-tiler 9.4.12 on numpy 2.4.6.
const golden: readonly Golden[] = [
  [
    'of 16 bits',
    'int16',
    [-220, -223, 178, -1, 54, 60, 127, -283, -9, -212, -60, 256, 28, -258, 25],
    null,
    null,
    {},
    {
      min: -283.0,
      max: 256.0,
      mean: -35.86666666666667,
      count: 15.0,
      sum: -538.0,
      std: 162.35470085245112,
      median: -1.0,
      majority: -283.0,
      minority: -283.0,
      unique: 15.0,
      percentile_2: -283.0,
      percentile_98: 256.0,
      histogram: [
        [2, 3, 0, 0, 1, 4, 2, 1, 1, 1],
        [
          -283.0, -229.1, -175.2, -121.30000000000001, -67.4, -13.5, 40.39999999999998, 94.30000000000001, 148.2,
          202.09999999999997, 256.0,
        ],
      ],
      valid_pixels: 15.0,
      masked_pixels: 0.0,
      valid_percent: 100.0,
    },
  ],
  [
    'of masked pixels',
    'int16',
    [-220, -223, 178, -1, 54, 60, 127, -283, -9, -212, -60, 256, 28, -258, 25],
    [1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1],
    null,
    { bins: { kind: 'count', count: 3, range: [-100, 100] } },
    {
      min: -283.0,
      max: 256.0,
      mean: -58.63636363636363,
      count: 11.0,
      sum: -645.0,
      std: 153.41107742821555,
      median: -9.0,
      majority: -283.0,
      minority: -283.0,
      unique: 11.0,
      percentile_2: -283.0,
      percentile_98: 256.0,
      histogram: [
        [1, 4, 1],
        [-100.0, -33.33333333333333, 33.33333333333334, 100.0],
      ],
      valid_pixels: 11.0,
      masked_pixels: 4.0,
      valid_percent: 73.33,
    },
  ],
  [
    'of single precision with what is no number',
    'float32',
    [
      -33.528289794921875,
      NaN,
      -40.70268249511719,
      -23.3798770904541,
      -59.660125732421875,
      -74.6231918334961,
      1.8318912982940674,
      44.86246109008789,
      -11.656603813171387,
      -37.17980194091797,
      Infinity,
      35.86178970336914,
    ],
    null,
    [0.13, 0.24, 0.14, 0.86, 0.68, 0.07, 0.2, 0.56, 0.91, 1.0, 0.21, 0.61],
    { percentiles: [10, 50] },
    {
      min: -74.6231918334961,
      max: 44.86246109008789,
      mean: -14.802037239074707,
      count: 5.160000324249268,
      sum: -76.3785171508789,
      std: 33.94591394029902,
      median: -23.3798770904541,
      majority: -74.6231918334961,
      minority: -74.6231918334961,
      unique: 10.0,
      percentile_10: -59.660125732421875,
      percentile_50: -23.3798770904541,
      histogram: [
        [1, 1, 1, 2, 1, 1, 1, 0, 0, 2],
        [
          -74.6231918334961, -62.674625396728516, -50.72605895996094, -38.777496337890625, -26.828929901123047,
          -14.880363464355469, -2.9318008422851562, 9.016769409179688, 20.96533203125, 32.91389465332031,
          44.86246109008789,
        ],
      ],
      valid_pixels: 10.0,
      masked_pixels: 2.0,
      valid_percent: 83.33,
    },
  ],
  [
    'of categories',
    'uint8',
    [0, 0, 1, 2, 1, 3, 2, 1, 4, 3, 3, 3, 1, 4, 0, 1],
    null,
    [0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25],
    { categorical: true },
    {
      min: 0.0,
      max: 4.0,
      mean: 1.8125,
      count: 4.0,
      sum: 7.25,
      std: 1.3331705629813464,
      median: 1.0,
      majority: 1.0,
      minority: 2.0,
      unique: 5.0,
      percentile_2: 0.0,
      percentile_98: 4.0,
      histogram: [
        [3, 5, 2, 4, 2],
        [0, 1, 2, 3, 4],
      ],
      valid_pixels: 16.0,
      masked_pixels: 0.0,
      valid_percent: 100.0,
    },
  ],
  [
    'of chosen categories',
    'uint8',
    [0, 0, 1, 2, 1, 3, 2, 1, 4, 3, 3, 3, 1, 4, 0, 1],
    null,
    null,
    { categorical: true, categories: [3, 2.7, 257, 9] },
    {
      min: 0.0,
      max: 4.0,
      mean: 1.8125,
      count: 16.0,
      sum: 29.0,
      std: 1.3331705629813464,
      median: 1.0,
      majority: 1.0,
      minority: 2.0,
      unique: 5.0,
      percentile_2: 0.0,
      percentile_98: 4.0,
      histogram: [
        [4, 2, 5, 0],
        [3, 2, 1, 9],
      ],
      valid_pixels: 16.0,
      masked_pixels: 0.0,
      valid_percent: 100.0,
    },
  ],
  [
    'of nothing',
    'uint8',
    [0, 0, 1, 2, 1, 3, 2, 1, 4, 3, 3, 3, 1, 4, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    null,
    {},
    {
      min: null,
      max: null,
      mean: null,
      count: 0,
      sum: 0,
      std: null,
      median: null,
      majority: null,
      minority: null,
      unique: 0.0,
      percentile_2: null,
      percentile_98: null,
      histogram: [
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0.0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001, 0.8, 0.9, 1.0],
      ],
      valid_pixels: 0.0,
      masked_pixels: 16.0,
      valid_percent: 0.0,
    },
  ],
  [
    'of edges',
    'float64',
    [
      -0.7387900314758065, 1.3856470744961586, 0.8219243366604353, 0.6273764788355353, 0.4017070914409699,
      0.955669564448635, -1.3319798395431022, 0.6139296582498643,
    ],
    null,
    null,
    { bins: { kind: 'edges', edges: [-1, 0, 0.5, 2] } },
    {
      min: -1.3319798395431022,
      max: 1.3856470744961586,
      mean: 0.34193554163908624,
      count: 8.0,
      sum: 2.73548433311269,
      std: 0.853330452691534,
      median: 0.6139296582498643,
      majority: -1.3319798395431022,
      minority: -1.3319798395431022,
      unique: 8.0,
      percentile_2: -1.3319798395431022,
      percentile_98: 1.3856470744961586,
      histogram: [
        [1, 1, 5],
        [-1.0, 0.0, 0.5, 2.0],
      ],
      valid_pixels: 8.0,
      masked_pixels: 0.0,
      valid_percent: 100.0,
    },
  ],
]

describe('statistics', () => {
  test.each(golden)('%s are rio-tiler’s', (_name, type, values, valid, coverage, options, expected) => {
    const mask = valid && Uint8Array.from(valid, (each) => each * 255)
    const weights = coverage && Float32Array.from(coverage)
    const found = bandStatistics(band(type, values), type, mask, weights, 'heights', { ...defaults, ...options })
    for (const [name, value] of Object.entries(expected)) {
      const close = typeof value === 'number' && value !== 0
      expect(found[name], name).toEqual(
        close ? expect.closeTo(value, 12 - Math.ceil(Math.log10(Math.abs(value)))) : value,
      )
    }
    expect(found.description).toBe('heights')
  })

  test('have the order of titiler’s answer', () => {
    const found = bandStatistics(band('uint8', [1, 2]), 'uint8', null, null, '', { ...defaults, percentiles: [5] })
    expect(Object.keys(found).join(' ')).toBe(
      'min max mean count sum std median majority minority unique histogram valid_percent masked_pixels valid_pixels description percentile_5',
    )
  })

  test('take the first value at which a share of the weights is reached, and nothing in between', () => {
    const options = { ...defaults, percentiles: [0, 25, 50, 75, 100] }
    const found = bandStatistics(band('uint8', [4, 1, 3, 2]), 'uint8', null, null, '', options)
    expect([0, 25, 50, 75, 100].map((p) => found[`percentile_${p}`])).toEqual([1, 1, 2, 3, 4])
    expect(found.median).toBe(2)
  })

  test('sort values of every type, of both signs', () => {
    const values = [3, -1e30, 0.5, -2, 1e-30, 7e20, -0.25]
    for (const [type, expected] of [
      ['float64', [-1e30, 7e20]],
      ['float32', [Math.fround(-1e30), Math.fround(7e20)]],
    ] as const) {
      const found = bandStatistics(band(type, values), type, null, null, '', { ...defaults, percentiles: [0, 100] })
      expect([found.percentile_0, found.percentile_100, found.unique], type).toEqual([...expected, 7])
    }
    for (const type of ['int8', 'int16', 'int32'] as const) {
      const found = bandStatistics(band(type, [5, -7, 0, 100, -100]), type, null, null, '', defaults)
      expect([found.min, found.median, found.max], type).toEqual([-100, 0, 100])
    }
    const large = bandStatistics(band('uint32', [4e9, 1, 70_000]), 'uint32', null, null, '', defaults)
    expect([large.min, large.median, large.max]).toEqual([1, 70_000, 4e9])
  })

  test('list no more distinct values than an answer may have', () => {
    const values = Float32Array.from({ length: 70_000 }, (_, index) => index / 3)
    expect(() => bandStatistics(values, 'float32', null, null, '', { ...defaults, categorical: true })).toThrow(
      /distinct/,
    )
  })
})
