import gdal from 'gdal-async'
import { describe, expect, test } from 'vitest'
import { encodeGeoTiff } from '../../src/encode/geotiff.ts'
import { createArray, type DataType } from '../../src/raster/data-type.ts'
import type { BandImage } from '../../src/render/image.ts'

/** Four columns, two rows; sample = 10 · band + pixel. */
function image(dataType: DataType, bands: number, alpha: boolean, crs = 'EPSG:3857'): BandImage {
  const samples = (from: number) => {
    const array = createArray(dataType, 8)
    for (let i = 0; i < 8; i++) array[i] = from + i
    return array
  }
  return {
    width: 4,
    height: 2,
    dataType,
    bands: Array.from({ length: bands }, (_, b) => samples(10 * b)),
    alpha: alpha ? samples(100) : null,
    bounds: [1000, 2000, 1040, 2030],
    crs,
  }
}

/** Tags of a little-endian TIFF's first directory that hold up to four bytes, and the first two bytes' worth of others. */
function tagsOf(tiff: Buffer): Map<number, number[]> {
  const at = tiff.readUInt32LE(4)
  const tags = new Map<number, number[]>()
  for (let entry = 0; entry < tiff.readUInt16LE(at); entry++) {
    const start = at + 2 + entry * 12
    const [tag, type, count] = [tiff.readUInt16LE(start), tiff.readUInt16LE(start + 2), tiff.readUInt32LE(start + 4)]
    const from = type === 3 && count <= 2 ? start + 8 : tiff.readUInt32LE(start + 8)
    if (type === 3)
      tags.set(
        tag,
        Array.from({ length: count }, (_, i) => tiff.readUInt16LE(from + i * 2)),
      )
    else tags.set(tag, [from])
  }
  return tags
}

async function open<T>(tiff: Buffer, look: (dataset: gdal.Dataset) => T): Promise<T> {
  const path = `/vsimem/test-${performance.now()}.tif`
  gdal.vsimem.set(tiff, path)
  const dataset = gdal.open(path)
  try {
    return look(dataset)
  } finally {
    dataset.close()
    gdal.vsimem.release(path)
  }
}

describe('a GeoTIFF', () => {
  test.each(['uint8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'] as const)(
    'of %s has every sample, alpha as its last band',
    async (type) => {
      const source = image(type, 2, true)
      await open(await encodeGeoTiff(source), (dataset) => {
        const bands = [1, 2, 3].map((band) => Array.from(dataset.bands.get(band).pixels.read(0, 0, 4, 2)))
        expect(bands).toEqual([...source.bands, source.alpha!].map((band) => [...band]))
        expect(dataset.bands.get(3).colorInterpretation).toBe('Alpha')
      })
    },
  )

  test('of 8-bit signed samples says so, whatever this GDAL calls them', async () => {
    const source = { ...image('int8', 1, false), bands: [Int8Array.of(-128, -1, 0, 1, 2, 3, 4, 127)] }
    const tiff = await encodeGeoTiff(source)
    const tags = tagsOf(tiff)
    expect([tags.get(258), tags.get(339)]).toEqual([[8], [2]])
    const [strip = 0] = tags.get(273)!
    expect([...tiff.subarray(strip, strip + 8)]).toEqual([128, 255, 0, 1, 2, 3, 4, 127])
  })

  test('of 64-bit integers has 64 bits', async () => {
    const tags = tagsOf(await encodeGeoTiff(image('int64', 1, false)))
    expect([tags.get(258), tags.get(339)]).toEqual([[64], [2]])
  })

  test('is where its bounds are', async () => {
    await open(await encodeGeoTiff(image('uint8', 1, false, 'EPSG:32633')), (dataset) => {
      expect(dataset.geoTransform).toEqual([1000, 10, 0, 2030, 0, -15])
      expect(dataset.srs?.getAuthorityCode(null as unknown as string) ?? dataset.srs?.toWKT()).toMatch(/32633/)
      expect(dataset.bands.get(1).noDataValue).toBeNull()
    })
  })

  test('may be in a system that has no code', async () => {
    const wkt = gdal.SpatialReference.fromProj4('+proj=laea +lat_0=12 +lon_0=34 +datum=WGS84 +units=m').toWKT()
    await open(await encodeGeoTiff(image('uint8', 1, false, wkt)), (dataset) => {
      expect(dataset.srs?.toProj4()).toContain('+proj=laea +lat_0=12 +lon_0=34')
    })
  })

  // 262 photometric: 1 gray, 2 RGB; 338 extra samples: 2 unassociated alpha, 0 unspecified. As rasterio's files have them.
  test.each([
    ['uint8', 1, false, 1, undefined],
    ['uint8', 1, true, 1, [2]],
    ['uint8', 3, false, 2, undefined],
    ['uint8', 3, true, 2, [2]],
    ['uint8', 4, false, 2, [2]],
    ['uint16', 3, true, 1, [0, 0, 2]],
    ['float32', 2, false, 1, [0]],
  ] as const)(
    'of %s with %d bands (alpha %s) has photometric %d and extra samples %j',
    async (type, bands, alpha, photometric, extra) => {
      const tags = tagsOf(await encodeGeoTiff(image(type, bands, alpha)))
      expect(tags.get(262)).toEqual([photometric])
      expect(tags.get(338)).toEqual(extra)
      expect([tags.get(259), tags.get(284)]).toEqual([[1], [1]])
      expect(tags.has(42113)).toBe(false)
    },
  )

  test('leaves nothing in memory', async () => {
    await encodeGeoTiff(image('uint8', 1, false))
    await expect(encodeGeoTiff(image('uint8', 1, false, 'no system'))).rejects.toThrow()
    const one = '/vsimem/one.tif'
    gdal.vsimem.set(Buffer.from('a folder without a file cannot be listed'), one)
    expect(gdal.fs.readDir('/vsimem/').filter((name) => name.endsWith('.tif'))).toEqual(['one.tif'])
    gdal.vsimem.release(one)
  })
})
