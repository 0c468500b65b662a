import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import type { NorthUpFacts } from '../../src/read/dataset-facts.ts'
import { planRead, readTarget } from '../../src/read/read-plan.ts'
import type { Grid, ReadParameters } from '../../src/read/reader.ts'
import { factsOf, worldPiece } from '../support/dataset-facts.ts'
import { tileGrid } from '../support/grids.ts'

const nearest: ReadParameters = { nodata: null, resampling: 'nearest', reproject: 'nearest' }

function plan(facts: NorthUpFacts, grid: Grid, bidx: readonly number[] | null = null, parameters = nearest) {
  return planRead(facts, readTarget(facts, bidx, parameters.nodata, grid), grid, parameters)
}

const north = worldPiece(-13.16666666663329, 89.83333333333331, 5000, 5000)
const northEast = worldPiece(70.16666666671674, 89.83333333333331, 5000, 5000)

describe('the level of a warp', () => {
  // The levels GDAL 3.10 reads for these tiles, seen in its debug log.
  test.each([
    [0, 0, 0, north, 3],
    [2, 2, 1, north, 2],
    [2, 2, 1, northEast, 2],
    [3, 5, 0, north, 1],
    [3, 5, 0, northEast, 1],
    [5, 16, 5, north, -1],
  ])('for tile %d/%d/%d', (z, x, y, facts, level) => {
    expect(plan(facts, tileGrid(z, x, y))).toMatchObject({ kind: 'warp', level })
  })

  test('is moved by resampling, not by reproject', () => {
    const grid = tileGrid(4, 9, 4, 220)
    const levels = [
      nearest,
      { ...nearest, reproject: 'bilinear' as const },
      { ...nearest, resampling: 'bilinear' as const },
    ]
    expect(levels.map((parameters) => plan(north, grid, null, parameters))).toMatchObject([
      { level: 1 },
      { level: 1 },
      { level: 0 },
    ])
  })
})

describe('a warp', () => {
  test('of all bands with an added alpha goes block by block, with one source window for all', () => {
    const planned = plan(north, tileGrid(5, 16, 5))
    if (planned.kind !== 'warp') throw new Error('no warp')
    expect(planned.units.map(({ target }) => target)).toEqual([
      { x: 0, y: 0, width: 256, height: 128 },
      { x: 0, y: 128, width: 256, height: 128 },
    ])
    expect(planned.window).toEqual({ x: 790, y: 779, width: 675, height: 170 })
  })

  test('of all bands with nodata goes at once', () => {
    const planned = plan({ ...north, nodata: 0 }, tileGrid(5, 16, 5))
    expect(planned).toMatchObject({ kind: 'warp', size: { width: 256, height: 256 } })
    expect(planned.kind === 'warp' && planned.units).toHaveLength(1)
  })

  test('of some bands stops at the overview’s size', () => {
    const planned = plan(north, tileGrid(3, 4, 2), [2])
    if (planned.kind !== 'warp') throw new Error('no warp')
    expect(planned.level).toBe(1)
    expect(planned.size.width).toBeGreaterThan(200)
    expect(planned.size.width).not.toBe(256)
  })

  test('of some bands has the grid’s size when the grid is finer than the file', () => {
    expect(plan(north, tileGrid(8, 130, 70), [2])).toMatchObject({ level: -1, size: { width: 256, height: 256 } })
  })
})

describe('a file', () => {
  test('beside the grid is outside', () => {
    expect(plan(northEast, tileGrid(5, 16, 5))).toEqual({ kind: 'outside' })
  })

  test('that only touches the grid’s edge is outside', () => {
    const east = factsOf({ width: 100, height: 100, crs: 'EPSG:4326', geoTransform: [0, 0.1, 0, 10, 0, -0.1] })
    expect(plan(east, tileGrid(1, 0, 0))).toEqual({ kind: 'outside' })
  })

  test.each([
    ['placed by ground control points', { geoTransform: null }],
    ['in an unknown reference system', { crs: null }],
  ] as const)('%s is warped by GDAL', (_, change) => {
    const facts = { ...north, ...change }
    const grid = tileGrid(0, 0, 0)
    expect(planRead(facts, readTarget(facts, null, null, grid), grid, nearest)).toEqual({ kind: 'gdal' })
  })

  test.each([
    ['rotated', { geoTransform: [0, 0.01, 0.001, 10, 0.001, -0.01] }],
    ['with its first row in the south', { geoTransform: [0, 0.01, 0, 0, 0, 0.01] }],
    [
      'in a reference system without a formula of ours',
      { crs: 'EPSG:2056', geoTransform: [2.6e6, 10, 0, 1.2e6, 0, -10] },
    ],
  ] as const)('%s is warped by our own sampling', (_, change) => {
    expect(plan({ ...north, ...change }, tileGrid(0, 0, 0))).toMatchObject({ kind: 'warp' })
  })

  test.each([
    ['rotated', [0, 0.01, 0.001, 10, 0.001, -0.01]],
    ['with its first row in the south', [0, 0.01, 0, 0, 0, 0.01]],
  ] as const)('%s is warped even in the grid’s own reference system', (_, geoTransform) => {
    const grid: Grid = { crs: 'EPSG:4326', bounds: [5, 5, 8, 8], width: 64, height: 64 }
    expect(plan({ ...north, geoTransform }, grid)).toMatchObject({ kind: 'warp' })
  })

  test('across the antimeridian is inside on both sides of it', () => {
    const polar: Grid = { crs: 'EPSG:3413', bounds: [-4e5, 2.4e6, 4e5, 3.2e6], width: 64, height: 64 }
    const east = factsOf({ width: 100, height: 100, crs: 'EPSG:4326', geoTransform: [134, 0.02, 0, 62, 0, -0.02] })
    expect(plan(east, polar)).toMatchObject({ kind: 'warp' })
    expect(plan({ ...east, geoTransform: [20, 0.02, 0, 62, 0, -0.02] }, polar)).toEqual({ kind: 'outside' })
  })

  test('so large and without overviews that its window does not fit in memory is warped part by part', () => {
    const facts = { ...factsOf({ ...north, width: 12_000, height: 12_000 }), overviews: [] }
    const planned = plan(facts, tileGrid(0, 0, 0))
    if (planned.kind !== 'warp' || planned.passes === null) throw new Error('no passes')
    expect(planned.passes.length).toBeGreaterThan(1)
    for (const { window } of planned.passes) expect(window.width * window.height * 3).toBeLessThanOrEqual(64 * 2 ** 20)
  })

  test('with a row that does not fit in memory is warped by GDAL', () => {
    const geoTransform = [0, 5e-6, 0, 80, 0, -5e-6] as const
    const facts = { ...factsOf({ ...north, width: 4_000_000, height: 4_000_000, geoTransform }), overviews: [] }
    expect(plan(facts, tileGrid(0, 0, 0))).toEqual({ kind: 'gdal' })
  })
})

