import { recycle, takeArray } from '../../raster/array-pool.ts'
import type { TypedArray } from '../../raster/data-type.ts'
import { convertRaster, promoteTypes } from '../../raster/promotion.ts'
import type { Raster } from '../../raster/raster.ts'
import type { PixelSelection } from '../pixel-selection.ts'

/** Stretches shorter than this are copied sample by sample: a typed array's `set` costs as much as this many of them. */
const SHORT_RUN = 24

/** Takes each band's pixel from the first raster that is valid there; done when every band is valid everywhere. */
export class First implements PixelSelection {
  readonly needsAll = false
  #mosaic: Raster | null = null

  get isDone(): boolean {
    return this.#mosaic?.masks.every((mask) => mask === null) ?? false
  }

  feed(raster: Raster): void {
    if (this.#mosaic === null) {
      this.#mosaic = raster
      return
    }
    const type = promoteTypes(this.#mosaic.dataType, raster.dataType)
    const before = this.#mosaic
    const mosaic = convertRaster(before, type)
    const filler = convertRaster(raster, type)
    this.#mosaic = { ...mosaic, masks: fillMissing(mosaic, filler) }
    recycle([...raster.bands, ...filler.bands, ...raster.masks, ...before.masks])
    if (mosaic !== before) recycle(before.bands)
  }

  result(): Raster | null {
    return this.#mosaic
  }
}

/** Fills the mosaic's bands in place and returns their new masks; bands that share both masks are searched once. */
function fillMissing(mosaic: Raster, raster: Raster): (Uint8Array | null)[] {
  const masks: (Uint8Array | null)[] = []
  for (const [band, missing] of mosaic.masks.entries()) {
    if (masks[band] !== undefined) continue
    const valid = raster.masks[band]!
    const group = [...mosaic.masks.keys()].filter((b) => mosaic.masks[b] === missing && raster.masks[b] === valid)
    const runs = missing === null ? [] : missingRuns(missing, valid)
    for (const b of group) copyRuns(runs, raster.bands[b]!, mosaic.bands[b]!)
    const merged = missing === null ? null : mergeRuns(missing, runs)
    for (const b of group) masks[b] = merged
  }
  return masks
}

/** Start and end, by turns, of each stretch that the mosaic misses and the raster has. */
function missingRuns(mosaic: Uint8Array, raster: Uint8Array | null): number[] {
  const runs: number[] = []
  for (let start = mosaic.indexOf(0); start >= 0; start = mosaic.indexOf(0, start)) {
    let end = start
    if (raster === null) while (end < mosaic.length && mosaic[end] === 0) end++
    else while (end < mosaic.length && mosaic[end] === 0 && raster[end] !== 0) end++
    if (end > start) runs.push(start, end)
    else while (end < mosaic.length && mosaic[end] === 0 && raster![end] === 0) end++
    start = end
  }
  return runs
}

function copyRuns(runs: readonly number[], from: TypedArray, to: TypedArray): void {
  for (let k = 0; k < runs.length; k += 2) {
    const start = runs[k]!
    const end = runs[k + 1]!
    if (end - start < SHORT_RUN) for (let i = start; i < end; i++) to[i] = from[i]!
    else to.set(from.subarray(start, end), start)
  }
}

/** The mask with the runs made valid; null when nothing is masked any more. */
function mergeRuns(mask: Uint8Array, runs: readonly number[]): Uint8Array | null {
  const merged = takeArray('uint8', mask.length) as Uint8Array
  merged.set(mask)
  for (let k = 0; k < runs.length; k += 2) merged.fill(255, runs[k]!, runs[k + 1]!)
  if (merged.includes(0)) return merged
  recycle([merged])
  return null
}
