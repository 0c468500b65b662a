import { describe, expect, test } from 'vitest'
import { createPixelSelection } from '../../src/mosaic/pixel-selection.ts'
import type { Raster } from '../../src/raster/raster.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

function mosaicOf(...rasters: Raster[]) {
  const selection = createPixelSelection('first')
  for (const raster of rasters) selection.feed(raster)
  return { selection, result: selection.result() as Raster }
}

const samples = (raster: Raster) => raster.bands.map((band) => [...band])

describe('first', () => {
  test('keeps what is valid and fills what is missing', () => {
    const { result, selection } = mosaicOf(rowOf([[1, 2, 3, 4]], ['xx..']), rowOf([[5, 6, 7, 8]], ['.xx.']))
    expect(samples(result)[0]!.slice(0, 3)).toEqual([1, 2, 7])
    expect(masksOf(result)).toEqual(['xxx.'])
    expect(selection.isDone).toBe(false)
  })

  test('looks at each band’s own mask', () => {
    const { result } = mosaicOf(
      rowOf(
        [
          [1, 0],
          [0, 2],
        ],
        ['x.', '.x'],
      ),
      rowOf(
        [
          [5, 6],
          [7, 8],
        ],
        [null, 'x.'],
      ),
    )
    expect(samples(result)).toEqual([
      [1, 6],
      [7, 2],
    ])
    expect(masksOf(result)).toEqual([null, null])
  })

  test('does not mix up bands that share a mask in one raster only', () => {
    const { result } = mosaicOf(
      rowOf(
        [
          [0, 0, 0],
          [0, 0, 0],
        ],
        ['...', '...'],
      ),
      rowOf(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        ['x..', '..x'],
      ),
    )
    expect(masksOf(result)).toEqual(['x..', '..x'])
    expect([result.bands[0]![0], result.bands[1]![2]]).toEqual([1, 6])
  })

  test('is done with a raster that is valid everywhere, and gives that very raster', () => {
    const raster = rowOf([[1, 2]])
    const { selection, result } = mosaicOf(raster)
    expect(selection.isDone).toBe(true)
    expect(result).toBe(raster)
  })

  test('is done when the last pixel is filled', () => {
    const { selection } = mosaicOf(rowOf([[1, 2]], ['x.']), rowOf([[3, 4]], ['.x']))
    expect(selection.isDone).toBe(true)
  })

  test('copies long stretches and short ones alike', () => {
    const width = 500
    const masks = ['x'.repeat(3) + '.'.repeat(2) + 'x'.repeat(100) + '.'.repeat(395)]
    const filler = Array.from({ length: width }, (_, i) => i % 256)
    const { result } = mosaicOf(rowOf([Array(width).fill(9)], masks), rowOf([filler]))
    const expected = filler.map((value, i) => (i < 3 || (i >= 5 && i < 105) ? 9 : value))
    expect(samples(result)).toEqual([expected])
  })

  test('takes the type that holds all rasters', () => {
    const { result } = mosaicOf(rowOf([[1, 2]], ['x.']), rowOf([[3, 400]], [null], 'uint16'))
    expect(result.dataType).toBe('uint16')
    expect(samples(result)).toEqual([[1, 400]])
  })

  test('is nothing when nothing was fed, and not done', () => {
    const selection = createPixelSelection('first')
    expect(selection.result()).toBeNull()
    expect(selection.isDone).toBe(false)
  })

  test('refuses another number of bands', () => {
    expect(() => mosaicOf(rowOf([[1]], ['.']), rowOf([[1], [2]]))).toThrow(/RASTER_SHAPE_INVALID/)
  })
})
