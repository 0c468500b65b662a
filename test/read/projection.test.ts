import { describe, expect, test } from 'vitest'
import { transformPoint } from '../../src/read/point-transform.ts'
import { projectionBetween } from '../../src/read/projection.ts'
import { isSameCrs, spatialReference } from '../../src/read/spatial-reference.ts'

/** EPSG code, x and y in EPSG:3857, easting and northing, from PROJ 9.4. */
const projPoints = [
  [32642, 7970000, 5010000, 718367.6695585104, 4540239.831971362],
  [32642, 7600000, -900000, 419780.0789407541, -890796.8340977675],
  [32719, -7800000, -1900000, 386142.64395656035, 8139937.770274518],
  [32731, 400000, -5000000, 549957.3821382043, 5470367.798496278],
  [25832, 1100000, 6500000, 562765.684610292, 5573383.323272304],
] as const

const half = 20037508.342789244

describe('EPSG:3857 to 4326', () => {
  const { toSource, toTarget, separable } = projectionBetween('EPSG:3857', 'EPSG:4326')!

  test('keeps the edges of the world on their own side', () => {
    const out = transformPoint(toSource, -half, half)
    expect(out[0]).toBe(-180)
    expect(out[1]).toBeCloseTo(85.0511287798066, 12)
    expect(transformPoint(toSource, half, -half)[0]).toBe(180)
  })

  test('comes back on the other side beyond them', () => {
    const out = transformPoint(toSource, half + 6378137 * (Math.PI / 180), 0)
    expect(out[0]).toBeCloseTo(-179, 9)
  })

  test('and back is the same place', () => {
    const there = transformPoint(toSource, 7962000, 5020000)
    const out = transformPoint(toTarget, ...there)
    expect(out[0]).toBeCloseTo(7962000, 6)
    expect(out[1]).toBeCloseTo(5020000, 6)
  })

  test('has no place for the poles', () => {
    const out = transformPoint(toTarget, 0, 90)
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
    const there = transformPoint(toSource, x, y)
    const out = transformPoint(toTarget, ...there)
    expect(out[0]).toBeCloseTo(x, 6)
    expect(out[1]).toBeCloseTo(y, 6)
    expect(separable).toBe(false)
  })

  test.each(projPoints)('gives what PROJ gives: %d', (epsg, x, y, easting, northing) => {
    const out = transformPoint(projectionBetween('EPSG:3857', `EPSG:${epsg}`)!.toSource, x, y)
    expect(out[0]).toBeCloseTo(easting, 6)
    expect(out[1]).toBeCloseTo(northing, 6)
  })

  test('puts the central meridian at 500 km', () => {
    const out = transformPoint(projectionBetween('EPSG:4326', 'EPSG:32642')!.toSource, 69, 0)
    expect(out[0]).toBeCloseTo(500_000, 9)
    expect(out[1]).toBeCloseTo(0, 9)
  })

  test('has no place on the other side of the earth', () => {
    const out = transformPoint(projectionBetween('EPSG:4326', 'EPSG:32642')!.toSource, 159, 0)
    expect(out[0]).toBeNaN()
  })
})

test('the same coordinate reference system changes nothing', () => {
  const out = transformPoint(projectionBetween('EPSG:2056', 'EPSG:2056')!.toSource, 1.5, 2.5)
  expect([...out]).toEqual([1.5, 2.5])
})

/** EPSG code, x and y in EPSG:3857, easting and northing: rasterio 1.4's transform. */
const gdalPoints = [
  [2056, 900000, 5900000, 2649384.0874695396, 1176916.2140685462],
  [3035, 1100000, 6500000, 4312555.754883055, 3021908.9678429305],
  [3031, 2000000, -12000000, 585007.5259118562, 1804077.2865327464],
  [5041, 500000, 15000000, 2094837.6271226371, 792704.4544352582],
  [3978, -11000000, 7500000, -234738.64910308862, 744827.9999104604],
  [2193, 19400000, -5000000, 1707211.7880442687, 5469756.964294323],
  [3395, 1100000, 6500000, 1099999.9999999998, 6467100.525683228],
  [27700, -100000, 6800000, 475730.3585004859, 234002.0427977185],
] as const

describe('a system without a formula here', () => {
  test.each(gdalPoints)('goes through GDAL, x before y: %d', (epsg, x, y, easting, northing) => {
    const { toSource, toTarget } = projectionBetween('EPSG:3857', `EPSG:${epsg}`)!
    const there = transformPoint(toSource, x, y)
    expect(there[0]).toBeCloseTo(easting, 5)
    expect(there[1]).toBeCloseTo(northing, 5)
    const back = transformPoint(toTarget, ...there)
    expect(back[0]).toBeCloseTo(x, 2)
    expect(back[1]).toBeCloseTo(y, 2)
  })

  test('may be given by its WKT', () => {
    const laea = spatialReference('EPSG:3035').toWKT().replaceAll('AUTHORITY["EPSG","3035"]', 'AUTHORITY["X","1"]')
    const [x] = transformPoint(projectionBetween('OGC:CRS84', laea)!.toSource, 10, 52)
    expect(x).toBeCloseTo(4321000, 6)
  })

  test('has holes where points have no answer, and answers for the others', () => {
    const { toTarget } = projectionBetween('EPSG:3857', 'EPSG:3035')!
    const xs = Float64Array.of(4321000, 1e9, 4321000, Number.NaN, 4321000)
    const ys = Float64Array.of(3210000, 0, 3210000, 0, 3210000)
    toTarget(xs, ys, 5)
    expect([...xs].map((x) => Math.round(x))).toEqual([1113195, Number.NaN, 1113195, Number.NaN, 1113195])
  })

  test('that nobody knows has no projection', () => {
    expect(projectionBetween('EPSG:3857', 'EPSG:999999')).toBeNull()
  })
})

test('systems are the same as rasterio has them', () => {
  expect(isSameCrs('EPSG:4326', spatialReference('EPSG:4326').toWKT())).toBe(true)
  expect(isSameCrs('EPSG:4326', 'OGC:CRS84')).toBe(false)
  expect(isSameCrs('EPSG:3857', 'EPSG:3395')).toBe(false)
})
