import { TilepressError } from '../errors.ts'
import { recycle, takeArray, takeZeroes } from '../raster/array-pool.ts'
import { dataTypeRange } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { ImageFormat, TileFormat } from '../tile/format.ts'
import { rescale } from './rescale.ts'

/** Interleaved samples, ready for an encoder: gray, gray + alpha, RGB or RGBA. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  readonly data: Uint8Array | Uint16Array
}

/**
 * The raster as an image of a format. `auto` is PNG where some pixel is masked in all bands, else JPEG, both of 8 bits; only an
 * explicit `png` keeps uint16. Other types are brought from their full range to 8 bits (titiler's rules for mosaics, which have no
 * statistics). A pixel is visible when any band is valid there; what isn't is 0 in all channels.
 * Throws FORMAT_INVALID when the format can't hold that many bands.
 */
export function imageOf(
  raster: Raster,
  format: TileFormat,
  returnMask: boolean,
): { readonly image: Image; readonly format: ImageFormat } {
  const visible = visibility(raster)
  const chosen = format === 'auto' ? (visible === null ? 'jpeg' : 'png') : format
  const keeps16 = format === 'png' && raster.dataType === 'uint16'
  const coerced = raster.dataType === 'uint8' || keeps16 ? raster : rescale(raster, [dataTypeRange[raster.dataType]])
  const jpeg = chosen === 'jpeg' || chosen === 'jpg'
  const alpha = !jpeg && returnMask && (chosen === 'png' || visible !== null)
  const bands = coerced.bands as readonly (Uint8Array | Uint16Array)[]
  const image = interleave(coerced, jpeg ? jpegBands(bands) : pixelBands(bands, alpha, chosen), visible, alpha)
  if (coerced !== raster) recycle(coerced.bands)
  return { image, format: chosen }
}

/** PNG and WebP hold gray or RGB, with or without alpha. */
function pixelBands(
  bands: readonly (Uint8Array | Uint16Array)[],
  alpha: boolean,
  format: ImageFormat,
): readonly (Uint8Array | Uint16Array)[] {
  const channels = bands.length + (alpha ? 1 : 0)
  if (channels >= 1 && channels <= 4 && !(alpha && bands.length === 2)) return bands
  const held = alpha ? 'one or three bands with a mask' : 'one to four bands without a mask'
  throw new TilepressError('FORMAT_INVALID', `${format} holds ${held}; this image has ${bands.length}`)
}

/** JPEG holds gray or RGB. Of four bands the first three are RGB: titiler's CMYK shows false colours everywhere. */
function jpegBands(bands: readonly (Uint8Array | Uint16Array)[]): readonly (Uint8Array | Uint16Array)[] {
  if (bands.length === 4) return bands.slice(0, 3)
  if (bands.length === 1 || bands.length === 3) return bands
  throw new TilepressError('FORMAT_INVALID', `jpeg holds one, three or four bands; this image has ${bands.length}`)
}

/** 255 where any band is valid, 0 where all are masked; null when nothing is masked in all of them. */
function visibility(raster: Raster): Uint8Array | null {
  const [first, ...others] = new Set(raster.masks)
  if (first === null || first === undefined || others.includes(null)) return null
  if (others.length === 0) return first
  const visible = first.slice()
  for (const mask of others) for (let i = 0; i < visible.length; i++) visible[i]! |= mask![i]!
  return visible.includes(0) ? visible : null
}

function interleave(
  raster: Raster,
  bands: readonly (Uint8Array | Uint16Array)[],
  visible: Uint8Array | null,
  alpha: boolean,
): Image {
  const pixels = raster.width * raster.height
  const channels = (bands.length + (alpha ? 1 : 0)) as Image['channels']
  const deep = raster.dataType === 'uint16'
  if (!deep && bands.length === 3 && pixels % 4 === 0 && (alpha || visible === null)) {
    const [red, green, blue] = bands as readonly [Uint8Array, Uint8Array, Uint8Array]
    const data = takeArray('uint8', pixels * channels) as Uint8Array
    const words = new Uint32Array(data.buffer)
    if (alpha) weaveRgba(red, green, blue, visible, words)
    else weaveRgb(red, green, blue, words)
    return { width: raster.width, height: raster.height, channels, data }
  }
  const data = takeZeroes(deep ? 'uint16' : 'uint8', pixels * channels) as Uint8Array | Uint16Array
  for (const [channel, band] of bands.entries()) weave(band, visible, data, channel, channels)
  if (alpha) weaveAlpha(visible, deep ? 65535 : 255, data, channels)
  return { width: raster.width, height: raster.height, channels, data }
}

/** Four pixels to three words, in the byte order of every machine that Node runs on: half the time of byte by byte. */
function weaveRgb(red: Uint8Array, green: Uint8Array, blue: Uint8Array, words: Uint32Array): void {
  for (let i = 0, at = 0; i < red.length; i += 4, at += 3) {
    words[at] = red[i]! | (green[i]! << 8) | (blue[i]! << 16) | (red[i + 1]! << 24)
    words[at + 1] = green[i + 1]! | (blue[i + 1]! << 8) | (red[i + 2]! << 16) | (green[i + 2]! << 24)
    words[at + 2] = blue[i + 2]! | (red[i + 3]! << 8) | (green[i + 3]! << 16) | (blue[i + 3]! << 24)
  }
}

function weaveRgba(
  red: Uint8Array,
  green: Uint8Array,
  blue: Uint8Array,
  visible: Uint8Array | null,
  words: Uint32Array,
): void {
  for (let i = 0; i < red.length; i++) {
    const pixel = red[i]! | (green[i]! << 8) | (blue[i]! << 16) | 0xff000000
    // All bits of the word where the mask is 255, none where it is 0.
    words[i] = visible === null ? pixel : pixel & -(visible[i]! & 1)
  }
}

function weave(
  band: Uint8Array | Uint16Array,
  visible: Uint8Array | null,
  data: Uint8Array | Uint16Array,
  channel: number,
  channels: number,
): void {
  for (let i = 0, at = channel; i < band.length; i++, at += channels) {
    if (visible === null || visible[i] !== 0) data[at] = band[i]!
  }
}

function weaveAlpha(
  visible: Uint8Array | null,
  opaque: number,
  data: Uint8Array | Uint16Array,
  channels: number,
): void {
  for (let at = channels - 1, i = 0; at < data.length; at += channels, i++) {
    data[at] = visible === null || visible[i] !== 0 ? opaque : 0
  }
}
