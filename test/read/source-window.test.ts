import { describe, expect, test } from 'vitest'
import type { Project } from '../../src/read/projection.ts'
import { sourceWindowOf } from '../../src/read/source-window.ts'

const unit = { x: 0, y: 0, width: 100, height: 100 }
const level = { width: 1000, height: 1000 }
const shifted =
  (scale: number, by: number): Project =>
  (x, y, out) =>
    out.set([x * scale + by, y * scale + by])

describe('the source window', () => {
  test('of nearest is what the unit covers', () => {
    expect(sourceWindowOf(unit, level, 0, shifted(2, 50.5), false)).toEqual({
      window: { x: 50, y: 50, width: 201, height: 201 },
      scaleX: 0.5,
      scaleY: 0.5,
    })
  })

  test('of a kernel is wider by its radius, and by more when it reduces', () => {
    expect(sourceWindowOf(unit, level, 1, shifted(1, 50), false)?.window).toEqual({
      x: 49,
      y: 49,
      width: 102,
      height: 102,
    })
    expect(sourceWindowOf(unit, level, 1, shifted(2, 50), false)?.window).toEqual({
      x: 48,
      y: 48,
      width: 204,
      height: 204,
    })
  })

  test('ends at the level’s edges', () => {
    expect(sourceWindowOf(unit, level, 1, shifted(1, 950), false)?.window).toEqual({
      x: 949,
      y: 949,
      width: 51,
      height: 51,
    })
  })

  test('is the whole level when it is nearly that', () => {
    expect(sourceWindowOf(unit, level, 0, shifted(9.5, 20), false)?.window).toEqual({ x: 0, y: 0, ...level })
  })

  test('takes what is a millionth from a whole number for it', () => {
    expect(sourceWindowOf(unit, level, 0, shifted(1, 50 - 1e-8), false)?.window.x).toBe(50)
  })

  test('is none beside the level and where nothing can be projected', () => {
    expect(sourceWindowOf(unit, level, 0, shifted(1, 1000), false)).toBeNull()
    expect(sourceWindowOf(unit, level, 0, (_x, _y, out) => out.fill(Number.NaN), false)).toBeNull()
  })
})

describe('the kernel’s scale', () => {
  test('counts the padding as source where GDAL forgets it', () => {
    expect(sourceWindowOf(unit, level, 1, shifted(1.7, 50), false)?.scaleX).toBeCloseTo(1 / 1.7, 12)
    expect(sourceWindowOf(unit, level, 1, shifted(1.7, 50), true)?.scaleX).toBeCloseTo(100 / 174, 12)
  })

  test('is a whole reduction when it is nearly one', () => {
    expect(sourceWindowOf(unit, level, 1, shifted(2.03, 50), false)?.scaleX).toBe(0.5)
  })
})
