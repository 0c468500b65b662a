import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import gdal from 'gdal-async'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Raster } from '../../src/raster/raster.ts'
import { createGdalReader, type GdalReader, type GdalReaderOptions } from '../../src/read/gdal-reader.ts'
import type { Grid, ReadParameters } from '../../src/read/reader.ts'
import { tileGrid } from '../support/grids.ts'
import { makeRaster, type RasterSpec } from '../support/raster-factory.ts'

const folder = mkdtempSync(join(tmpdir(), 'gdal-reader-'))
const nearest: ReadParameters = { nodata: null, resampling: 'nearest', reproject: 'nearest' }
const bilinear: ReadParameters = { nodata: null, resampling: 'bilinear', reproject: 'bilinear' }
const { signal } = new AbortController()
const readers: GdalReader[] = []

function makeReader(options: Partial<GdalReaderOptions> = {}): GdalReader {
  const reader = createGdalReader({
    hrefResolver: { resolve: (href) => href },
    maxOpenDatasets: 8,
    maxHandlesPerFile: 2,
    scratchBytes: 1 << 22,
    ...options,
  })
  readers.push(reader)
  return reader
}

async function read(
  path: string,
  grid: Grid,
  parameters = nearest,
  bidx: readonly number[] | null = null,
): Promise<Raster> {
  const raster = await makeReader().read(path, bidx, grid, parameters, signal)
  if (raster === null) throw new Error('outside')
  return raster
}

/** A 256 × 256 file of one degree around 10°E 45°N; four pixels in a row share a value. */
const base = {
  folder,
  name: 'base',
  width: 256,
  height: 256,
  crs: 'EPSG:4326',
  origin: [10, 46],
  pixel: 1 / 256,
  samples: (band, column) => (band + 1) * 10 + (column >> 2),
} satisfies RasterSpec

/** Around the middle of `base`, in its own reference system, a grid pixel a file pixel. */
const inside: Grid = { crs: 'EPSG:4326', bounds: [10.25, 45.25, 10.5, 45.5], width: 64, height: 64 }
/** A Web Mercator tile inside `base`, eight grid pixels to a file pixel. */
const finer = tileGrid(11, 1083, 735)

afterEach(() => {
  for (const reader of readers.splice(0)) reader.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a file in the grid’s reference system', () => {
  test('gives its own pixels where both grids agree', async () => {
    const path = makeRaster({ ...base, name: 'own', bands: 2 })
    const raster = await read(path, inside)
    expect(raster).toMatchObject({
      width: 64,
      height: 64,
      dataType: 'uint8',
      bandNames: ['b1', 'b2'],
      masks: [null, null],
    })
    for (const column of [0, 1, 37, 63]) {
      expect(raster.bands[0]![5 * 64 + column]).toBe(10 + ((64 + column) >> 2))
      expect(raster.bands[1]![63 * 64 + column]).toBe(20 + ((64 + column) >> 2))
    }
  })

  test('masks the part of the grid that it does not reach', async () => {
    const path = makeRaster({ ...base, name: 'edge' })
    const raster = await read(path, { ...inside, bounds: [9.875, 45.25, 10.125, 45.5] })
    const [mask] = raster.masks
    expect([...mask!.subarray(0, 64)]).toEqual([...Array(32).fill(0), ...Array(32).fill(255)])
    expect(raster.bands[0]![32]).toBe(10)
  })

  test('reads the overview that fits', async () => {
    const overviews = [
      { factor: 2, samples: () => 102 },
      { factor: 4, samples: () => 104 },
    ]
    const path = makeRaster({ ...base, name: 'levels', overviews })
    const values = []
    for (const width of [64, 32, 16, 8]) {
      const raster = await read(path, { ...inside, width, height: width })
      values.push(raster.bands[0]![0])
    }
    expect(values).toEqual([10 + 16, 102, 104, 104])
  })

  test('bilinear goes between the pixels in equal steps', async () => {
    const path = makeRaster({ ...base, name: 'ramp', samples: (_, column) => column })
    const raster = await read(path, { ...inside, width: 256, height: 64 }, bilinear)
    // Grid pixel i lies at file pixel 64 + (i + 0.5) / 4 − 0.5; halves are rounded up.
    const expected = Array.from({ length: 256 }, (_, i) => Math.floor(64 + (i + 0.5) / 4))
    expect([...raster.bands[0]!.subarray(0, 256)].slice(4, 252)).toEqual(expected.slice(4, 252))
  })

  test('bilinear reduces by weights over all that it covers', async () => {
    const path = makeRaster({ ...base, name: 'stripes', samples: (_, column) => (column % 2) * 200 })
    const raster = await read(path, { ...inside, width: 16, height: 16 }, bilinear)
    expect(new Set(raster.bands[0])).toEqual(new Set([100]))
  })
})

