import { describe, expect, test } from 'vitest'
import { eachPoint } from '../../src/read/point-transform.ts'
import { sourceWindowOf } from '../../src/read/source-window.ts'

const unit = { x: 0, y: 0, width: 100, height: 100 }
const level = { width: 1000, height: 1000 }

function windowOf(radius: number, scale: number, by: number, loseExtra = false) {
  const toSource = eachPoint((x, y, out) => out.set([x * scale + by, y * scale + by]))
  const toTarget = eachPoint((x, y, out) => out.set([(x - by) / scale, (y - by) / scale]))
  const transforms = { toSource, toTarget, checkedToSource: toSource, poles: [], separable: true }
  return sourceWindowOf({ unit, raster: unit, level, transforms }, radius, loseExtra)
}

describe('the source window', () => {
  test('of nearest is what the unit covers', () => {
    expect(windowOf(0, 2, 50.5)).toEqual({
      window: { x: 50, y: 50, width: 201, height: 201 },
      scaleX: 0.5,
      scaleY: 0.5,
    })
  })

  test('of a kernel is wider by its radius, and by more when it reduces', () => {
    expect(windowOf(1, 1, 50)?.window).toEqual({
      x: 49,
      y: 49,
      width: 102,
      height: 102,
    })
    expect(windowOf(1, 2, 50)?.window).toEqual({
      x: 48,
      y: 48,
      width: 204,
      height: 204,
    })
  })

  test('ends at the level’s edges', () => {
    expect(windowOf(1, 1, 950)?.window).toEqual({
      x: 949,
      y: 949,
      width: 51,
      height: 51,
    })
  })

  test('is the whole level when it is nearly that', () => {
    expect(windowOf(0, 9.5, 20)?.window).toEqual({ x: 0, y: 0, ...level })
  })

  test('takes what is a millionth from a whole number for it', () => {
    expect(windowOf(0, 1, 50 - 1e-8)?.window.x).toBe(50)
  })

  test('is none beside the level', () => {
    expect(windowOf(0, 1, 1000.5)).toBeNull()
  })

  test('is none where nothing can be projected, and wider by ten where some of it can’t', () => {
    const upTo = (limit: number) => eachPoint((x, y, out) => out.set([x > limit ? Number.NaN : x + 50, y + 50]))
    const windowUpTo = (limit: number) => {
      const toSource = upTo(limit)
      const transforms = { toSource, toTarget: upTo(-1), checkedToSource: toSource, poles: [], separable: false }
      return sourceWindowOf({ unit, raster: unit, level, transforms }, 1, false)?.window
    }
    expect(windowUpTo(-1)).toBeUndefined()
    expect(windowUpTo(60)).toEqual({ x: 39, y: 39, width: 82, height: 122 })
  })

  test('takes what leads to the unit from the source, where the unit does not lead back', () => {
    const toSource = eachPoint((x, y, out) => out.set([x > 50 ? Number.NaN : x + 50, y + 50]))
    const toTarget = eachPoint((x, y, out) => out.set([x - 490, y - 50]))
    const transforms = { toSource, toTarget, checkedToSource: toSource, poles: [], separable: false }
    const found = sourceWindowOf({ unit, raster: unit, level, transforms }, 0, false)?.window
    // Of 21 points over 1000 pixels those at 500 and 550 fall on the unit; ten more for the holes.
    expect(found).toMatchObject({ x: 40, width: 520 })
  })
})

describe('the kernel’s scale', () => {
  test('counts the padding as source where GDAL forgets it', () => {
    expect(windowOf(1, 1.7, 50)?.scaleX).toBeCloseTo(1 / 1.7, 12)
    expect(windowOf(1, 1.7, 50, true)?.scaleX).toBeCloseTo(100 / 174, 12)
  })

  test('is a whole reduction when it is nearly one', () => {
    expect(windowOf(1, 2.03, 50)?.scaleX).toBe(0.5)
  })
})
