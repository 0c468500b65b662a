import { describe, expect, test } from 'vitest'
import { applyColormap, colormapNames, colormapOf } from '../../src/render/colormap.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

describe('the colormaps', () => {
  test('are rio-tiler’s 211, of 256 colours each', () => {
    expect(colormapNames).toHaveLength(211)
    for (const name of colormapNames) expect(colormapOf(name)).toHaveLength(768)
  })

  test.each([
    ['viridis', 0, [68, 1, 84]],
    ['viridis', 255, [253, 231, 36]],
    ['viridis_r', 0, [253, 231, 36]],
    ['gray', 128, [128, 128, 128]],
    ['cfastie', 255, [255, 1, 239]],
  ])('%s has at %d the colour %j', (name, index, colour) => {
    expect([...colormapOf(name)!.subarray(index * 3, index * 3 + 3)]).toEqual(colour)
  })

  test.each(['Viridis', 'nothing', 'constructor', '__proto__'])('have none called %s', (name) => {
    expect(colormapOf(name)).toBeNull()
  })
})

describe('a coloured raster', () => {
  const gray = colormapOf('gray')!

  test('has three bands with the one band’s mask', () => {
    const result = applyColormap(rowOf([[0, 128, 255]], ['xx.']), gray)
    expect(result.bands.map((band) => [...band])).toEqual([
      [0, 128, 255],
      [0, 128, 255],
      [0, 128, 255],
    ])
    expect(masksOf(result)).toEqual(['xx.', 'xx.', 'xx.'])
  })

  test('wraps what is no byte', () => {
    expect([...applyColormap(rowOf([[256, 255, 511]], [null], 'uint16'), gray).bands[0]!]).toEqual([0, 255, 255])
    expect([...applyColormap(rowOf([[-1, -256]], [null], 'int16'), gray).bands[0]!]).toEqual([255, 0])
    expect([
      ...applyColormap(rowOf([[0.9, -1.5, 256.5, Number.NaN, 1e10]], [null], 'float32'), gray).bands[0]!,
    ]).toEqual([0, 255, 0, 0, 0])
  })

  test('is never made of more than one band', () => {
    expect(() => applyColormap(rowOf([[1], [2]]), gray)).toThrow(
      /FORMAT_INVALID: a colormap needs an image of one band/,
    )
  })
})
