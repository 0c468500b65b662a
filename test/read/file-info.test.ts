import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import gdal from 'gdal-async'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileInfo, fileZooms } from '../../src/read/file-info.ts'
import { OpenDataset } from '../../src/read/open-dataset.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { makeRaster, type RasterSpec } from '../support/raster-factory.ts'

/** What rio-tiler 9.4.2 says of the same files (Reader.info, minzoom and maxzoom), but for points.tif: see docs/compatibility.md. */

const corners = [
  [0, 0, 500000, 4500000],
  [300, 0, 503000, 4500000],
  [0, 200, 500000, 4498000],
  [300, 200, 503000, 4498000],
] as const

const files: Readonly<Record<string, Partial<RasterSpec>>> = {
  plain: { bands: 2, type: 'UInt16', nodata: 0, scale: 0.5, offset: -3, overviews: [{ factor: 2 }, { factor: 4 }] },
  alpha: { bands: 4, alpha: true },
  mask: { mask: (column) => (column < 100 ? 0 : 255) },
  palette: {
    palette: [
      [1, 2, 3, 255],
      [4, 5, 6, 255],
    ],
  },
  float: { type: 'Float32', nodata: Number.NaN },
  rotated: { rotation: 3 },
  points: { points: corners },
  degrees: { width: 3000, height: 2000, crs: 'EPSG:4326', origin: [10, 50], pixel: 0.001 },
}

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilepress-info-'))
  const place = { width: 300, height: 200, crs: 'EPSG:32642', origin: [500_000, 4_500_000], pixel: 10 } as const
  for (const [name, spec] of Object.entries(files)) {
    makeRaster({ folder, name, ...place, samples: (_, column) => column % 16, ...spec })
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function look<T>(name: string, at: (dataset: OpenDataset) => T): Promise<T> {
  const dataset = await OpenDataset.open(join(folder, `${name}.tif`))
  try {
    return at(dataset)
  } finally {
    dataset.close()
  }
}

const infoOf = (name: string) => look(name, fileInfo)

describe('what a file is', () => {
  test('is told with its place, bands, nodata value and overviews', async () => {
    expect(await infoOf('plain')).toEqual({
      bounds: [500000, 4498000, 503000, 4500000],
      crs: 'http://www.opengis.net/def/crs/EPSG/0/32642',
      band_metadata: [
        ['b1', {}],
        ['b2', {}],
      ],
      band_descriptions: [
        ['b1', 'b1'],
        ['b2', 'b2'],
      ],
      dtype: 'uint16',
      nodata_type: 'Nodata',
      colorinterp: ['gray', 'undefined'],
      scales: [0.5, 0.5],
      offsets: [-3, -3],
      driver: 'GTiff',
      count: 2,
      width: 300,
      height: 200,
      overviews: [2, 4],
      nodata_value: 0,
    })
  })

  test('says how its pixels are masked', async () => {
    expect(await infoOf('alpha')).toMatchObject({
      nodata_type: 'Alpha',
      colorinterp: ['red', 'green', 'blue', 'alpha'],
    })
    expect(await infoOf('mask')).toMatchObject({ nodata_type: 'Mask', colorinterp: ['gray'] })
    expect(await infoOf('float')).toMatchObject({ nodata_type: 'Nodata', dtype: 'float32', nodata_value: Number.NaN })
    const palette = await infoOf('palette')
    expect(palette).toMatchObject({ nodata_type: 'None', colorinterp: ['palette'] })
    expect(palette.nodata_value).toBeUndefined()
  })

  test('has a palette by value', async () => {
    const { colormap } = await infoOf('palette')
    expect(Object.keys(colormap ?? {})).toHaveLength(256)
    expect(colormap).toMatchObject({ 0: [1, 2, 3, 255], 1: [4, 5, 6, 255], 2: [0, 0, 0, 255] })
    expect((await infoOf('plain')).colormap).toBeUndefined()
  })

  test('has the least and the greatest sample of bands that have statistics', async () => {
    const path = join(folder, 'plain.tif')
    const file = gdal.open(path, 'r+')
    file.bands.get(1).setMetadata({ STATISTICS_MINIMUM: '3', STATISTICS_MAXIMUM: '12.5' })
    file.close()
    const { minmax, band_metadata } = await infoOf('plain')
    expect(minmax).toEqual([[3, 12.5]])
    expect(band_metadata[0]?.[1]).toMatchObject({ STATISTICS_MINIMUM: '3' })
  })

  test('is placed by the box around it when it is rotated or placed by points', async () => {
    expect((await infoOf('rotated')).bounds).toEqual([500000, 4498000, 503600, 4500900])
    const points = await infoOf('points')
    expect(points.bounds.map((bound) => Math.round(bound * 1e6) / 1e6)).toEqual([500000, 4498000, 503000, 4500000])
    expect(points).toMatchObject({
      driver: 'GTiff',
      band_metadata: [
        ['b1', {}],
        ['b2', {}],
      ],
    })
  })
})

describe('the zooms of a file', () => {
  test.each([
    ['plain', [14, 14], [13, 13], [12, 13]],
    ['rotated', [13, 13], [12, 12], [12, 13]],
    ['points', [14, 14], [13, 13], [12, 13]],
    ['degrees', [6, 10], [6, 9], [7, 11]],
  ])('of %s follow from its resolution in the set’s system', async (name, ...expected) => {
    const zooms = await look(name, (dataset) =>
      ['WebMercatorQuad', 'WGS1984Quad', 'UTM31WGS84Quad'].map((id) => {
        const { minzoom, maxzoom } = fileZooms(dataset, tileMatrixSets.get(id)!)
        return [minzoom, maxzoom]
      }),
    )
    expect(zooms).toEqual(expected)
  })
})
