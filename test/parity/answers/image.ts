import gdal from 'gdal-async'
import sharp from 'sharp'
import type { Samples } from '../imagery/samples.ts'
import type { Answer } from './answer.ts'
import { parseNpy } from './npy.ts'

/** Decoded pixels, band after band; a mask or alpha is the last band. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly dataType: string
  readonly bands: readonly Samples[]
  /** What a GeoTIFF says of itself beside its pixels. */
  readonly tags?: object
}

let names = 0

/** Decodes by the answer's media type. Throws when it is no image. */
export async function decode({ type, body }: Answer): Promise<Picture> {
  if (type === 'application/x-binary') return fromNpy(body)
  if (type === 'image/png') return withoutTags(fromGdal(body))
  if (type.startsWith('image/tiff')) return fromGdal(body)
  const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const bands = Array.from({ length: channels }, (_, band) =>
    Uint8Array.from({ length: width * height }, (_, at) => data[at * channels + band]!),
  )
  return { width, height, dataType: 'u1', bands }
}

function fromNpy(body: Buffer): Picture {
  const {
    shape: [count, height, width],
    dataType,
    data,
  } = parseNpy(body)
  const bands = Array.from({ length: count }, (_, band) =>
    data.subarray(band * width * height, (band + 1) * width * height),
  )
  return { width, height, dataType, bands }
}

/** PNG with its own number of bands and bits, and TIFF. */
function fromGdal(body: Buffer): Picture {
  const name = `/vsimem/answer-${names++}`
  gdal.vsimem.set(Buffer.from(body), name)
  try {
    const dataset = gdal.open(name)
    const { x: width, y: height } = dataset.rasterSize
    const bands = dataset.bands.map((band) => band.pixels.read(0, 0, width, height) as Samples)
    const dataType = dataset.bands.get(1).dataType ?? ''
    const tags = {
      geoTransform: dataset.geoTransform,
      crs: dataset.srs?.toProj4(),
      colours: dataset.bands.map((band) => band.colorInterpretation),
      nodata: dataset.bands.map((band) => band.noDataValue),
    }
    dataset.close()
    return { width, height, dataType, bands, tags }
  } finally {
    gdal.vsimem.release(name)
  }
}

function withoutTags({ tags: _, ...picture }: Picture): Picture {
  return picture
}
