import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseNpy } from './answers/npy.ts'
import { deviations } from './compare/deviations.ts'
import { comparePixels } from './compare/pixels.ts'
import { compareValues } from './compare/values.ts'
import { footprintOf } from './imagery/footprint.ts'
import { places } from './imagery/places.ts'
import { caseId } from './matrix/case.ts'
import { allCases } from './matrix/matrix.ts'
import { pairwise } from './matrix/pairwise.ts'

test('every deviation that the comparison lets pass is in the compatibility document by name', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/compatibility.md'), 'utf8')
  expect(deviations.filter(({ name }) => !text.includes(`| ${name} `)).map(({ name }) => name)).toEqual([])
})

test('every two values of two dimensions meet in a row, in fewer rows than the full product', () => {
  const rows = pairwise({ a: [1, 2, 3, 4], b: ['x', 'y', 'z'], c: [true, false], d: [7, 8, 9] })
  const pairs = new Set(
    rows.flatMap(({ a, b, c, d }) => [`${a}${b}`, `${a}${c}`, `${a}-${d}`, `${b}${c}`, `${b}${d}`, `${c}${d}`]),
  )
  expect(pairs.size).toBe(12 + 8 + 12 + 6 + 9 + 6)
  expect(rows.length).toBeLessThan(20)
})

test('no two requests have one name', () => {
  const names = allCases().map(caseId)
  expect(new Set(names).size).toBe(names.length)
})

test('a NumPy file is read by its header', () => {
  const header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1, 3), }".padEnd(117).concat('\n')
  const body = Buffer.from(Int16Array.of(1, -2, 3, 4, 5, -6).buffer)
  const file = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([118, 0]),
    Buffer.from(header),
    body,
  ])
  expect(parseNpy(file)).toEqual({ shape: [2, 1, 3], dataType: 'i2', data: Int16Array.of(1, -2, 3, 4, 5, -6) })
})

test('pixels are counted where both are valid, in levels of the spread of wide values', () => {
  const picture = (samples: number[], mask: number[]) => ({
    width: 4,
    height: 1,
    dataType: 'u2',
    bands: [Uint16Array.from(samples), Uint16Array.from(mask)],
  })
  const all = [65_535, 65_535, 65_535, 65_535]
  const difference = comparePixels(
    picture([0, 2_550, 700, 9], all),
    picture([0, 2_555, 720, 8], [65_535, 65_535, 65_535, 0]),
    true,
  )
  expect(difference).toMatchObject({ pixels: 3, identical: 1, withinLevel: 2, maskDiffers: 1, largest: 2 })
})

test('values are compared by name, numbers to a millionth', () => {
  expect(compareValues({ a: [1, 2], b: null }, { a: [1.0000001, 2], b: null })).toEqual([])
  expect(compareValues({ a: [1, 2] }, { a: [1, 2.1], c: 3 })).toEqual([
    { path: 'a[1]', theirs: 2, ours: 2.1 },
    { path: 'c', theirs: undefined, ours: 3 },
  ])
})

test('a footprint across the antimeridian has two parts and a box from east to west', () => {
  const { bbox, geometry } = footprintOf(places.antimeridian)
  expect(bbox).toEqual([178.5, -18.5, -178.5, -16])
  expect(geometry.coordinates).toHaveLength(2)
  const longitudes = geometry.coordinates.map(([ring]) => ring!.map(([lon]) => lon))
  expect(longitudes.map((all) => [Math.min(...all), Math.max(...all)])).toEqual([
    [178.5, 180],
    [-180, -178.5],
  ])
})
