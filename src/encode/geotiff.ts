import { randomUUID } from 'node:crypto'
import gdal from 'gdal-async'
import type { DataType, TypedArray } from '../raster/data-type.ts'
import type { BandImage } from '../render/image.ts'
import type { Crs } from '../tile/crs.ts'
import { wholeNumbers } from './npy.ts'

/** GDAL's names of the types. */
const gdalTypes: Record<DataType, string> = {
  uint8: gdal.GDT_Byte,
  int8: gdal.GDT_Byte,
  uint16: gdal.GDT_UInt16,
  int16: gdal.GDT_Int16,
  uint32: gdal.GDT_UInt32,
  int32: gdal.GDT_Int32,
  uint64: gdal.GDT_UInt64,
  int64: gdal.GDT_Int64,
  float32: gdal.GDT_Float32,
  float64: gdal.GDT_Float64,
}

/** GDAL has a type of 8-bit signed samples from 3.7 on; the option that makes bytes signed works before and after. */
const signedBytes = ['PIXELTYPE=SIGNEDBYTE']

const [major = 0, minor = 0] = gdal.version.split('.').map(Number)
const knowsInt8 = major > 3 || (major === 3 && minor >= 7)

/**
 * A GeoTIFF of the bands and alpha as GDAL's driver writes it unasked: uncompressed, pixel-interleaved strips, RGB where three bytes
 * are three bands, alpha unassociated (what titiler answers).
 */
export async function encodeGeoTiff(image: BandImage): Promise<Buffer> {
  const path = `/vsimem/${randomUUID()}.tif`
  try {
    await write(image, path)
  } catch (error) {
    // What was written stays in memory else.
    gdal.vsimem.release(path)
    throw error
  }
  return gdal.vsimem.release(path)
}

async function write(image: BandImage, path: string): Promise<void> {
  const { width, height, bounds, dataType } = image
  const bands = image.alpha === null ? image.bands : [...image.bands, image.alpha]
  const options = dataType === 'int8' ? signedBytes : []
  const driver = gdal.drivers.get('GTiff')
  const dataset = await driver.createAsync(path, width, height, bands.length, gdalTypes[dataType], options)
  try {
    const [left, bottom, right, top] = bounds
    dataset.geoTransform = [left, (right - left) / width, 0, top, 0, (bottom - top) / height]
    dataset.srs = spatialReference(image.crs)
    for (const [index, samples] of bands.entries()) {
      const band = await dataset.bands.getAsync(index + 1)
      const isAlpha = image.alpha !== null && index === bands.length - 1
      if (isAlpha && band.colorInterpretation !== gdal.GCI_AlphaBand) band.colorInterpretation = gdal.GCI_AlphaBand
      await band.pixels.writeAsync(0, 0, width, height, writable(samples, dataType))
    }
    await dataset.flushAsync()
  } finally {
    dataset.close()
  }
}

const references = new Map<Crs, gdal.SpatialReference>()

/** Looking one up in PROJ's database takes longer than writing the file. */
function spatialReference(crs: Crs): gdal.SpatialReference {
  let reference = references.get(crs)
  if (reference === undefined) {
    reference = gdal.SpatialReference.fromUserInput(crs)
    if (references.size >= 64) references.clear()
    references.set(crs, reference)
  }
  return reference
}

type Writable = Exclude<TypedArray, Int8Array> | BigInt64Array | BigUint64Array

function writable(samples: TypedArray, type: DataType): Writable {
  if (type === 'int64' || type === 'uint64') return wholeNumbers(samples, type)
  if (!(samples instanceof Int8Array)) return samples
  // Where the type is known GDAL brings wider samples to it; before that it takes the bytes as they are.
  return knowsInt8 ? Int16Array.from(samples) : new Uint8Array(samples.buffer, samples.byteOffset, samples.length)
}
