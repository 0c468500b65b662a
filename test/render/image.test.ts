import { describe, expect, test } from 'vitest'
import type { Raster } from '../../src/raster/raster.ts'
import { type BandImage, type Image, imageOf as imageOfColoured } from '../../src/render/image.ts'
import type { TileFormat } from '../../src/tile/format.ts'
import { rowOf } from '../support/rasters.ts'

function imageOf(raster: Raster, format: TileFormat, returnMask: boolean, alpha: Uint8Array | null = null) {
  const { image, format: chosen } = imageOfColoured({ raster, alpha }, format, { returnMask })
  return { image: image as Image, format: chosen }
}

function pixels(raster: Raster, format: TileFormat, returnMask = true, alpha: Uint8Array | null = null): number[][] {
  const { image } = imageOf(raster, format, returnMask, alpha)
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

  test('is png when a colour is transparent, jpeg when one is no more than partly', () => {
    const raster = rowOf([[1], [2], [3]])
    expect(imageOf(raster, 'auto', true, Uint8Array.of(0)).format).toBe('png')
    expect(imageOf(raster, 'auto', true, Uint8Array.of(128)).format).toBe('jpeg')
  })

  test('is jpeg when the mask is there and holds nothing back', () => {
    expect(imageOf(rowOf([[1, 2]], ['xx']), 'auto', true).format).toBe('jpeg')
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

  test.each(['png', 'webp', 'avif'] as const)('of a colormap keep its alpha in %s', (format) => {
    const raster = rowOf(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      Array(3).fill('x.'),
    )
    expect(pixels(raster, format, true, Uint8Array.of(90, 0))).toEqual([
      [1, 3, 5, 90],
      [0, 0, 0, 0],
    ])
    expect(pixels(raster, format, false, Uint8Array.of(90, 0))).toEqual([
      [1, 3, 5],
      [0, 0, 0],
    ])
  })

  test('of a colour that is transparent are that colour in a JPEG', () => {
    expect(pixels(rowOf([[1], [2], [3]]), 'jpeg', true, Uint8Array.of(0))).toEqual([[1, 2, 3]])
  })

  test.each([
    ['webp', 4, true],
    ['webp', 2, true],
    ['webp', 2, false],
    ['avif', 5, false],
    ['pngraw', 4, true],
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

  test('are brought from their statistics where there are some', () => {
    const raster = rowOf(
      [
        [5, 10],
        [5, 10],
      ],
      [null, null],
      'float32',
    )
    const of = (statistics: [number, number][]) =>
      (imageOfColoured({ raster, alpha: null }, 'png', { returnMask: false, statistics }).image as Image).data
    expect([
      ...of([
        [0, 10],
        [5, 20],
      ]),
    ]).toEqual([127, 0, 255, 85])
    expect([...of([[0, 10]])]).toEqual([127, 127, 255, 255])
  })

  test('are refused by pngraw, but for 16 bits', () => {
    expect(() => imageOf(rowOf([[1]], [null], 'int16'), 'pngraw', true)).toThrow(/FORMAT_INVALID: pngraw .* int16/)
    expect(imageOf(rowOf([[700]], [null], 'uint16'), 'pngraw', false).image.data).toEqual(Uint16Array.of(700))
  })

  test('are bytes in an automatic PNG', () => {
    expect(imageOf(rowOf([[1000, 65535]], ['.x'], 'uint16'), 'auto', true).image.data).toEqual(
      Uint8Array.of(0, 0, 255, 255),
    )
  })
})

describe('an image of bands', () => {
  const bandImage = (raster: Raster, returnMask = true, alpha: Uint8Array | null = null) => {
    const { image } = imageOfColoured({ raster, alpha }, 'npy', { returnMask })
    return image as BandImage
  }

  test.each([
    ['uint8', 255, 0],
    ['int16', 32767, -32768],
    ['float32', 3.4028234663852886e38, -3.4028234663852886e38],
  ] as const)('of %s has its samples as they are, and %d and %d for alpha', (type, valid, masked) => {
    const image = bandImage(
      rowOf(
        [
          [1, 2],
          [3, 4],
        ],
        ['x.', '..'],
        type,
      ),
    )
    expect(image.bands.map((band) => [...band])).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect([...image.alpha!]).toEqual([valid, masked])
    expect(image.dataType).toBe(type)
  })

  test('has a colormap’s alpha, and none when none is wanted', () => {
    expect([...bandImage(rowOf([[1, 2]]), true, Uint8Array.of(90, 0)).alpha!]).toEqual([90, 0])
    expect([...bandImage(rowOf([[1, 2]])).alpha!]).toEqual([255, 255])
    expect(bandImage(rowOf([[1, 2]], ['x.']), false).alpha).toBeNull()
  })
})
