import { describe, expect, test } from 'vitest'
import { parseColormap } from '../../src/request/colormap-parameter.ts'
import { failure } from '../support/failure.ts'

const parse = (json: unknown) => parseColormap(null, typeof json === 'string' ? json : JSON.stringify(json))

describe('a colormap', () => {
  test('by value takes colors in every notation', () => {
    expect(
      parse({ '10': '#f00', '-2': '#0f08', ' 3 ': '#0000FF', '4': '#01020304', '5': [1, 2, 3], '6': [1, 2, 3, 0] }),
    ).toEqual({
      kind: 'values',
      entries: [
        [-2, [0, 255, 0, 136]],
        [3, [0, 0, 255, 255]],
        [4, [1, 2, 3, 4]],
        [5, [1, 2, 3, 255]],
        [6, [1, 2, 3, 0]],
        [10, [255, 0, 0, 255]],
      ],
    })
  })

  test('by interval keeps the order, as the last of two that overlap counts', () => {
    expect(
      parse([
        [[5, 10.5], '#ff0000'],
        [
          [0, 6, 99],
          [0, 0, 0],
        ],
      ]),
    ).toEqual({
      kind: 'intervals',
      entries: [
        [5, 10.5, [255, 0, 0, 255]],
        [0, 6, [0, 0, 0, 255]],
      ],
    })
  })

  test('cuts and wraps numbers to a byte, as numpy stores them', () => {
    expect(parse({ '0': [300, -1, 1.5] })).toEqual({ kind: 'values', entries: [[0, [44, 255, 1, 255]]] })
  })

  test('is none when empty', () => {
    for (const json of ['', '{}', '[]']) expect(parse(json)).toBeNull()
  })

  test('by name goes before one in JSON, which is then not looked at', () => {
    expect(parseColormap('viridis', '{')).toEqual({ kind: 'named', name: 'viridis' })
  })

  test.each([
    ['no JSON', '{'],
    ['a text', '"viridis"'],
    ['null', 'null'],
    ['a key that is no whole number', { '1.5': '#fff' }],
    ['a color by name', { '1': 'red' }],
    ['a color of five digits', { '1': '#12345' }],
    ['a color of two numbers', { '1': [1, 2] }],
    ['a color of five numbers', { '1': [1, 2, 3, 4, 5] }],
    ['a color of texts', { '1': ['1', '2', '3'] }],
    ['an interval without colour', [[[0, 1]]]],
    ['an interval of texts', [[['0', '1'], '#fff']]],
    ['a color that is an object', [[[0, 1], { '0': '#fff' }]]],
    ['more entries than allowed', Object.fromEntries(Array.from({ length: 1_025 }, (_, i) => [i, '#fff']))],
    ['more levels than allowed', '[[[[[[[[[0]]]]]]]]]'],
  ])('with %s is refused', (_, json) => {
    expect(failure(() => parse(json))).toMatchObject({
      code: 'PARAMETER_INVALID',
      detail: expect.stringContaining('colormap'),
    })
  })
})
