import { takeArray } from './array-pool.ts'
import type { DataType, TypedArray } from './data-type.ts'
import type { Raster } from './raster.ts'

/**
 * The raster with `width` × `height` samples over the same bounds, each the nearest one (rio-tiler's `resize_array`: GDAL's
 * nearest of a plain read). Itself when it has that size; else all its arrays are new.
 */
export function resizeNearest(raster: Raster, width: number, height: number): Raster {
  if (raster.width === width && raster.height === height) return raster
  const columns = nearestIndexes(raster.width, width)
  const rows = nearestIndexes(raster.height, height)
  const pick = (from: TypedArray, type: DataType): TypedArray => {
    const to = takeArray(type, width * height)
    for (let y = 0, at = 0; y < height; y++) {
      const row = rows[y]! * raster.width
      for (let x = 0; x < width; x++) to[at++] = from[row + columns[x]!]!
    }
    return to
  }
  const masks = new Map<Uint8Array | null, Uint8Array | null>([[null, null]])
  for (const mask of raster.masks) {
    if (mask !== null && !masks.has(mask)) masks.set(mask, pick(mask, 'uint8') as Uint8Array)
  }
  return {
    ...raster,
    width,
    height,
    bands: raster.bands.map((band) => pick(band, raster.dataType)),
    masks: raster.masks.map((mask) => masks.get(mask) ?? null),
  }
}

function nearestIndexes(from: number, to: number): Uint32Array {
  const indexes = new Uint32Array(to)
  for (let i = 0; i < to; i++) indexes[i] = Math.min(from - 1, Math.floor(((i + 0.5) * from) / to + 1e-10))
  return indexes
}
