import { expect, test } from 'vitest'
import { LineApproximator } from '../../src/read/line-approximator.ts'
import { eachPoint, type PointFormula, transformPoint } from '../../src/read/point-transform.ts'

function fill(formula: PointFormula, length: number, lines: readonly number[] = [7.5]) {
  let points = 0
  let calls = 0
  const transform = eachPoint((x, y, out) => {
    points++
    formula(x, y, out)
  })
  const xs = new Float64Array(length * lines.length)
  const ys = new Float64Array(length * lines.length)
  const counted: typeof transform = (...points) => {
    calls++
    transform(...points)
  }
  new LineApproximator(counted).fill(0.5, lines, length, xs, ys)
  return { xs, ys, points, calls }
}

const curved: PointFormula = (x, y, out) => {
  out[0] = x + 20 * Math.sin(x / 90)
  out[1] = y + x * x * 1e-3
}

test('a straight line takes three exact points', () => {
  const { xs, points } = fill((x, y, out) => out.set([2 * x + 1, y]), 256)
  expect(points).toBe(3)
  expect(xs[0]).toBe(2)
  expect(xs[255]).toBe(512)
  expect(xs[100]).toBeCloseTo(202, 9)
})

test('a curved one is halved until its middle is within an eighth of a pixel', () => {
  const { xs, ys, points } = fill(curved, 256)
  for (let i = 0; i < 256; i++) {
    const [x, y] = transformPoint(eachPoint(curved), i + 0.5, 7.5)
    expect(Math.abs(xs[i]! - x) + Math.abs(ys[i]! - y)).toBeLessThan(0.25)
  }
  expect(points).toBeGreaterThan(3)
  expect(points).toBeLessThan(128)
})

test('lines are halved together and come out as one by one', () => {
  const alone = [3.5, 90.5].map((line) => fill(curved, 200, [line]))
  const together = fill(curved, 200, [3.5, 90.5])
  expect(together.xs).toEqual(Float64Array.of(...alone[0]!.xs, ...alone[1]!.xs))
  expect(together.ys).toEqual(Float64Array.of(...alone[0]!.ys, ...alone[1]!.ys))
  expect(together.calls).toBe(alone[0]!.calls)
})

test('five points and fewer are exact', () => {
  const { xs } = fill(curved, 5)
  for (let i = 0; i < 5; i++) expect(xs[i]).toBe(transformPoint(eachPoint(curved), i + 0.5, 7.5)[0])
})

test('where the transform has no answer every point is asked for', () => {
  const { xs } = fill((x, y, out) => out.set([x > 100 ? Number.NaN : x, y]), 256)
  expect(xs[50]).toBe(50.5)
  expect(xs[150]).toBeNaN()
})

test('a hole in one half makes both halves exact', () => {
  const holed: PointFormula = (x, y, out) => {
    curved(x, y, out)
    if (x > 60 && x < 66) out[0] = Number.NaN
  }
  const { xs } = fill(holed, 256)
  for (let i = 0; i < 256; i++) {
    const [x] = transformPoint(eachPoint(holed), i + 0.5, 7.5)
    if (Number.isNaN(x)) expect(xs[i]).toBeNaN()
    else expect(xs[i]).toBeCloseTo(x, 9)
  }
})