describe('a file in another reference system', () => {
  test('gives the pixel under each grid pixel’s centre', async () => {
    const path = makeRaster({ ...base, name: 'finer' })
    const raster = await read(path, finer)
    const [left, , right] = finer.bounds
    for (const column of [0, 100, 255]) {
      const x = left + ((column + 0.5) * (right - left)) / 256
      const lon = (x / 6378137) * (180 / Math.PI)
      expect(raster.bands[0]![128 * 256 + column]).toBe(10 + (Math.floor((lon - 10) * 256) >> 2))
    }
    expect(raster.masks).toEqual([null])
  })

  test('beside the grid gives nothing', async () => {
    const path = makeRaster({ ...base, name: 'beside' })
    expect(await makeReader().read(path, null, tileGrid(11, 300, 300), nearest, signal)).toBeNull()
  })

  test.each(['uint8', 'uint16', 'int16', 'float32'] as const)('keeps the type %s', async (type) => {
    const names = { uint8: 'Byte', uint16: 'UInt16', int16: 'Int16', float32: 'Float32' } as const
    const path = makeRaster({ ...base, name: type, type: names[type], samples: () => 120 })
    for (const parameters of [nearest, bilinear]) {
      const raster = await read(path, finer, parameters)
      expect(raster.dataType).toBe(type)
      expect(new Set(raster.bands[0])).toEqual(new Set([120]))
    }
  })

  test('bilinear smooths what nearest steps', async () => {
    const path = makeRaster({ ...base, name: 'smooth', samples: (_, column) => (column % 2) * 200 })
    expect(new Set((await read(path, finer)).bands[0])).toEqual(new Set([0, 200]))
    expect(new Set((await read(path, finer, bilinear)).bands[0]).size).toBeGreaterThan(20)
  })

  test.each([
    [nearest, 'near'],
    [bilinear, 'bilinear'],
  ])('has in UTM the pixels gdalwarp gives: %j', async (parameters, kernel) => {
    const path = makeRaster({
      ...base,
      name: `utm-${kernel}`,
      crs: 'EPSG:32632',
      origin: [580_000, 5_090_000],
      pixel: 300,
      samples: (_, column, row) => (column * 7 + row * 13) % 251,
    })
    const grid = tileGrid(12, 2167, 1462)
    const raster = await read(path, grid, parameters)
    const source = gdal.open(path)
    const warped = gdal.warp(
      'expected',
      null,
      [source],
      [
        ...['-of', 'MEM', '-t_srs', 'EPSG:3857', '-te', ...grid.bounds.map(String), '-ts', '256', '256'],
        ...['-r', kernel, '-et', '0.125', '-ovr', 'NONE'],
      ],
    )
    const expected = warped.bands.get(1).pixels.read(0, 0, 256, 256, new Uint8Array(65536))
    expect(raster.masks).toEqual([null])
    expect(Buffer.compare(raster.bands[0] as Uint8Array, expected)).toBe(0)
    warped.close()
    source.close()
  })
})

