import { describe, expect, test } from 'vitest'
import { cornerCount, type Footprint, parseFootprint } from '../../src/search/footprint.ts'
import { closed, rectangle } from '../support/shapes.ts'

function polygonOf(...rings: number[][][]): Footprint {
  return parseFootprint({ type: 'Polygon', coordinates: rings.map(closed) })!
}

const convexity = (footprint: Footprint) =>
  footprint.kind === 'shape' ? footprint.polygons.map(({ convex }) => convex) : footprint.kind

describe('a footprint', () => {
  test('that is an upright rectangle is kept as its box, whatever its direction and first corner', () => {
    const ring = [
      [1, 2],
      [3, 2],
      [3, 5],
      [1, 5],
    ]
    for (const turn of [0, 1, 2, 3]) {
      const turned = [...ring.slice(turn), ...ring.slice(0, turn)]
      expect(polygonOf(turned)).toEqual({ kind: 'rectangle', bounds: [1, 2, 3, 5] })
      expect(polygonOf(turned.toReversed())).toEqual({ kind: 'rectangle', bounds: [1, 2, 3, 5] })
    }
    expect(cornerCount(polygonOf(ring))).toBe(0)
  })

  test('is no rectangle when it crosses itself, has no area or a hole', () => {
    expect(
      convexity(
        polygonOf([
          [0, 0],
          [2, 2],
          [2, 0],
          [0, 2],
        ]),
      ),
    ).toEqual([false])
    expect(
      polygonOf([
        [0, 0],
        [2, 0],
        [2, 0],
        [0, 0],
      ]).kind,
    ).toBe('shape')
    expect(
      polygonOf(
        [
          [0, 0],
          [4, 0],
          [4, 4],
          [0, 4],
        ],
        [
          [1, 1],
          [1, 2],
          [2, 2],
          [2, 1],
        ],
      ).kind,
    ).toBe('shape')
  })

  test('knows whether it is convex', () => {
    expect(
      convexity(
        polygonOf([
          [0, 0],
          [4, 1],
          [5, 4],
          [1, 3],
        ]),
      ),
    ).toEqual([true])
    expect(
      convexity(
        polygonOf([
          [0, 0],
          [1, 3],
          [5, 4],
          [4, 1],
        ]),
      ),
    ).toEqual([true])
    expect(
      convexity(
        polygonOf([
          [0, 0],
          [4, 1],
          [2, 2],
          [1, 3],
        ]),
      ),
    ).toEqual([false])
    // A star drawn in one line turns left at every corner, and twice around.
    const star = [0, 2, 4, 1, 3].map((k) => [Math.cos((k * 2 * Math.PI) / 5), Math.sin((k * 2 * Math.PI) / 5)])
    expect(convexity(polygonOf(star))).toEqual([false])
  })

  test('may be of many parts, and of points and lines', () => {
    const parts = parseFootprint({
      type: 'GeometryCollection',
      geometries: [
        { type: 'MultiPolygon', coordinates: [rectangle(0, 0, 1, 1).coordinates, rectangle(4, 4, 5, 6).coordinates] },
        {
          type: 'MultiLineString',
          coordinates: [
            [
              [7, 7, 100],
              [8, 8, 100],
            ],
          ],
        },
        {
          type: 'MultiPoint',
          coordinates: [
            [-1, 3],
            [-2, 4],
          ],
        },
      ],
    })
    expect(parts).toMatchObject({ kind: 'shape', bounds: [-2, 0, 8, 8] })
    expect(cornerCount(parts)).toBe(12)
  })

  test('without a point is none', () => {
    expect(parseFootprint({ type: 'Polygon', coordinates: [] })).toBeNull()
    expect(parseFootprint({ type: 'GeometryCollection', geometries: [] })).toBeNull()
  })
})
