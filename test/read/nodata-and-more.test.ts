import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createGdalReader } from '../../src/read/gdal-reader.ts'
import type { Grid, ReadParameters } from '../../src/read/reader.ts'
import { makeRaster } from '../support/raster-factory.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodata-and-more-'))
const reader = createGdalReader({
  hrefResolver: { resolve: (href) => href },
  maxOpenDatasets: 4,
  maxHandlesPerFile: 1,
  scratchBytes: 1 << 20,
})
afterAll(() => {
  reader.close()
  rmSync(folder, { recursive: true, force: true })
})

const place = { width: 16, height: 16, crs: 'EPSG:4326', origin: [10, 50], pixel: 0.01 } as const
/** The file's own pixels, by way of a warp: OGC:CRS84 is another system than EPSG:4326 to rasterio. */
const grid: Grid = { crs: 'OGC:CRS84', bounds: [10, 49.84, 10.16, 50], width: 16, height: 16 }

async function read(path: string, parameters: Partial<ReadParameters>) {
  const all = { nodata: null, resampling: 'nearest', reproject: 'nearest', ...parameters } as const
  const raster = await reader.read(path, null, grid, all, new AbortController().signal)
  if (raster === null) throw new Error('outside')
  const at = (band: number, column: number, row: number) => {
    const i = row * 16 + column
    return raster.masks[band]?.[i] === 0 ? null : raster.bands[band]![i]
  }
  return at
}

describe('a file with nodata and alpha, warped by nearest', () => {
  const path = makeRaster({
    ...place,
    folder,
    name: 'alpha',
    bands: 4,
    alpha: true,
    nodata: 0,
    samples: (band, column) => (band === 3 ? [255, 128, 0][column % 3]! : band === 0 ? 0 : 100 + band),
  })

  test('moves a sample aside from nodata where alpha is partial, and there alone', async () => {
    const at = await read(path, {})
    expect([at(0, 3, 5), at(1, 3, 5)]).toEqual([null, 101])
    expect([at(0, 4, 5), at(1, 4, 5)]).toEqual([1, 101])
  })

  test('has nothing where alpha is 0', async () => {
    const at = await read(path, {})
    expect([at(0, 5, 5), at(1, 5, 5)]).toEqual([null, null])
  })
})

describe('a file with a mask, read with a nodata value of the request,', () => {
  const path = makeRaster({
    ...place,
    folder,
    name: 'mask',
    bands: 2,
    samples: (band, column, row) => (band === 1 && column === 15 && row === 15 ? 7 : 50 + band),
    mask: (column) => (column < 8 ? 0 : 255),
  })

  test('counts its mask where no band has that value', async () => {
    const at = await read(path, { nodata: 9, reproject: 'bilinear' })
    expect([at(0, 3, 3), at(0, 12, 3)]).toEqual([null, 50])
  })

  test('forgets its mask where one band has it anywhere in the window, as GDAL does', async () => {
    const at = await read(path, { nodata: 7, reproject: 'bilinear' })
    expect([at(0, 3, 3), at(0, 12, 3)]).toEqual([50, 50])
  })
})
