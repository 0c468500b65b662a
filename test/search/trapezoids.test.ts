import { intersection } from 'polyclip-ts'
import { describe, expect, test } from 'vitest'
import { type Ring, ringArea } from '../../src/search/ring.ts'
import { trapezoids } from '../../src/search/trapezoids.ts'
import { seededRandom, star } from '../support/shapes.ts'

const total = (rings: readonly Ring[]) => rings.reduce((sum, ring) => sum + ringArea(ring), 0)
const openRing = (ring: number[][]): Ring => ring.slice(0, -1).flat()

describe('parting a polygon into trapezoids', () => {
  test('keeps the area of dented polygons with holes', () => {
    const random = seededRandom(11)
    for (let round = 0; round < 200; round++) {
      const rings = (star(5, 5, 1 + random() * 4, random).coordinates as number[][][]).map(openRing)
      const [outer, ...holes] = rings.map((ring) => Math.abs(ringArea(ring)))
      const expected = outer! - holes.reduce((sum, hole) => sum + hole, 0)
      expect(total(trapezoids(rings))).toBeCloseTo(expected, 12)
    }
  })

  test('gives convex counter-clockwise parts without overlap', () => {
    const random = seededRandom(12)
    const rings = (star(0, 0, 3, random).coordinates as number[][][]).map(openRing)
    const parts = trapezoids(rings)
    expect(parts.every((part) => ringArea(part) > 0)).toBe(true)
    const polygons = parts.map((part) => {
      const corners = Array.from({ length: part.length / 2 }, (_, i): [number, number] => [
        part[2 * i]!,
        part[2 * i + 1]!,
      ])
      return [corners]
    })
    for (const [i, one] of polygons.entries()) {
      for (const other of polygons.slice(i + 1)) expect(intersection(one, other)).toEqual([])
    }
  })

  test('makes one trapezoid of a rectangle, however many points its sides have', () => {
    expect(trapezoids([[0, 0, 4, 0, 4, 3, 0, 3]])).toEqual([[0, 0, 4, 0, 4, 3, 0, 3]])
  })

  test('fills a bow tie on both sides of where it crosses itself', () => {
    const parts = trapezoids([[0, 0, 2, 2, 2, 0, 0, 2]])
    expect(total(parts)).toBeCloseTo(2, 12)
    expect(parts.every((part) => ringArea(part) > 0)).toBe(true)
  })
})
