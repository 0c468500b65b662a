import sharp, { type Sharp } from 'sharp'
import type { BandImage, Image } from '../render/image.ts'
import { type ImageFormat, mediaTypes } from '../tile/format.ts'
import { encodeGeoTiff } from './geotiff.ts'
import { encodeJpeg, isJpegSource } from './jpeg.ts'
import { encodeNpy } from './npy.ts'

/** Speed against size; never what a decoded PNG shows. */
export interface EncodeSettings {
  /** zlib's 0–9. */
  readonly pngCompressionLevel: number
  /** libwebp's 0–6. */
  readonly webpEffort: number
  /** libaom's 0–9. */
  readonly avifEffort: number
  /** Smaller JPEGs (−18 %) for a quarter more time. */
  readonly jpegOptimizeCoding: boolean
}

export const defaultEncodeSettings: EncodeSettings = {
  pngCompressionLevel: 2,
  webpEffort: 0,
  avifEffort: 0,
  jpegOptimizeCoding: true,
}

/** titiler's qualities. */
const JPEG_QUALITY = 85
const WEBP_QUALITY = 75

/** Nearer to the samples than WebP 75, in half of JPEG 85's bytes (docs/decisions.md, 25). */
const AVIF_QUALITY = 60

/** titiler's for `pngraw`. */
const PNGRAW_COMPRESSION_LEVEL = 1

// Tiles run side by side; threads inside one would only take each other's cores, and no operation is ever the same twice.
sharp.concurrency(1)
sharp.cache(false)

type PictureFormat = Exclude<ImageFormat, 'tif' | 'tiff' | 'npy'>

/**
 * Encodes: JPEGs of a tile's size and arrays on the spot, all else off the event loop. The image's data must not change until it
 * resolves. An image made for `tif`, `tiff` or `npy` has bands, one for any other format pixels.
 */
export async function encode(
  image: Image | BandImage,
  format: ImageFormat,
  settings: EncodeSettings,
): Promise<{ readonly contentType: string; readonly body: Buffer }> {
  return { contentType: mediaTypes[format], body: await bytesOf(image, format, settings) }
}

async function bytesOf(image: Image | BandImage, format: ImageFormat, settings: EncodeSettings): Promise<Buffer> {
  if ('bands' in image) return format === 'npy' ? encodeNpy(image) : encodeGeoTiff(image)
  if ((format === 'jpeg' || format === 'jpg') && isJpegSource(image)) return encodeJpeg(image, JPEG_QUALITY)
  const { width, height, channels, data } = image
  const pipeline = sharp(data, { raw: { width, height, channels } })
  return withFormat(pipeline, image, format as PictureFormat, settings).toBuffer()
}

function withFormat(pipeline: Sharp, image: Image, format: PictureFormat, settings: EncodeSettings): Sharp {
  switch (format) {
    case 'png':
    case 'pngraw': {
      const compressionLevel = format === 'png' ? settings.pngCompressionLevel : PNGRAW_COMPRESSION_LEVEL
      const png = pipeline.png({ compressionLevel })
      if (!(image.data instanceof Uint16Array)) return image.channels < 3 ? png.toColourspace('b-w') : png
      return png.toColourspace(image.channels < 3 ? 'grey16' : 'rgb16')
    }
    case 'avif':
      return pipeline.avif({ quality: AVIF_QUALITY, effort: settings.avifEffort })
    case 'webp':
      return pipeline.webp({ quality: WEBP_QUALITY, effort: settings.webpEffort })
    case 'jpeg':
    case 'jpg': {
      const jpeg = pipeline.jpeg({ quality: JPEG_QUALITY, optimiseCoding: settings.jpegOptimizeCoding })
      return image.channels < 3 ? jpeg.toColourspace('b-w') : jpeg
    }
  }
}
