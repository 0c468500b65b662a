/**
 * What a tile may be encoded as. `pngraw` is PNG that must hold the samples as they are, `tif` and `npy` hold those of any type.
 * `auto` is PNG where a pixel is fully masked, else JPEG (titiler's rule).
 */
export const imageFormats = ['png', 'jpeg', 'jpg', 'webp', 'avif', 'tif', 'tiff', 'npy', 'pngraw'] as const

export type ImageFormat = (typeof imageFormats)[number]
export type TileFormat = ImageFormat | 'auto'

/** titiler answers `image/jpg` for `.jpg` and `image/jpeg` for `.jpeg` and automatic tiles; its clients may compare. */
export const mediaTypes: Record<ImageFormat, string> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpg',
  webp: 'image/webp',
  avif: 'image/avif',
  tif: 'image/tiff; application=geotiff',
  tiff: 'image/tiff; application=geotiff',
  npy: 'application/x-binary',
  pngraw: 'image/png',
}

export function isImageFormat(text: string): text is ImageFormat {
  return (imageFormats as readonly string[]).includes(text)
}
