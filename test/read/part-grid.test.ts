import { describe, expect, test } from 'vitest'
import type { DefaultGrid } from '../../src/read/default-grid.ts'
import { partGrid } from '../../src/read/part-grid.ts'

/** A file of 700 × 500 pixels in EPSG:32642, and its default grid in EPSG:4326 (rasterio.warp.calculate_default_transform). */
const own: DefaultGrid = { left: 600_000, top: 4_600_000, stepX: 10, stepY: 10, width: 700, height: 500 }
const geographic: DefaultGrid = {
  ...{ left: 70.19813530180086, top: 41.545413660392796 },
  ...{ stepX: 0.00011029348205739119, stepY: 0.00011029348205739119, width: 768, height: 416 },
}

type Sizes = readonly [maxSize: number | null, width: number | null, height: number | null]

const sizeOf = ([maxSize, width, height]: Sizes) => ({ maxSize, width, height })

// All sizes and bounds are rio-tiler 9.4.12's, of Reader.part on such a file.
describe('a part in the file’s own reference system', () => {
  const bounds = [601234.5, 4596010.25, 604321.75, 4598765.5] as const
  const aligned = [601230, 4596010, 604330, 4598770]

  test.each<[boolean, Sizes, number, number]>([
    [false, [null, null, null], 309, 276],
    [false, [100, null, null], 100, 90],
    [false, [null, 77, null], 77, 69],
    [false, [null, null, 300], 337, 300],
    [false, [null, 64, 50], 64, 50],
    [false, [null, 900, null], 900, 804],
    [true, [null, null, null], 310, 276],
    [true, [null, null, 300], 337, 300],
    [true, [null, 900, null], 900, 802],
  ])('aligned %s, size %j has %i × %i pixels', (isAligned, size, width, height) => {
    const part = { bounds, crs: 'EPSG:32642', size: sizeOf(size), aligned: isAligned, isOwn: true }
    const expected = isAligned ? aligned : bounds
    expect(partGrid(own, part).grid).toEqual({ crs: 'EPSG:32642', bounds: expected, width, height })
    for (const [index, side] of partGrid(own, part).place.entries()) expect(side).toBeCloseTo(expected[index]!, 6)
  })
})

describe('a part in another reference system', () => {
  const bounds = [70.21, 41.5, 70.25, 41.53] as const

  test.each<[boolean, Sizes, number, number]>([
    [false, [null, null, null], 363, 272],
    [false, [100, null, null], 100, 75],
    [false, [null, 77, null], 77, 58],
    [false, [null, null, 300], 401, 300],
    [false, [null, 64, 50], 64, 50],
    [false, [null, 900, null], 900, 675],
    [true, [null, null, null], 364, 273],
    [true, [null, null, 300], 400, 300],
  ])('aligned %s, size %j has %i × %i pixels', (aligned, size, width, height) => {
    const part = { bounds, crs: 'EPSG:4326', size: sizeOf(size), aligned, isOwn: false }
    expect(partGrid(geographic, part).grid).toMatchObject({ width, height })
  })

  test('is aligned outwards to the file’s default grid there', () => {
    const part = { bounds, crs: 'EPSG:4326', size: sizeOf([null, null, null]), aligned: true, isOwn: false }
    for (const [index, side] of [70.209936704, 41.499972746, 70.250083532, 41.530082866].entries()) {
      expect(partGrid(geographic, part).grid.bounds[index]).toBeCloseTo(side, 9)
    }
  })
})

test('a whole file has its own size, or the one asked for', () => {
  const whole = { bounds: null, crs: 'EPSG:32642', aligned: false, isOwn: true }
  expect(partGrid(own, { ...whole, size: sizeOf([null, null, null]) }).grid).toMatchObject({
    ...{ width: 700, height: 500, bounds: [600_000, 4_595_000, 607_000, 4_600_000] },
  })
  expect(partGrid(own, { ...whole, size: sizeOf([100, null, null]) }).grid).toMatchObject({ width: 100, height: 72 })
})

test('a part of more pixels than an image may have is refused, whatever its shape', () => {
  const refused = (size: Sizes, bounds: readonly [number, number, number, number]) =>
    expect(() => partGrid(own, { bounds, crs: 'EPSG:32642', size: sizeOf(size), aligned: false, isOwn: true })).toThrow(
      /max_size/,
    )
  refused([null, null, null], [0, 0, 500_000, 10])
  refused([null, 4_000, null], [0, 0, 10, 20])
  refused([null, null, null], [-1e300, -1e300, 1e300, 1e300])
})
