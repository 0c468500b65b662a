import { expect, test } from 'vitest'
import { LineApproximator } from '../../src/read/approximate-line.ts'
import type { Project } from '../../src/read/projection.ts'

function fill(project: Project, length: number) {
  let calls = 0
  const counted: Project = (x, y, out) => {
    calls++
    project(x, y, out)
  }
  const xs = new Float64Array(length)
  const ys = new Float64Array(length)
  new LineApproximator(counted).fill(0.5, 7.5, length, xs, ys, 0)
  return { xs, ys, calls }
}

const curved: Project = (x, y, out) => {
  out[0] = x + 20 * Math.sin(x / 90)
  out[1] = y + x * x * 1e-3
}

test('a straight line takes three exact points', () => {
  const { xs, calls } = fill((x, y, out) => out.set([2 * x + 1, y]), 256)
  expect(calls).toBe(3)
  expect(xs[0]).toBe(2)
  expect(xs[255]).toBe(512)
  expect(xs[100]).toBeCloseTo(202, 9)
})

test('a curved one is halved until its middle is within an eighth of a pixel', () => {
  const { xs, ys, calls } = fill(curved, 256)
  const out = new Float64Array(2)
  for (let i = 0; i < 256; i++) {
    curved(i + 0.5, 7.5, out)
    expect(Math.abs(xs[i]! - out[0]!) + Math.abs(ys[i]! - out[1]!)).toBeLessThan(0.25)
  }
  expect(calls).toBeGreaterThan(3)
  expect(calls).toBeLessThan(128)
})

test('five points and fewer are exact', () => {
  const { xs } = fill(curved, 5)
  const out = new Float64Array(2)
  for (let i = 0; i < 5; i++) {
    curved(i + 0.5, 7.5, out)
    expect(xs[i]).toBe(out[0])
  }
})

test('where the transform has no answer every point is asked for', () => {
  const { xs } = fill((x, y, out) => out.set([x > 100 ? Number.NaN : x, y]), 256)
  expect(xs[50]).toBe(50.5)
  expect(xs[150]).toBeNaN()
})
