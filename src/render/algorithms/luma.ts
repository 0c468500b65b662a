import { recycle, takeArray } from '../../raster/array-pool.ts'
import { castSamples } from '../../raster/cast.ts'
import type { Raster } from '../../raster/raster.ts'
import { type Algorithm, requireBands, withBands } from './algorithm.ts'

const THRESHOLD = 127

/** Luma of the first three bands (ITU-R BT.601) in the image's type, cut; masked where one of the three is. */
export const grayscale: Algorithm = (raster) => {
  requireBands(raster, raster.bands.length >= 3, 'grayscale', 'three bands or more')
  const { values, mask } = lumaOf(raster)
  const gray = castSamples(values, 'float64', raster.dataType)
  recycle([values])
  return withBands(raster, raster.dataType, [gray], [mask], ['grayscale'])
}

/** 255 where the band, or the luma of three, is above 127, else 0. */
export const bitonal: Algorithm = (raster) => {
  requireBands(raster, [1, 3].includes(raster.bands.length), 'bitonal', 'one or three bands')
  const luma = raster.bands.length === 3 ? lumaOf(raster) : null
  const values = luma?.values ?? raster.bands[0]!
  const black = takeArray('uint8', values.length) as Uint8Array
  for (let i = 0; i < black.length; i++) black[i] = values[i]! > THRESHOLD ? 255 : 0
  if (luma !== null) recycle([luma.values])
  return withBands(raster, 'uint8', [black], [luma === null ? raster.masks[0]! : luma.mask], ['bitonal'])
}

function lumaOf({ bands, masks }: Raster): { values: Float64Array; mask: Uint8Array | null } {
  const [red, green, blue] = bands as [Uint8Array, Uint8Array, Uint8Array]
  const values = takeArray('float64', red.length) as Float64Array
  const mask = takeArray('uint8', red.length) as Uint8Array
  let holes = 0
  for (let i = 0; i < values.length; i++) {
    const value = (red[i]! * 299) / 1000 + (green[i]! * 587) / 1000 + (blue[i]! * 114) / 1000
    const known = isValid(masks[0]!, i) && isValid(masks[1]!, i) && isValid(masks[2]!, i)
    const valid = known && Number.isFinite(value)
    values[i] = valid ? value : 0
    mask[i] = valid ? 255 : 0
    if (!valid) holes++
  }
  if (holes > 0) return { values, mask }
  recycle([mask])
  return { values, mask: null }
}

function isValid(mask: Uint8Array | null, pixel: number): boolean {
  return mask === null || mask[pixel] !== 0
}
