import { expect, test } from 'vitest'
import { parseColorFormula } from '../../src/request/color-formula.ts'
import { failure } from '../support/failure.ts'

test('a color formula is read as rio-color reads it: commas and case do not matter, bands are letters or digits', () => {
  expect(parseColorFormula('gamma RGB 3.5, saturation 1.7, Sigmoidal r3 15 0.35')).toEqual([
    { kind: 'gamma', bands: [0, 1, 2], gamma: 3.5 },
    { kind: 'saturation', proportion: 1.7 },
    { kind: 'sigmoidal', bands: [0, 2], contrast: 15, bias: 0.35 },
  ])
})

test('numbers beyond those an operation takes are ignored, as upstream does', () => {
  expect(parseColorFormula('gamma bg 1_0 7')).toEqual([{ kind: 'gamma', bands: [1, 2], gamma: 10 }])
})

test('no formula is no operation', () => {
  expect(parseColorFormula(null)).toEqual([])
})

test.each([
  ['nothing', ''],
  ['no operation first', 'rgb gamma 2'],
  ['an unknown operation', 'contrast rgb 2'],
  ['two spaces', 'gamma  rgb 2'],
  ['a tab', 'gamma\trgb 2'],
  ['an unknown band', 'gamma rgx 2'],
  ['a fourth band', 'gamma 4 2'],
  ['bands of a saturation', 'saturation rgb 1.5'],
  ['a number that is none', 'gamma rgb two'],
  ['too few numbers', 'sigmoidal rgb 15'],
  ['a gamma of zero', 'gamma rgb 0'],
  ['a gamma that is no number', 'gamma rgb nan'],
  ['a bias beyond 1', 'sigmoidal rgb 15 1.1'],
  ['more than sixteen operations', Array.from({ length: 17 }, () => 'gamma r 2').join(' ')],
])('a formula with %s is refused', (_, formula) => {
  expect(failure(() => parseColorFormula(formula))).toMatchObject({
    code: 'PARAMETER_INVALID',
    detail: expect.stringContaining('color_formula'),
  })
})