describe('bands', () => {
  test.each(['PIXEL', 'BAND'] as const)('come in the order asked from %s interleaved files', async (interleave) => {
    const path = makeRaster({ ...base, name: `bands-${interleave}`, bands: 3, interleave, samples: (band) => band + 1 })
    const raster = await read(path, finer, nearest, [3, 1])
    expect(raster.bands.map((band) => band[0])).toEqual([3, 1])
    expect(raster.bandNames).toEqual(['b3', 'b1'])
  })

  test('that do not exist are refused', async () => {
    const path = makeRaster({ ...base, name: 'two', bands: 2 })
    await expect(makeReader().read(path, [3], finer, nearest, signal)).rejects.toMatchObject({ code: 'BAND_INVALID' })
  })
})

describe('validity', () => {
  const halfMissing = (_: number, column: number) => (column < 128 ? 0 : 50)
  const across: Grid = { ...inside, bounds: [10.375, 45.25, 10.625, 45.5] }
  const acrossMercator = tileGrid(8, 135, 91)

  test.each([
    ['plain', across],
    ['warped', acrossMercator],
  ])('by nodata, %s', async (_, grid) => {
    const path = makeRaster({ ...base, name: 'nodata', nodata: 0, samples: halfMissing })
    const raster = await read(path, grid)
    const [band] = raster.bands
    const [mask] = raster.masks
    expect(mask!.every((valid, i) => valid === (band![i] === 50 ? 255 : 0))).toBe(true)
    expect(new Set(mask)).toEqual(new Set([0, 255]))
  })

  test('by a nodata value of the request, before the file’s', async () => {
    const path = makeRaster({ ...base, name: 'nodata-asked', nodata: 0, samples: halfMissing })
    const raster = await read(path, across, { ...nearest, nodata: 50 })
    expect(raster.masks[0]!.every((valid, i) => valid === (raster.bands[0]![i] === 50 ? 0 : 255))).toBe(true)
  })

  test('by NaN as nodata', async () => {
    const samples = (_: number, column: number) => (column < 128 ? Number.NaN : 0.5)
    const path = makeRaster({ ...base, name: 'nan', type: 'Float32', nodata: Number.NaN, samples })
    for (const parameters of [nearest, bilinear]) {
      const raster = await read(path, acrossMercator, parameters)
      expect(raster.masks[0]!.every((valid, i) => Number.isNaN(raster.bands[0]![i]) === (valid === 0))).toBe(true)
      expect(new Set(raster.masks[0])).toEqual(new Set([0, 255]))
    }
  })

  test('by the file’s mask, which all bands share', async () => {
    const mask = (column: number) => (column < 128 ? 0 : 255)
    const path = makeRaster({ ...base, name: 'mask', bands: 2, samples: (_, column) => (column < 128 ? 9 : 7), mask })
    for (const grid of [across, acrossMercator]) {
      const raster = await read(path, grid)
      expect(raster.masks[0]).toBe(raster.masks[1])
      expect(new Set(raster.bands[0]!.filter((_, i) => raster.masks[0]![i] === 255))).toEqual(new Set([7]))
      expect(raster.masks[0]).toContain(0)
    }
  })

  test('by an alpha band: only its full value counts', async () => {
    const alpha = (column: number) => (column < 100 ? 0 : column < 128 ? 128 : 255)
    const samples = (band: number, column: number) => (band === 1 ? alpha(column) : column < 128 ? 9 : 7)
    const path = makeRaster({ ...base, name: 'alpha', bands: 2, alpha: true, samples })
    for (const grid of [across, acrossMercator]) {
      const raster = await read(path, grid)
      expect(raster.bands).toHaveLength(1)
      expect(new Set(raster.bands[0]!.filter((_, i) => raster.masks[0]![i] === 255))).toEqual(new Set([7]))
      expect(raster.masks[0]).toContain(0)
    }
  })

  test('spreads nothing invalid into what bilinear mixes', async () => {
    const path = makeRaster({ ...base, name: 'clean', nodata: 0, samples: halfMissing })
    const raster = await read(path, acrossMercator, bilinear)
    expect(new Set(raster.bands[0]!.filter((_, i) => raster.masks[0]![i] === 255))).toEqual(new Set([50]))
  })

  test('of a file that misses the grid’s pixels is nowhere', async () => {
    const tiny = makeRaster({ ...base, name: 'tiny', width: 1, height: 1, block: 16, pixel: 1e-6 })
    const raster = await read(tiny, tileGrid(8, 135, 91))
    expect(new Set(raster.masks[0])).toEqual(new Set([0]))
  })
})

