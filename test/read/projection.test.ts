import { describe, expect, test } from 'vitest'
import { projectionBetween } from '../../src/read/projection.ts'

/** EPSG code, x and y in EPSG:3857, easting and northing, from PROJ 9.4. */
const projPoints = [
  [32642, 7970000, 5010000, 718367.6695585104, 4540239.831971362],
  [32642, 7600000, -900000, 419780.0789407541, -890796.8340977675],
  [32719, -7800000, -1900000, 386142.64395656035, 8139937.770274518],
  [32731, 400000, -5000000, 549957.3821382043, 5470367.798496278],
  [25832, 1100000, 6500000, 562765.684610292, 5573383.323272304],
] as const

const out = new Float64Array(2)
const half = 20037508.342789244

describe('EPSG:3857 to 4326', () => {
  const { toSource, toTarget, separable } = projectionBetween('EPSG:3857', 'EPSG:4326')!

  test('keeps the edges of the world on their own side', () => {
    toSource(-half, half, out)
    expect(out[0]).toBe(-180)
    expect(out[1]).toBeCloseTo(85.0511287798066, 12)
    toSource(half, -half, out)
    expect(out[0]).toBe(180)
  })

  test('comes back on the other side beyond them', () => {
    toSource(half + 6378137 * (Math.PI / 180), 0, out)
    expect(out[0]).toBeCloseTo(-179, 9)
  })

  test('and back is the same place', () => {
    toSource(7962000, 5020000, out)
    toTarget(out[0]!, out[1]!, out)
    expect(out[0]).toBeCloseTo(7962000, 6)
    expect(out[1]).toBeCloseTo(5020000, 6)
  })

  test('has no place for the poles', () => {
    toTarget(0, 90, out)
    expect(out[1]).toBeNaN()
  })

  test('is separable', () => {
    expect(separable).toBe(true)
  })
})

describe('EPSG:3857 to UTM', () => {
  test.each([
    [32642, 7970000, 5010000],
    [32719, -7800000, -1900000],
    [25832, 1100000, 6500000],
  ])('%d and back is the same place to a millionth of a metre', (epsg, x, y) => {
    const { toSource, toTarget, separable } = projectionBetween('EPSG:3857', `EPSG:${epsg}`)!
    toSource(x, y, out)
    toTarget(out[0]!, out[1]!, out)
    expect(out[0]).toBeCloseTo(x, 6)
    expect(out[1]).toBeCloseTo(y, 6)
    expect(separable).toBe(false)
  })

  test.each(projPoints)('gives what PROJ gives: %d', (epsg, x, y, easting, northing) => {
    projectionBetween('EPSG:3857', `EPSG:${epsg}`)!.toSource(x, y, out)
    expect(out[0]).toBeCloseTo(easting, 6)
    expect(out[1]).toBeCloseTo(northing, 6)
  })

  test('puts the central meridian at 500 km', () => {
    projectionBetween('EPSG:4326', 'EPSG:32642')!.toSource(69, 0, out)
    expect(out[0]).toBeCloseTo(500_000, 9)
    expect(out[1]).toBeCloseTo(0, 9)
  })

  test('has no place on the other side of the earth', () => {
    projectionBetween('EPSG:4326', 'EPSG:32642')!.toSource(159, 0, out)
    expect(out[0]).toBeNaN()
  })
})

test('the same coordinate reference system changes nothing', () => {
  projectionBetween('EPSG:2056', 'EPSG:2056')!.toSource(1.5, 2.5, out)
  expect([...out]).toEqual([1.5, 2.5])
})

test.each([2056, 32661, 32600, 25827, 26918])('EPSG:%d is left to GDAL', (epsg) => {
  expect(projectionBetween('EPSG:3857', `EPSG:${epsg}`)).toBeNull()
})
