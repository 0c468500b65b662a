import { describe, expect, test } from 'vitest'
import { parseFootprint } from '../../src/search/footprint.ts'
import { relate } from '../../src/search/footprint-relation.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { closed, rectangle, type Shape } from '../support/shapes.ts'

const box: Bounds = [10, 10, 12, 12]
const to = (shape: Shape) => relate(parseFootprint(shape)!, box)
const polygon = (...rings: number[][][]): Shape => ({ type: 'Polygon', coordinates: rings.map(closed) })

describe('how a footprint lies to a box', () => {
  test('a rectangle that shares an edge or a corner touches', () => {
    expect(to(rectangle(12, 10, 14, 12))).toBe('touches')
    expect(to(rectangle(8, 8, 10, 10))).toBe('touches')
    expect(to(rectangle(12.000000000000002, 10, 14, 12))).toBe('disjoint')
    expect(to(rectangle(10, 10, 12, 12))).toBe('covers')
    expect(to(rectangle(9, 9, 13, 13))).toBe('covers')
    expect(to(rectangle(10.5, 9, 13, 13))).toBe('touches')
  })

  test('a triangle whose box overlaps but whose side passes by is apart', () => {
    expect(
      to(
        polygon([
          [8, 13],
          [13, 13],
          [13, 8],
          [12.9, 12.9],
        ]),
      ),
    ).toBe('disjoint')
    expect(
      to(
        polygon([
          [8, 14],
          [14, 8],
          [14, 14],
        ]),
      ),
    ).toBe('touches')
    expect(
      to(
        polygon([
          [9, 16],
          [16, 9],
          [16, 16],
        ]),
      ),
    ).toBe('disjoint')
  })

  test('a side through nothing but the corner touches, one double step further it does not', () => {
    const side = (shift: number) =>
      polygon([
        [11, 13 + shift],
        [13 + shift, 11],
        [14, 14],
      ])
    expect(to(side(0))).toBe('touches')
    expect(to(side(2 ** -48))).toBe('disjoint')
  })

  test('a box inside a hole is apart, until it touches the hole', () => {
    const outer = [
      [0, 0],
      [30, 1],
      [30, 30],
      [0, 30],
    ]
    const hole = (left: number) => [
      [left, 9],
      [13, 9],
      [13, 13],
      [left, 13],
    ]
    expect(to(polygon(outer, hole(9)))).toBe('disjoint')
    expect(to(polygon(outer, hole(10)))).toBe('touches')
    expect(to(polygon(outer))).toBe('covers')
  })

  test('a box is covered by one of several parts', () => {
    const far = rectangle(40, 40, 41, 41).coordinates
    const around = polygon([
      [0, 0],
      [30, 1],
      [30, 30],
      [0, 30],
    ]).coordinates
    expect(to({ type: 'MultiPolygon', coordinates: [far, around] })).toBe('covers')
    expect(to({ type: 'MultiPolygon', coordinates: [far] })).toBe('disjoint')
  })

  test('lines and points touch, and are not closed', () => {
    expect(
      to({
        type: 'LineString',
        coordinates: [
          [9, 11],
          [13, 11],
        ],
      }),
    ).toBe('touches')
    expect(
      to({
        type: 'LineString',
        coordinates: [
          [9, 9],
          [9, 13],
          [13, 13],
          [13, 9],
        ],
      }),
    ).toBe('disjoint')
    expect(
      to({
        type: 'LineString',
        coordinates: [
          [8, 12],
          [10, 14],
          [20, 20],
        ],
      }),
    ).toBe('disjoint')
    expect(to({ type: 'Point', coordinates: [12, 12] })).toBe('touches')
    expect(
      to({
        type: 'MultiPoint',
        coordinates: [
          [9, 11],
          [13, 11],
        ],
      }),
    ).toBe('disjoint')
  })

  test('a polygon that crosses itself is filled by the even-odd rule', () => {
    const bowTie = polygon([
      [0, 0],
      [22, 22],
      [22, 0],
      [0, 22],
    ])
    expect(to(bowTie)).toBe('touches')
    expect(relate(parseFootprint(bowTie)!, [4, 10, 6, 12])).toBe('covers')
    expect(relate(parseFootprint(bowTie)!, [10, 3, 12, 5])).toBe('disjoint')
  })
})
