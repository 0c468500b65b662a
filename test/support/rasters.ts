import { createArray, type DataType } from '../../src/raster/data-type.ts'
import type { Raster } from '../../src/raster/raster.ts'

/** A raster of one row. A band is its samples; a mask is `x` for valid and `.` for masked samples, null for all valid. */
export function rowOf(
  bands: readonly (readonly number[])[],
  masks: readonly (string | null)[] = bands.map(() => null),
  dataType: DataType = 'uint8',
): Raster {
  const width = bands[0]?.length ?? 0
  const parsed = new Map<string, Uint8Array>()
  const maskOf = (text: string) => parsed.get(text) ?? Uint8Array.from(text, (sign) => (sign === 'x' ? 255 : 0))
  return {
    width,
    height: 1,
    dataType,
    bands: bands.map((samples) => {
      const band = createArray(dataType, width)
      band.set(samples)
      return band
    }),
    masks: masks.map((text) => {
      if (text === null) return null
      const mask = maskOf(text)
      parsed.set(text, mask)
      return mask
    }),
    bounds: [0, 0, width, 1],
    crs: 'EPSG:3857',
    bandDescriptions: bands.map((_, index) => `b${index + 1}`),
    bandNames: bands.map((_, index) => `b${index + 1}`),
  }
}

/** The masks of a raster as `rowOf` takes them. */
export function masksOf(raster: Raster): (string | null)[] {
  return raster.masks.map((mask) =>
    mask === null ? null : [...mask].map((value) => (value === 0 ? '.' : 'x')).join(''),
  )
}
