import sharp, { type Sharp } from 'sharp'
import type { Image } from '../render/image.ts'
import { type ImageFormat, mediaTypes } from '../tile/format.ts'
import { encodeJpeg, isJpegSource } from './jpeg.ts'

/** Speed against size; never what a decoded PNG shows. */
export interface EncodeSettings {
  /** zlib's 0–9. */
  readonly pngCompressionLevel: number
  /** libwebp's 0–6. */
  readonly webpEffort: number
  /** Smaller JPEGs (−18 %) for a quarter more time. */
  readonly jpegOptimizeCoding: boolean
}

export const defaultEncodeSettings: EncodeSettings = { pngCompressionLevel: 2, webpEffort: 0, jpegOptimizeCoding: true }

/** titiler's qualities. */
const JPEG_QUALITY = 85
const WEBP_QUALITY = 75

// Tiles run side by side; threads inside one would only take each other's cores, and no operation is ever the same twice.
sharp.concurrency(1)
sharp.cache(false)

/** Encodes: JPEGs of a tile's size on the spot, all else off the event loop. The image's data must not change until it resolves. */
export async function encode(
  image: Image,
  format: ImageFormat,
  settings: EncodeSettings,
): Promise<{ readonly contentType: string; readonly body: Buffer }> {
  if ((format === 'jpeg' || format === 'jpg') && isJpegSource(image))
    return { contentType: mediaTypes[format], body: encodeJpeg(image, JPEG_QUALITY) }
  const { width, height, channels, data } = image
  const pipeline = sharp(data, { raw: { width, height, channels } })
  const body = await withFormat(pipeline, image, format, settings).toBuffer()
  return { contentType: mediaTypes[format], body }
}

function withFormat(pipeline: Sharp, image: Image, format: ImageFormat, settings: EncodeSettings): Sharp {
  switch (format) {
    case 'png': {
      const png = pipeline.png({ compressionLevel: settings.pngCompressionLevel })
      if (!(image.data instanceof Uint16Array)) return image.channels < 3 ? png.toColourspace('b-w') : png
      return png.toColourspace(image.channels < 3 ? 'grey16' : 'rgb16')
    }
    case 'webp':
      return pipeline.webp({ quality: WEBP_QUALITY, effort: settings.webpEffort })
    case 'jpeg':
    case 'jpg': {
      const jpeg = pipeline.jpeg({ quality: JPEG_QUALITY, optimiseCoding: settings.jpegOptimizeCoding })
      return image.channels < 3 ? jpeg.toColourspace('b-w') : jpeg
    }
  }
}
