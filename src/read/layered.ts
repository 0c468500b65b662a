import { recycle, takeArray } from '../raster/array-pool.ts'
import type { Raster } from '../raster/raster.ts'
import type { Place } from './read-together.ts'

/** What several reads of one file place on one grid: where one gives nothing the next one shows. */
export function layered(places: readonly Place[]): Place {
  if (places.length === 1) return places[0]!
  return async () => {
    let result: Raster | null = null
    for (const place of places) {
      const raster = await place()
      if (raster === null) continue
      result = result === null ? raster : filled(result, raster)
    }
    return result
  }
}

/** Both rasters are taken over. */
function filled(over: Raster, under: Raster): Raster {
  for (const [b, band] of over.bands.entries()) {
    const mask = over.masks[b]
    if (!mask) continue
    const samples = under.bands[b]!
    for (let i = 0; i < mask.length; i++) if (mask[i] === 0) band[i] = samples[i]!
  }
  // Bands that share both masks share the result.
  const pairs: { over: Uint8Array | null; under: Uint8Array | null; either: Uint8Array | null }[] = []
  const masks = over.masks.map((mask, b) => {
    const other = under.masks[b] ?? null
    const known = pairs.find((pair) => pair.over === mask && pair.under === other)
    if (known) return known.either
    const either = mask && other && union(mask, other)
    pairs.push({ over: mask, under: other, either })
    return either
  })
  recycle([...under.bands, ...over.masks, ...under.masks])
  return { ...over, masks }
}

function union(a: Uint8Array, b: Uint8Array): Uint8Array {
  const either = takeArray('uint8', a.length) as Uint8Array
  for (let i = 0; i < a.length; i++) either[i] = a[i]! | b[i]!
  return either
}
