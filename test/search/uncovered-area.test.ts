import { type Geom, intersection, union } from 'polyclip-ts'
import { describe, expect, test } from 'vitest'
import { parseFootprint } from '../../src/search/footprint.ts'
import { UncoveredArea } from '../../src/search/uncovered-area.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { tileLonLatBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { closed, randomShape, rectangle, type Shape, seededRandom, slanted } from '../support/shapes.ts'

const cover = (area: UncoveredArea, shape: Shape) => area.cover(parseFootprint(shape)!)

function areaOf(polygons: readonly (readonly (readonly (readonly number[])[])[])[]): number {
  const ringArea = (ring: readonly (readonly number[])[]) =>
    ring.reduce((sum, [x, y], i) => {
      const [nextX, nextY] = ring[(i + 1) % ring.length]!
      return sum + (x! * nextY! - nextX! * y!) / 2
    }, 0)
  return polygons.flat().reduce((sum, ring) => sum + ringArea(ring), 0)
}

describe('what footprints leave of a box', () => {
  test('grows and fills as the union of clipped polygons does', () => {
    const random = seededRandom(21)
    for (let round = 0; round < 30; round++) {
      const [x, y] = [random() * 4, random() * 4]
      const box: Bounds = [x, y, x + 2, y + 2]
      const frame: Geom = rectangle(...box).coordinates as Geom
      const area = new UncoveredArea(box)
      let covered: Geom = []
      let before = 0
      for (let i = 0; i < 12 && !area.full; i++) {
        const shape = randomShape(6, random)
        if (!shape.type.endsWith('Polygon')) continue
        const clipped = intersection(frame, shape.coordinates as Geom)
        covered = clipped.length === 0 ? covered : union(covered, clipped)
        const after = areaOf(covered as number[][][][])
        expect(cover(area, shape)).toBe(after - before > 1e-9)
        expect(area.full).toBe(4 - after < 1e-9)
        before = after
      }
    }
  })

  test('is nothing once four quarters are there', () => {
    const area = new UncoveredArea([0, 0, 2, 2])
    expect(cover(area, rectangle(-1, -1, 1, 1))).toBe(true)
    expect(cover(area, rectangle(1, -1, 3, 1))).toBe(true)
    expect(cover(area, rectangle(-1, 1, 1, 3))).toBe(true)
    expect(area.full).toBe(false)
    expect(cover(area, rectangle(0.2, 0.2, 1.8, 0.8))).toBe(false)
    expect(cover(area, rectangle(0.999, 0.999, 3, 3))).toBe(true)
    expect(area.full).toBe(true)
    expect(cover(area, rectangle(0, 0, 2, 2))).toBe(false)
  })

  test('sees a sliver a millionth of the box wide', () => {
    const area = new UncoveredArea([0, 0, 1, 1])
    expect(cover(area, rectangle(-1, -1, 1 - 1e-6, 2))).toBe(true)
    expect(area.full).toBe(false)
    expect(cover(area, rectangle(-1, -1, 1, 2))).toBe(true)
    expect(area.full).toBe(true)
  })

  test('does not take the rounding of a shared slanted border for a sliver, in no tile however small', () => {
    const tms = tileMatrixSets.get('WebMercatorQuad')!
    const random = seededRandom(22)
    for (let z = 0; z <= 24; z += 3) {
      const [column, row] = [Math.floor(random() * 2 ** z), Math.floor(random() * 2 ** z)]
      const box = tileLonLatBounds(tms, { z, x: column, y: row })!
      const [width, height] = [box[2] - box[0], box[3] - box[1]]
      const [low, high] = [box[0] + width * random(), box[0] + width * random()]
      const side = (x: number): Shape => {
        const corners = [
          [low, box[1] - height],
          [x, box[1] - height],
          [x, box[3] + height],
          [high, box[3] + height],
        ]
        return { type: 'Polygon', coordinates: [closed(corners)] }
      }
      const area = new UncoveredArea(box)
      expect(cover(area, side(box[0] - 2 * width))).toBe(true)
      expect(cover(area, side(box[0] - 3 * width))).toBe(false)
      expect(cover(area, side(box[2] + 2 * width))).toBe(true)
      expect(area.full).toBe(true)
    }
  })

  test('is not less by a point or a line', () => {
    const area = new UncoveredArea([0, 0, 1, 1])
    expect(cover(area, { type: 'Point', coordinates: [0.5, 0.5] })).toBe(false)
    expect(
      cover(area, {
        type: 'LineString',
        coordinates: [
          [0, 0],
          [1, 1],
        ],
      }),
    ).toBe(false)
    expect(cover(area, rectangle(1, 0, 2, 1))).toBe(false)
  })

  test('is less by both halves of a footprint that crosses itself', () => {
    const area = new UncoveredArea([0, 0, 2, 2])
    const bowTie = {
      type: 'Polygon',
      coordinates: [
        closed([
          [0, 0],
          [2, 2],
          [2, 0],
          [0, 2],
        ]),
      ],
    }
    expect(cover(area, bowTie)).toBe(true)
    expect(
      cover(area, {
        type: 'Polygon',
        coordinates: [
          closed([
            [0.1, 0.2],
            [0.9, 1],
            [0.1, 1.8],
          ]),
        ],
      }),
    ).toBe(false)
    expect(
      cover(area, {
        type: 'Polygon',
        coordinates: [
          closed([
            [0, 2],
            [1, 1],
            [2, 2],
          ]),
        ],
      }),
    ).toBe(true)
    expect(
      cover(area, {
        type: 'Polygon',
        coordinates: [
          closed([
            [0, 0],
            [2, 0],
            [1, 1],
          ]),
        ],
      }),
    ).toBe(true)
    expect(area.full).toBe(true)
  })

  test('counts every footprint as new, and never as full, once it is in too many pieces', () => {
    const area = new UncoveredArea([0, 0, 100, 100])
    for (let i = 0; i < 1_500; i++) cover(area, slanted((i % 50) * 2 + 0.5, Math.floor(i / 50) * 3, 1, 1, 0.3))
    expect(cover(area, slanted(0.5, 0, 1, 1, 0.3))).toBe(true)
    expect(area.full).toBe(false)
  })
})
