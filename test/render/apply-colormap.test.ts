import { describe, expect, test } from 'vitest'
import type { DataType } from '../../src/raster/data-type.ts'
import { applyColormap, applyPalette } from '../../src/render/apply-colormap.ts'
import type { Coloured } from '../../src/render/coloured.ts'
import type { Colormap, Rgba } from '../../src/request/tile-request.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

const gray: Colormap = { kind: 'named', name: 'gray' }
const red: Rgba = [255, 0, 0, 255]
const half: Rgba = [0, 255, 0, 128]
const nothing = [0, 0, 0, 0]

const values = (...entries: [number, Rgba][]): Colormap => ({ kind: 'values', entries })
const intervals = (...entries: [number, number, Rgba][]): Colormap => ({ kind: 'intervals', entries })

/** Each pixel's colour and alpha. */
function coloured(
  colormap: Colormap,
  samples: readonly number[],
  type: DataType = 'uint8',
  mask: string | null = null,
) {
  const { raster, alpha } = applyColormap(rowOf([samples], [mask], type), colormap)
  return samples.map((_, i) => [...raster.bands.map((band) => band[i]), alpha === null ? 255 : alpha[i]])
}

describe('a named colormap', () => {
  test('gives three opaque bands with the one band’s mask', () => {
    const { raster, alpha } = applyColormap(rowOf([[0, 128, 255]], ['xx.']), gray)
    expect(raster.bands.map((band) => [...band])).toEqual(Array(3).fill([0, 128, 255]))
    expect(masksOf(raster)).toEqual(['xx.', 'xx.', 'xx.'])
    expect(raster.bandNames).toEqual(['b1', 'b2', 'b3'])
    expect(alpha).toBeNull()
  })

  test.each([
    ['uint16', [256, 255, 511], [0, 255, 255]],
    ['int16', [-1, -256], [255, 0]],
    ['float32', [0.9, -1.5, 256.5, Number.NaN, 1e10], [0, 255, 0, 0, 0]],
  ] as const)('cuts and wraps %s to a byte', (type, samples, expected) => {
    expect(coloured(gray, samples, type).map(([first]) => first)).toEqual(expected)
  })

  test('must be known', () => {
    expect(() => coloured({ kind: 'named', name: 'nope' }, [1])).toThrow(/PARAMETER_INVALID/)
  })
})

describe('colours of values', () => {
  test('are for exactly these, others are transparent black', () => {
    expect(coloured(values([1, red], [2, half]), [1, 2, 3])).toEqual([red, half, nothing])
    expect(coloured(values([-5, red]), [-5, 251], 'int16')).toEqual([red, nothing])
    expect(coloured(values([1, red]), [1, 1.5, Number.NaN], 'float32')).toEqual([red, nothing, nothing])
  })

  test('are transparent where the raster is masked', () => {
    expect(coloured(values([1, half]), [1, 1], 'uint8', 'x.')).toEqual([half, [0, 255, 0, 0]])
  })

  test('need no alpha when all that is not masked is opaque', () => {
    const { raster, alpha } = applyColormap(rowOf([[1, 2]], ['x.']), values([1, red], [2, half]))
    expect(alpha).toBeNull()
    expect(masksOf(raster)).toEqual(['x.', 'x.', 'x.'])
  })

  const all = (count: number) =>
    values(...Array.from({ length: count }, (_, i): [number, Rgba] => [i, [i % 256, 0, 0, 255]]))

  test('are a table of bytes when there is one for each of 0 to 255: other types are cut and wrapped', () => {
    expect(coloured(all(256), [257, 7], 'uint16').map(([first]) => first)).toEqual([1, 7])
    expect(coloured(all(256), [7.9], 'float32')).toEqual([[7, 0, 0, 255]])
  })

  test.each([255, 257])('are compared when there are %d', (count) => {
    expect(coloured(all(count), [300, 7.9], 'float32')).toEqual([nothing, nothing])
  })
})

describe('colours of intervals', () => {
  test('hold their lower bound and not their upper one', () => {
    expect(coloured(intervals([0, 10, red], [10, 20, half]), [0, 9, 10, 19, 20, 255])).toEqual([
      red,
      red,
      half,
      half,
      nothing,
      nothing,
    ])
  })

  test('are the last one’s where two overlap', () => {
    expect(coloured(intervals([0, 10, red], [5, 7, half]), [4, 5, 6, 7])).toEqual([red, half, half, red])
  })

  test.each(['float32', 'float64', 'int32'] as const)('are found among many for %s', (type) => {
    const many = Array.from({ length: 300 }, (_, i): [number, number, Rgba] => [i * 3, i * 3 + 2, [i % 256, 1, 2, 255]])
    expect(
      coloured(intervals(...many), [-1, 0, 1, 2, 300, 897, 899], type).map(([first, second]) => [first, second]),
    ).toEqual([
      [0, 0],
      [0, 1],
      [0, 1],
      [0, 0],
      [100, 1],
      [43, 1],
      [0, 0],
    ])
  })

  test('are compared as float32 with samples of that type, as numpy does', () => {
    expect(coloured(intervals([0.7, 1, red]), [0.7], 'float32')).toEqual([red])
    expect(coloured(intervals([0, 1, red]), [Number.NaN, Number.POSITIVE_INFINITY], 'float32')).toEqual([
      nothing,
      nothing,
    ])
  })

  test('that are empty or turned round colour nothing', () => {
    expect(coloured(intervals([5, 5, red], [9, 3, red]), [3, 5, 9])).toEqual([nothing, nothing, nothing])
  })
})

test('no colormap is for more than one band', () => {
  expect(() => applyColormap(rowOf([[1], [2]]), gray)).toThrow(/FORMAT_INVALID: a colormap needs an image of one band/)
})

describe('a file’s palette', () => {
  const palette = (...colors: readonly (readonly number[])[]) => Uint8Array.from(colors.flat())
  const colours = ({ raster, alpha }: Coloured) => ({
    rgb: raster.bands.map((band) => [...band]),
    alpha: alpha && [...alpha],
  })

  test('of 256 colours is a table of bytes', () => {
    const all = palette(...Array.from({ length: 256 }, (_, i) => [i, 255 - i, 7, i === 3 ? 0 : 255]))
    expect(colours(applyPalette(rowOf([[0, 3, 255]], ['xxx']), all))).toEqual({
      rgb: [
        [0, 3, 255],
        [255, 252, 0],
        [7, 7, 7],
      ],
      alpha: [255, 0, 255],
    })
    expect(colours(applyPalette(rowOf([[2.9, 258]], undefined, 'float64'), all)).rgb[0]).toEqual([2, 2])
  })

  test('of fewer colours leaves other samples transparent', () => {
    const two = palette([1, 2, 3, 255], [4, 5, 6, 255])
    expect(colours(applyPalette(rowOf([[1, 0, 2, 1]], ['xxx.']), two))).toEqual({
      rgb: [
        [4, 1, 0, 4],
        [5, 2, 0, 5],
        [6, 3, 0, 6],
      ],
      alpha: [255, 255, 0, 0],
    })
    expect(colours(applyPalette(rowOf([[0.5, -1, 1]], undefined, 'float32'), two)).alpha).toEqual([0, 0, 255])
  })
})
