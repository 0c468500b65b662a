import { describe, expect, test } from 'vitest'
import type { DataType } from '../../src/raster/data-type.ts'
import { applyColorFormula } from '../../src/render/color-formula.ts'
import { parseColorFormula } from '../../src/request/color-formula.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

function adjusted(formula: string, bands: readonly (readonly number[])[], type: DataType = 'uint8'): number[][] {
  const raster = rowOf(
    bands,
    bands.map(() => null),
    type,
  )
  return applyColorFormula(raster, parseColorFormula(formula)).bands.map((band) => [...band])
}

// Expected samples are color_operations 0.4's, through rio_tiler.models.ImageData.apply_color_formula.
describe('a color formula', () => {
  const ramp = [0, 1, 50, 127, 200, 255]

  test.each([
    ['gamma r 2', [0, 15, 112, 179, 225, 255]],
    ['gamma r 0.5', [0, 0, 9, 63, 156, 255]],
    ['sigmoidal r 6 0.5', [0, 0, 25, 126, 225, 255]],
    ['sigmoidal r 6 0', [0, 3, 135, 231, 251, 255]],
    ['sigmoidal r -6 0.35', [0, 1, 49, 96, 146, 255]],
    ['sigmoidal r 0 0.5', ramp],
  ])('%s of bytes', (formula, expected) => {
    expect(adjusted(formula, [ramp])).toEqual([expected])
  })

  test('saturates the first three bands, and leaves further ones', () => {
    expect(
      adjusted('saturation 1.5', [
        [100, 10, 200],
        [120, 10, 50],
        [80, 10, 25],
        [1, 2, 3],
      ]),
    ).toEqual([
      [91, 9, 234],
      [122, 10, 0],
      [62, 9, 0],
      [1, 2, 3],
    ])
    expect(adjusted('saturation 1', [[100], [120], [80]])).toEqual([[99], [120], [79]])
  })

  test('cuts to a byte after each operation', () => {
    expect(adjusted('gamma r 2 gamma r 0.5', [[1, 3, 100]])).toEqual([[0, 2, 99]])
  })

  test('leaves 8 of 16 bits also of bands it does not name', () => {
    expect(
      adjusted(
        'gamma r 2',
        [
          [65535, 16384],
          [65535, 16384],
        ],
        'uint16',
      ),
    ).toEqual([
      [255, 127],
      [255, 63],
    ])
  })

  test('makes negative samples 0', () => {
    expect(adjusted('gamma r 1', [[-5, 32767]], 'int16')).toEqual([[0, 255]])
  })

  test('keeps the masks', () => {
    const raster = rowOf([[1, 2]], ['x.'])
    expect(masksOf(applyColorFormula(raster, parseColorFormula('gamma r 2')))).toEqual(['x.'])
  })

  test('of nothing is the raster', () => {
    const raster = rowOf([[1]])
    expect(applyColorFormula(raster, [])).toBe(raster)
  })

  test.each([
    ['gamma b 2', [[1], [2]], 'uint8', /RASTER_SHAPE_INVALID: gamma needs an image of 3 bands/],
    ['saturation 2', [[1]], 'uint8', /RASTER_SHAPE_INVALID: saturation needs an image of 3 bands/],
    ['gamma r 2', [[1]], 'float32', /PARAMETER_INVALID: .* rescale it/],
  ] as const)('%s refuses what it can’t be applied to', (formula, bands, type, message) => {
    expect(() => adjusted(formula, bands, type)).toThrow(message)
  })
})
