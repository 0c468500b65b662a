import { describe, expect, test } from 'vitest'
import { createPixelSelection } from '../../src/mosaic/pixel-selection.ts'
import type { Raster } from '../../src/raster/raster.ts'
import { type PixelSelectionName, pixelSelectionNames } from '../../src/request/tile-request.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

async function merged(name: PixelSelectionName, ...rasters: Raster[]): Promise<Raster> {
  const selection = createPixelSelection(name, rasters.length)
  for (const raster of rasters) selection.feed(raster)
  const result = await selection.result()
  if (result === null) throw new Error('nothing was fed')
  return result
}

const samples = (raster: Raster) => raster.bands.map((band) => [...band])
const row = (values: number[], mask: string | null = null) => rowOf([values], [mask])
const floats = (values: number[], mask: string | null = null) => rowOf([values], [mask], 'float32')
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number

describe.each(pixelSelectionNames.filter((name) => name !== 'first'))('%s', (name) => {
  const bands = name.startsWith('lastband') ? 2 : 1
  const one = (value: number) => rowOf(Array.from({ length: bands }, () => [value]))

  test('is nothing when nothing was fed', async () => {
    expect(await createPixelSelection(name).result()).toBeNull()
  })

  test('needs every raster: it is never done', () => {
    const selection = createPixelSelection(name, 2)
    selection.feed(one(1))
    expect(selection.isDone).toBe(false)
  })

  test('refuses another number of bands', () => {
    const selection = createPixelSelection(name, 2)
    selection.feed(one(1))
    expect(() => selection.feed(rowOf([[1], [2], [3]]))).toThrow(/RASTER_SHAPE_INVALID: .* have \d and 3 bands/)
  })

  test('brings rasters of another size to the first one’s', async () => {
    const wide = rowOf(Array.from({ length: bands }, () => [9, 9, 7, 7]))
    const result = await merged(name, rowOf(Array.from({ length: bands }, () => [8, 8])), wide)
    expect([result.width, result.height, result.bands[0]!.length]).toEqual([2, 1, 2])
  })
})

describe('highest and lowest', () => {
  test('take the greater or smaller valid sample', async () => {
    const rasters = () => [row([5, 5, 5], 'xxx'), row([9, 1, 9], 'xx.')]
    expect(samples(await merged('highest', ...rasters()))).toEqual([[9, 5, 5]])
    expect(samples(await merged('lowest', ...rasters()))).toEqual([[5, 1, 5]])
  })

  test('take whatever comes where nothing was, and are valid where one was', async () => {
    const result = await merged('highest', row([9, 9, 9], 'x..'), row([5, 5, 5], 'xx.'))
    expect(samples(result)).toEqual([[9, 5, 5]])
    expect(masksOf(result)).toEqual(['xx.'])
    expect(masksOf(await merged('lowest', row([9], '.'), row([5])))).toEqual([null])
  })

  test('neither replace NaN nor replace by it', async () => {
    expect(samples(await merged('highest', floats([nan, 1]), floats([5, nan])))).toEqual([[nan, 1]])
  })

  test('look at each band for itself', async () => {
    const result = await merged('highest', rowOf([[1], [9]], ['x', '.']), rowOf([[5], [3]], ['.', 'x']))
    expect(samples(result)).toEqual([[1], [3]])
  })

  test('take the type that holds all rasters', async () => {
    const result = await merged('highest', row([200]), rowOf([[-5]], [null], 'int8'))
    expect(result.dataType).toBe('int16')
    expect(samples(result)).toEqual([[200]])
  })
})

describe('lastbandhigh and lastbandlow', () => {
  const pair = (value: number, last: number, masks: (string | null)[] = [null, null]) => rowOf([[value], [last]], masks)

  test('take the bands of the raster whose last band is greatest or smallest, without that band', async () => {
    expect(samples(await merged('lastbandhigh', pair(1, 5), pair(2, 9), pair(3, 7)))).toEqual([[2]])
    expect(samples(await merged('lastbandlow', pair(1, 5), pair(2, 9), pair(3, 4)))).toEqual([[3]])
  })

  test('keep the earlier of equal ones', async () => {
    expect(samples(await merged('lastbandhigh', pair(1, 5), pair(2, 5)))).toEqual([[1]])
  })

  test('compare the last band also where it is masked', async () => {
    expect(samples(await merged('lastbandhigh', pair(1, 5), pair(2, 9, [null, '.'])))).toEqual([[2]])
  })

  test('need a second band', () => {
    expect(() => createPixelSelection('lastbandlow').feed(row([1]))).toThrow(/RASTER_SHAPE_INVALID: .* two bands/)
  })
})

