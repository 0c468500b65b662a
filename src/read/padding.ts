import { recycleRasters, takeArray } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { NorthUpFacts } from './dataset-facts.ts'
import { fileWindow } from './plain-plan.ts'
import type { Grid } from './reader.ts'
import { roundHalfEven } from './warp-resolution.ts'

/** Blocks of COGs are multiples of it. */
const BLOCK = 64

/**
 * rio-tiler's `_requested_tile_aligned_with_internal_tile`, literally: the grid counts as lying on the file's blocks when it is as many
 * whole 64 pixels away from the file's far edges, and as wide or as high. Padding is left out then.
 */
export function liesOnBlocks(facts: NorthUpFacts, grid: Grid): boolean {
  if (facts.blockSize.width === facts.width) return false
  const { x, y } = fileWindow(facts, grid)
  if (roundHalfEven(x.size) % BLOCK !== 0 && roundHalfEven(y.size) % BLOCK !== 0) return false
  return (facts.width - roundHalfEven(x.start)) % BLOCK === 0 && (facts.height - roundHalfEven(y.start)) % BLOCK === 0
}

/** The raster on `grid`, without the `padding` pixels that were read around it. It takes the raster over. */
export function withoutPadding(raster: Raster, padding: number, grid: Grid): Raster {
  const cropped = new Map<TypedArray, TypedArray>()
  const crop = <T extends TypedArray>(array: T): T => {
    const known = cropped.get(array)
    if (known) return known as T
    const part = takeArray(array instanceof Uint8Array ? 'uint8' : raster.dataType, grid.width * grid.height) as T
    for (let row = 0; row < grid.height; row++) {
      const from = (row + padding) * raster.width + padding
      part.set(array.subarray(from, from + grid.width), row * grid.width)
    }
    cropped.set(array, part)
    return part
  }
  const { width, height, bounds } = grid
  const bands = raster.bands.map(crop)
  const masks = raster.masks.map((mask) => mask && crop(mask))
  recycleRasters(raster)
  return { ...raster, width, height, bounds, bands, masks }
}
