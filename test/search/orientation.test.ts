import { describe, expect, test } from 'vitest'
import { orientation } from '../../src/search/orientation.ts'

describe('orientation', () => {
  test('is positive for a left turn, negative for a right turn', () => {
    expect(orientation(0, 0, 1, 0, 1, 1)).toBeGreaterThan(0)
    expect(orientation(0, 0, 1, 0, 1, -1)).toBeLessThan(0)
  })

  test('is 0 for points on a line whose products round', () => {
    // 0.1, 0.2, 0.3 are not equally spaced as doubles; these multiples of one vector are.
    const [x, y] = [0.1, 1 / 3]
    expect(orientation(0, 0, x, y, 4 * x, 4 * y)).toBe(0)
    expect(orientation(-180, 90, 0, 0, 90, -45)).toBe(0)
  })

  test('tells sides apart that rounding would not', () => {
    // Kettner et al. 2008, «Classroom examples of robustness problems»: points one step of a double off the diagonal.
    const step = 2 ** -53
    const sides = [-2, -1, 0, 1, 2].map((n) => Math.sign(orientation(0.5, 0.5 + n * step, 12, 12, 24, 24)))
    expect(sides).toEqual([-1, -1, 0, 1, 1])
  })

  test('is antisymmetric for the smallest numbers there are', () => {
    const tiny = Number.MIN_VALUE
    expect(Math.sign(orientation(0, 0, 1, 1, 1, 1 + 2 ** -52))).toBe(1)
    expect(Math.sign(orientation(0, 0, tiny, 0, 0, tiny))).toBe(1)
    expect(Math.sign(orientation(0, 0, 0, tiny, tiny, 0))).toBe(-1)
  })
})