describe('mean', () => {
  test('cuts whole numbers towards zero', async () => {
    expect(samples(await merged('mean', row([1, 255]), row([2, 254])))).toEqual([[1, 254]])
    const below = (value: number) => rowOf([[value]], [null], 'int16')
    expect(samples(await merged('mean', below(-1), below(-2)))).toEqual([[-1]])
  })

  test('counts valid samples alone, and is masked where there are none', async () => {
    const result = await merged('mean', row([10, 10, 10], 'xx.'), row([20, 90, 90], 'x..'))
    expect(samples(result)).toEqual([[15, 10, 0]])
    expect(masksOf(result)).toEqual(['xx.'])
  })

  test('masks what is no number', async () => {
    const result = await merged('mean', floats([nan, infinity, 1]), floats([1, 1, 2]))
    expect(masksOf(result)).toEqual(['..x'])
    expect(result.bands[0]![2]).toBe(1.5)
  })

  test('adds float32 in float32, as numpy does', async () => {
    // 16777216 + 1 is no float32: the sum stays, and the mean of three is 5592405.33 → 5592405.5 in float32.
    expect(samples(await merged('mean', floats([16777216]), floats([1]), floats([1])))).toEqual([[5592405.5]])
  })

  test('has the first raster’s type', async () => {
    const result = await merged('mean', row([100]), rowOf([[601]], [null], 'uint16'))
    expect(result.dataType).toBe('uint8')
    expect(samples(result)).toEqual([[350 & 255]])
  })
})

describe('median', () => {
  test('is the middle value, or the mean of the middle two', async () => {
    expect(samples(await merged('median', row([9, 1]), row([1, 2]), row([5, 200])))).toEqual([[5, 2]])
    expect(samples(await merged('median', row([1]), row([4]), row([2]), row([200])))).toEqual([[3]])
    expect(samples(await merged('median', floats([1]), floats([2])))).toEqual([[1.5]])
  })

  test('is NaN where a sample is, and masked where none is valid', async () => {
    const result = await merged('median', floats([nan, 1], 'x.'), floats([1, 2], 'x.'))
    expect(result.bands[0]![0]).toBeNaN()
    expect(masksOf(result)).toEqual(['x.'])
  })
})

describe('stdev', () => {
  test('is the population’s, as a double', async () => {
    const result = await merged('stdev', row([1, 7], 'xx'), row([2, 7], 'x.'), row([6, 7], 'x.'))
    expect(result.dataType).toBe('float64')
    expect(samples(result)).toEqual([[2.160246899469287, 0]])
  })

  test('is masked where a sample is no number', async () => {
    expect(masksOf(await merged('stdev', floats([nan, 1]), floats([1, 3])))).toEqual(['.x'])
  })
})

describe('count', () => {
  test('is of the first band, and valid where it is 0', async () => {
    const result = await merged(
      'count',
      rowOf(
        [
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ],
        ['xx.', null, null],
      ),
      rowOf(
        [
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ],
        ['x..', null, null],
      ),
    )
    expect(samples(result)).toEqual([[2, 1, 0]])
    expect(masksOf(result)).toEqual([null])
    expect([result.dataType, result.bandNames]).toEqual(['uint8', ['b1']])
  })

  test('of 256 rasters is no byte any more', async () => {
    const result = await merged('count', ...Array.from({ length: 256 }, () => row([1])))
    expect(result.dataType).toBe('int64')
    expect(samples(result)).toEqual([[256]])
  })
})

describe('the methods that keep all rasters', () => {
  const large = (): Raster => ({ ...row([1]), width: 4096, height: 4096 })

  test.each(['median', 'stdev'] as const)('%s refuses at the first raster what would take too much memory', (name) => {
    expect(() => createPixelSelection(name, 9).feed(large())).toThrow(/PARAMETER_INVALID: .* at most 8, found 9/)
    expect(() => createPixelSelection(name, 8).feed(large())).not.toThrow()
  })

  test('others take as many as come', () => {
    expect(() => createPixelSelection('highest', 1000).feed(large())).not.toThrow()
  })
})
