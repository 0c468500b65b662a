import { TilepressError } from '../errors.ts'
import { recycle, takeArray } from '../raster/array-pool.ts'
import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import type { ImageFormat, TileFormat } from '../tile/format.ts'
import type { Coloured } from './coloured.ts'
import { type Channels, interleave } from './interleave.ts'
import { type Range, rescale } from './rescale.ts'

/** Interleaved samples, ready for an encoder of pictures: gray, gray + alpha, RGB or RGBA. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly channels: Channels
  readonly data: Uint8Array | Uint16Array
}

/** Bands of any type, ready for an encoder of data. */
export interface BandImage {
  readonly width: number
  readonly height: number
  readonly dataType: DataType
  readonly bands: readonly TypedArray[]
  /** Largest value of the type where a pixel is valid, smallest where not; null when none is wanted. */
  readonly alpha: TypedArray | null
  readonly bounds: Bounds
  readonly crs: Crs
}

export interface ImageOptions {
  readonly returnMask: boolean
  /** Range of each band's samples where known; what a format can't hold is brought to bytes from it. Null: the type's whole range. */
  readonly statistics?: readonly Range[] | null
}

/** Types that a format holds; all others are brought to bytes. Null: no other is taken. */
const heldTypes: Record<Exclude<ImageFormat, 'tif' | 'tiff' | 'npy'>, readonly DataType[]> = {
  png: ['uint8', 'uint16'],
  pngraw: ['uint8', 'uint16'],
  jpeg: ['uint8'],
  jpg: ['uint8'],
  webp: ['uint8'],
  avif: ['uint8'],
}

/**
 * The raster as an image of a format. `auto` is PNG where a pixel is transparent, else JPEG, both of 8 bits. Types that the format does
 * not hold are brought to 8 bits, from the range of their `statistics` or the type's (titiler's rules); `pngraw` refuses them. A pixel is
 * visible when any band is valid there; what isn't is 0 in all channels of a picture.
 * Throws FORMAT_INVALID when the format can't hold that many bands or that type.
 */
export function imageOf(
  coloured: Coloured,
  format: TileFormat,
  options: ImageOptions,
): { readonly image: Image | BandImage; readonly format: ImageFormat } {
  const { raster, alpha } = coloured
  const visible = visibility(raster)
  if (format === 'tif' || format === 'tiff' || format === 'npy') {
    return { image: bandImage(coloured, visible, options.returnMask), format }
  }
  const chosen = format === 'auto' ? (visible === null && !alpha?.includes(0) ? 'jpeg' : 'png') : format
  const held = format === 'auto' ? (['uint8'] as const) : heldTypes[format]
  const coerced = coerce(raster, chosen, held, options.statistics ?? null)
  const bands = channelBands(coerced.bands as readonly (Uint8Array | Uint16Array)[], options.returnMask, chosen)
  const opaque = visible === null && alpha === null
  const hasAlpha = options.returnMask && !isJpeg(chosen) && (isPng(chosen) || !opaque)
  const image = interleave(coerced, bands, visible, hasAlpha ? (alpha ?? 'mask') : null)
  if (coerced !== raster) recycle(coerced.bands)
  return { image, format: chosen }
}

function coerce(
  raster: Raster,
  format: ImageFormat,
  held: readonly DataType[],
  statistics: readonly Range[] | null,
): Raster {
  if (held.includes(raster.dataType)) return raster
  if (format === 'pngraw') {
    throw new TilepressError('FORMAT_INVALID', `pngraw holds uint8 and uint16; this image is ${raster.dataType}`)
  }
  return rescale(raster, statistics ?? [dataTypeRange[raster.dataType]])
}

function isPng(format: ImageFormat): boolean {
  return format === 'png' || format === 'pngraw'
}

function isJpeg(format: ImageFormat): boolean {
  return format === 'jpeg' || format === 'jpg'
}

/**
 * JPEG: gray or RGB; of four bands the first three, as titiler's CMYK shows false colours everywhere. Others: also with alpha, for which
 * there must be room wherever the mask is wanted: the same bands would be refused on the next tile else.
 */
function channelBands(
  bands: readonly (Uint8Array | Uint16Array)[],
  returnMask: boolean,
  format: ImageFormat,
): readonly (Uint8Array | Uint16Array)[] {
  const count = bands.length
  if (isJpeg(format)) {
    if (count === 4) return bands.slice(0, 3)
    if (count === 1 || count === 3) return bands
    throw new TilepressError('FORMAT_INVALID', `jpeg holds one, three or four bands; this image has ${count}`)
  }
  // Of PNG alone two bands are gray and alpha; three channels that are two bands and a mask are no picture.
  if (count === 1 || count === 3 || (!returnMask && (count === 4 || (count === 2 && isPng(format))))) return bands
  const without = isPng(format) ? 'one to four bands' : 'one, three or four bands'
  const holds = returnMask ? 'one or three bands with a mask' : `${without} without a mask`
  throw new TilepressError('FORMAT_INVALID', `${format} holds ${holds}; this image has ${count}`)
}

/** 255 where any band is valid, 0 where all are masked; null when nothing is masked in all of them. */
function visibility(raster: Raster): Uint8Array | null {
  const [first, ...others] = new Set(raster.masks)
  if (first === null || first === undefined || others.includes(null)) return null
  if (others.length === 0) return first.includes(0) ? first : null
  const visible = first.slice()
  for (const mask of others) for (let i = 0; i < visible.length; i++) visible[i]! |= mask![i]!
  return visible.includes(0) ? visible : null
}

function bandImage({ raster, alpha }: Coloured, visible: Uint8Array | null, returnMask: boolean): BandImage {
  const { width, height, dataType, bands, bounds, crs } = raster
  const image = { width, height, dataType, bands, bounds, crs }
  if (!returnMask) return { ...image, alpha: null }
  const [masked, valid] = dataTypeRange[dataType]
  const samples = takeArray(dataType, width * height)
  if (alpha !== null) samples.set(alpha)
  else if (visible === null) samples.fill(valid)
  else for (let i = 0; i < samples.length; i++) samples[i] = visible[i] === 0 ? masked : valid
  return { ...image, alpha: samples }
}
