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

describe('some bands of a file with overviews, reduced by bilinear', () => {
  const samples = (band: number, column: number, row: number) => 1 + ((column * 7 + row * 13 + band * 31) % 9)
  const spec = { ...place, width: 64, height: 64, folder, bands: 3, samples, overviews: [{ factor: 2 }] }
  const bare = makeRaster({ ...spec, name: 'bare' })
  const holed = makeRaster({ ...spec, name: 'holed', nodata: 5 })
  const small: Grid = { crs: 'OGC:CRS84', bounds: [10.1, 49.5, 10.5, 49.9], width: 11, height: 11 }
  const bandsOf = async (path: string, nodata: number | null) => {
    const parameters = { nodata, resampling: 'bilinear', reproject: 'nearest' } as const
    const raster = await reader.read(path, [1, 2], small, parameters, new AbortController().signal)
    return raster?.bands.map((band) => band.join(' '))
  }

  // GDAL's overviews of a warped dataset have the nodata value of the file, not that of the request.
  test('weighs by the nodata of the file, not by that of the request', async () => {
    expect(await bandsOf(bare, 5)).toEqual(await bandsOf(bare, null))
    expect(await bandsOf(holed, null)).not.toEqual(await bandsOf(bare, null))
  })
})

describe('all of a file', () => {
  const spec = {
    ...{ width: 47, height: 39, pixel: 0.3, folder, bands: 2, overviews: [{ factor: 2 }] },
    samples: (band: number, column: number, row: number) => (column * 7 + row * 13 + band * 31) % 251,
  }

  test.each(['nearest', 'bilinear', 'average'] as const)('is the same wherever it lies: %s', async (resampling) => {
    const whole = { bounds: null, crs: 'EPSG:4326', targetCrs: null, aligned: false } as const
    const size = { maxSize: null, width: 21, height: 10 }
    const bands: (string | undefined)[][] = []
    for (const [index, origin] of (
      [
        [0, 0],
        [2_580_000.123, 1_220_000.77],
        [-0.7, 3.1],
      ] as const
    ).entries()) {
      const path = makeRaster({ ...spec, crs: 'EPSG:2056', origin, name: `whole-${resampling}-${index}` })
      const parameters = { nodata: null, resampling, reproject: 'nearest' } as const
      const raster = await reader.readPart(path, null, { ...whole, size }, parameters, new AbortController().signal)
      bands.push(raster.bands.map((band) => band.join(' ')))
    }
    expect(bands[1]).toEqual(bands[0])
    expect(bands[2]).toEqual(bands[0])
  })
})
