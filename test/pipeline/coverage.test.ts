import { expect, test } from 'vitest'
import { coverageOf } from '../../src/pipeline/queries/coverage.ts'
import type { Raster } from '../../src/raster/raster.ts'

const raster: Raster = {
  ...{ width: 4, height: 3, dataType: 'uint8', bands: [], masks: [], bandNames: [], bandDescriptions: [] },
  ...{ bounds: [10, 40, 14, 43], crs: 'EPSG:4326' },
}

const never = new AbortController().signal

const ring = (...positions: readonly (readonly [number, number])[]) => [[[...positions, positions[0]!]]]

test('the share of a pixel that a box covers is its cells of all', async () => {
  const box = ring([11, 40.5], [12.5, 40.5], [12.5, 43], [11, 43])
  expect([...(await coverageOf(raster, box, 'EPSG:4326', 2, never))]).toEqual([
    0, 1, 0.5, 0, 0, 1, 0.5, 0, 0, 0.5, 0.25, 0,
  ])
})

test('a cell counts where it is touched at all, so that edges count for too much, and less so with smaller ones', async () => {
  const triangle = ring([10, 40], [14, 40], [10, 43])
  const area = (coverage: Float32Array) => coverage.reduce((sum, share) => sum + share, 0)
  const areas = await Promise.all(
    [1, 10, 100].map(async (scale) => area(await coverageOf(raster, triangle, 'EPSG:4326', scale, never))),
  )
  // rio-tiler's ImageData.get_coverage_array; the area is 6.
  expect(areas).toEqual([9, expect.closeTo(6.3, 5), expect.closeTo(6.03, 5)])
})

test('so many cells that they would take seconds are refused', async () => {
  const high = { ...raster, height: 4_000 }
  const box = ring([11, 40.5], [12.5, 40.5], [12.5, 43], [11, 43])
  await expect(coverageOf(high, box, 'EPSG:4326', 1_000, never)).rejects.toMatchObject({ code: 'PARAMETER_INVALID' })
})
