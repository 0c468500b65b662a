import { describe, expect, test } from 'vitest'
import type { Raster } from '../../src/raster/raster.ts'
import { imageOf } from '../../src/render/image.ts'
import type { TileFormat } from '../../src/tile/format.ts'
import { rowOf } from '../support/rasters.ts'

function pixels(raster: Raster, format: TileFormat, returnMask = true): number[][] {
  const { image } = imageOf(raster, format, returnMask)
  const { data, channels } = image
  return Array.from({ length: image.width * image.height }, (_, i) => [
    ...data.subarray(i * channels, (i + 1) * channels),
  ])
}

describe('the automatic format', () => {
  test.each([
    ['jpeg when all is valid', [null, null, null], 'jpeg'],
    ['png when a pixel is masked in all bands', ['xx.', 'xx.', 'xx.'], 'png'],
    ['jpeg when each pixel is valid in some band', ['x..', '.x.', '..x'], 'jpeg'],
  ] as const)('is %s', (_, masks, format) => {
    const raster = rowOf(
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
      masks,
    )
    expect(imageOf(raster, 'auto', true).format).toBe(format)
  })

  test('does not ask whether the mask is wanted', () => {
    expect(imageOf(rowOf([[1, 2]], ['x.']), 'auto', false).format).toBe('png')
  })
})

describe('the channels', () => {
  // Four pixels, and five: both the fast and the general way.
  test.each([4, 5])('of an RGB image of %d pixels are red, green, blue and alpha', (width) => {
    const band = (from: number) => Array.from({ length: width }, (_, i) => from + i)
    const masks = Array(3).fill(`x.${'x'.repeat(width - 2)}`)
    const raster = rowOf([band(10), band(20), band(30)], masks)
    expect(pixels(raster, 'png').slice(0, 3)).toEqual([
      [10, 20, 30, 255],
      [0, 0, 0, 0],
      [12, 22, 32, 255],
    ])
    expect(pixels(raster, 'png', false).slice(0, 3)).toEqual([
      [10, 20, 30],
      [0, 0, 0],
      [12, 22, 32],
    ])
    expect(pixels(raster, 'jpeg').slice(0, 3)).toEqual([
      [10, 20, 30],
      [0, 0, 0],
      [12, 22, 32],
    ])
    expect(pixels(rowOf([band(10), band(20), band(30)]), 'jpeg')[width - 1]).toEqual([
      9 + width,
      19 + width,
      29 + width,
    ])
  })

  test('are visible where any band is valid', () => {
    const raster = rowOf(
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10, 11, 12],
      ],
      ['x...', '.x..', '..x.'],
    )
    expect(pixels(raster, 'png').map((pixel) => pixel[3])).toEqual([255, 255, 255, 0])
  })

  test('of one band are gray, with alpha in a PNG', () => {
    expect(pixels(rowOf([[7, 8]], ['x.']), 'png')).toEqual([
      [7, 255],
      [0, 0],
    ])
    expect(pixels(rowOf([[7, 8]]), 'png')).toEqual([
      [7, 255],
      [8, 255],
    ])
    expect(pixels(rowOf([[7, 8]]), 'webp')).toEqual([[7], [8]])
  })

  test('of four bands are RGBA without a mask, and three in a JPEG', () => {
    const raster = rowOf([[1], [2], [3], [4]])
    expect(pixels(raster, 'png', false)).toEqual([[1, 2, 3, 4]])
    expect(pixels(raster, 'jpeg')).toEqual([[1, 2, 3]])
  })

  test.each([
    ['png', 4, true],
    ['png', 5, false],
    ['png', 2, true],
    ['jpeg', 2, true],
    ['jpeg', 5, true],
  ] as const)('of %s can’t hold %d bands (mask %s)', (format, count, returnMask) => {
    const raster = rowOf(Array.from({ length: count }, () => [1]))
    expect(() => imageOf(raster, format, returnMask)).toThrow(/FORMAT_INVALID/)
  })
})

describe('other types than bytes', () => {
  test('keep 16 bits in a PNG that was asked for', () => {
    const { image } = imageOf(rowOf([[1000, 2000]], ['x.'], 'uint16'), 'png', true)
    expect(image.data).toEqual(Uint16Array.of(1000, 65535, 0, 0))
  })

  test.each([
    ['uint16', [0, 257, 65535], [0, 1, 255]],
    ['int16', [-32768, 0, 32767], [0, 127, 255]],
    ['float32', [0, 5, 100], [127, 127, 127]],
  ] as const)('%s are brought from their whole range to bytes', (type, samples, expected) => {
    expect(pixels(rowOf([samples], [null], type), 'jpeg').flat()).toEqual(expected)
  })

  test('are bytes in an automatic PNG', () => {
    expect(imageOf(rowOf([[1000, 65535]], ['.x'], 'uint16'), 'auto', true).image.data).toEqual(
      Uint8Array.of(0, 0, 255, 255),
    )
  })
})