describe('a file in the grid’s reference system', () => {
  const origin = 20037508.342789244
  const pixel = (origin * 2) / 256 / 2 ** 4
  const facts = factsOf({
    width: 4096,
    height: 4096,
    crs: 'EPSG:3857',
    geoTransform: [-origin, pixel, 0, origin, 0, -pixel],
  })

  test('is read as it is at its own resolution', () => {
    expect(plan(facts, tileGrid(4, 3, 5))).toMatchObject({
      kind: 'plain',
      others: { level: -1, window: { x: 768, y: 1280, width: 256, height: 256 } },
    })
  })

  test('is read from an overview above it', () => {
    expect(plan(facts, tileGrid(2, 1, 1))).toMatchObject({
      kind: 'plain',
      others: { level: 1, window: { x: 256, y: 256, width: 256, height: 256 } },
    })
  })

  test('without overviews and larger than memory holds is read in passes', () => {
    const fine = pixel / 16
    const geoTransform = [-origin, fine, 0, origin, 0, -fine] as const
    const large = { ...factsOf({ ...facts, width: 65_536, height: 65_536, geoTransform }), overviews: [] }
    const planned = plan(large, tileGrid(2, 1, 1), null, { ...nearest, resampling: 'bilinear' })
    if (planned.kind !== 'plain' || planned.passes === null) throw new Error('no passes')
    for (const { others } of planned.passes) {
      expect(others!.window.width * others!.window.height * 3).toBeLessThanOrEqual(64 * 2 ** 20)
    }
  })

  // Seen in GDAL 3.10: virtual overviews end with the first that has less than 128 pixels a side, the file's size or not.
  test.each([
    [256, true],
    [240, false],
  ])('of %d pixels is read over its edge with the first band apart: %s', (size, apart) => {
    const overview = { width: size / 2, height: size / 2 }
    const small = { ...factsOf({ ...facts, width: size, height: size }), overviews: [overview] }
    const over: Grid = {
      crs: 'EPSG:3857',
      bounds: [-origin - 9, origin - 200 * pixel, -origin + 200 * pixel, origin + 9],
      width: 60,
      height: 60,
    }
    const planned = plan(small, over, null, { ...nearest, resampling: 'bilinear' })
    if (planned.kind !== 'plain') throw new Error('not plain')
    expect(planned.first !== planned.others).toBe(apart)
  })

  test('fills only the grid’s pixels that it reaches', () => {
    const moved = factsOf({ ...facts, width: 64, geoTransform: [-origin + 64 * pixel, pixel, 0, origin, 0, -pixel] })
    const planned = plan(moved, tileGrid(4, 0, 0))
    expect(planned).toMatchObject({ others: { x: { start: 64, end: 128 }, window: { x: 0, width: 64 } } })
  })
})

describe('what makes a sample valid', () => {
  const grid = tileGrid(0, 0, 0)
  const withAlpha = factsOf({ ...north, bands: [...north.bands, north.bands[0]!], alphaBand: 4, maskKind: 'alpha' })

  test('is nodata: the request’s before the file’s', () => {
    expect(readTarget({ ...north, nodata: 5 }, null, null, grid).nodata).toBe(5)
    expect(readTarget({ ...north, nodata: 5 }, null, 7, grid).nodata).toBe(7)
  })

  test('is the alpha band, which is not among the bands then', () => {
    expect(readTarget(withAlpha, null, null, grid)).toEqual({
      bands: [1, 2, 3],
      nodata: null,
      mask: { kind: 'alpha', band: 4 },
    })
  })

  test('is the alpha band beside nodata in a warp only', () => {
    expect(readTarget(withAlpha, null, 0, grid).mask).toEqual({ kind: 'alpha', band: 4 })
    expect(readTarget({ ...withAlpha, crs: 'EPSG:3857' }, null, 0, grid).mask).toBeNull()
  })

  test('is the file’s mask', () => {
    expect(readTarget({ ...north, maskKind: 'dataset' }, null, null, grid).mask).toEqual({ kind: 'dataset' })
  })
})

test.each([[[0]], [[4]], [[1, 9]]])('bands %j of three are refused by name', (bidx) => {
  const read = () => readTarget(north, bidx, null, tileGrid(0, 0, 0))
  expect(read).toThrow(TilepressError)
  expect(read).toThrow(/BAND_INVALID: band \d does not exist; the file has bands 1 to 3/)
})