describe('a file that only GDAL can place', () => {
  test('because it is rotated, is warped by it', async () => {
    const path = makeRaster({ ...base, name: 'rotated', rotation: 1 / 1024, bands: 2, samples: (band) => 40 + band })
    const raster = await read(path, tileGrid(9, 270, 183))
    const valid = raster.masks[0]!
    expect(raster.bands.map((band) => new Set(band.filter((_, i) => valid[i] === 255)))).toEqual([
      new Set([40]),
      new Set([41]),
    ])
    expect(valid).toContain(0)
  })

  test('keeps nodata', async () => {
    const path = makeRaster({
      ...base,
      name: 'rotated-nodata',
      rotation: 1 / 1024,
      nodata: 40,
      samples: (_, column) => (column < 128 ? 40 : 41),
    })
    const raster = await read(path, tileGrid(8, 135, 91))
    expect(new Set(raster.bands[0]!.filter((_, i) => raster.masks[0]![i] === 255))).toEqual(new Set([41]))
  })

  test('gives nothing beside the grid', async () => {
    const path = makeRaster({ ...base, name: 'rotated-beside', rotation: 1 / 1024 })
    expect(await makeReader().read(path, null, tileGrid(9, 20, 20), nearest, signal)).toBeNull()
  })
})

describe('a failure', () => {
  let broken: string
  beforeAll(() => {
    broken = join(folder, 'broken.tif')
    writeFileSync(broken, 'not a raster')
  })

  test('of GDAL is ASSET_UNREADABLE and tells neither path nor GDAL’s text', async () => {
    const failure = await makeReader()
      .read(broken, null, finer, nearest, signal)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ASSET_UNREADABLE', detail: 'an asset of the mosaic could not be read' })
  })

  test('gets the code that the classifier finds', async () => {
    const reader = makeReader({ classify: async () => 'ASSET_FORBIDDEN' })
    await expect(reader.read(broken, null, finer, nearest, signal)).rejects.toMatchObject({ code: 'ASSET_FORBIDDEN' })
  })

  test('is not remembered', async () => {
    const path = join(folder, 'late.tif')
    const reader = makeReader()
    await expect(reader.read(path, null, finer, nearest, signal)).rejects.toThrow()
    makeRaster({ ...base, name: 'late' })
    expect(await reader.read(path, null, finer, nearest, signal)).not.toBeNull()
  })

  test('is what a file of another driver gets, even one that GDAL knows', async () => {
    const path = join(folder, 'points-elsewhere.vrt')
    writeFileSync(
      path,
      '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>',
    )
    await expect(makeReader().read(path, null, finer, nearest, signal)).rejects.toMatchObject({
      code: 'ASSET_UNREADABLE',
    })
  })

  test('of a read no longer wanted is the abort’s own reason', async () => {
    const path = makeRaster({ ...base, name: 'aborted' })
    const reason = new Error('nobody waits')
    await expect(makeReader().read(path, null, finer, nearest, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

test('many reads of few files at once all get their own pixels', async () => {
  const reader = makeReader({ maxOpenDatasets: 2, maxHandlesPerFile: 2 })
  const paths = [1, 2, 3].map((value) => makeRaster({ ...base, name: `many-${value}`, bands: 3, samples: () => value }))
  const rasters = await Promise.all(
    Array.from({ length: 60 }, (_, i) => reader.read(paths[i % 3]!, null, finer, i % 2 ? nearest : bilinear, signal)),
  )
  expect(rasters.map((raster) => new Set(raster!.bands.flatMap((band) => [...new Set(band)])))).toEqual(
    Array.from({ length: 60 }, (_, i) => new Set([1 + (i % 3)])),
  )
})
