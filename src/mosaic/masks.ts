import { takeArray } from '../raster/array-pool.ts'

type Mask = Uint8Array | null

/**
 * The masks of a mosaic after a raster was laid under it: valid where either was. New arrays, or null; bands that share both
 * masks share the new one.
 */
export function mergeMasks(mosaic: readonly Mask[], raster: readonly Mask[]): Mask[] {
  const merged: Mask[] = []
  for (const [band, known] of mosaic.entries()) {
    const twin = mosaic.findIndex((mask, other) => other < band && mask === known && raster[other] === raster[band])
    merged.push(twin < 0 ? mergeMask(known, raster[band]!) : merged[twin]!)
  }
  return merged
}

function mergeMask(a: Mask, b: Mask): Mask {
  if (a === null || b === null) return null
  const merged = takeArray('uint8', a.length) as Uint8Array
  let holes = 0
  for (let i = 0; i < merged.length; i++) {
    merged[i] = a[i]! | b[i]!
    if (merged[i] === 0) holes++
  }
  return holes === 0 ? null : merged
}
