import { recycle, takeArray, takeZeroes } from '../raster/array-pool.ts'
import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { DatasetFacts, Size } from './dataset-facts.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid } from './reader.ts'

/** Pixels of a file on some grid, before it is known which are valid. */
export interface Sampled {
  readonly bands: readonly TypedArray[]
  /** The file's alpha or mask, sampled like the bands. */
  readonly mask: TypedArray | null
  /** 255 where the file gave a pixel, 0 elsewhere; null when it did everywhere. */
  readonly covered: Uint8Array | null
  /** Of the first band, where that may be another; without it as `covered`. */
  readonly coveredFirst?: Uint8Array | null
}

/** The type of everything a file is read as: its first band's. */
export function rasterType(facts: DatasetFacts): DataType {
  return facts.bands[0]?.dataType ?? 'uint8'
}

/** A band before anything falls on it: nodata where the file has a value for it that its type can hold, else 0. */
export function blankBand(facts: DatasetFacts, target: ReadTarget, size: Size): TypedArray {
  const type = rasterType(facts)
  const band = takeZeroes(type, size.width * size.height)
  if (target.nodata !== null && target.nodata !== 0 && canHold(type, target.nodata)) band.fill(target.nodata)
  return band
}

/** A blank array for what `Sampled.mask` holds: alpha is a band like any other, a mask is of bytes. */
export function blankMask(facts: DatasetFacts, target: ReadTarget, size: Size): TypedArray {
  return target.mask?.kind === 'alpha' ? blankBand(facts, target, size) : takeZeroes('uint8', size.width * size.height)
}

/** Sampled pixels as a raster. rio-tiler masks every pixel whose alpha isn't the type's maximum. */
export function assembleRaster(facts: DatasetFacts, target: ReadTarget, grid: Grid, sampled: Sampled): Raster {
  const raster = rasterOf(facts, target, grid, sampled.bands, masksOf(rasterType(facts), target, sampled))
  recycle([sampled.mask])
  return raster
}

/** A raster of a file that overlaps the grid but gives no pixel to it. */
export function emptyRaster(facts: DatasetFacts, target: ReadTarget, grid: Grid): Raster {
  const nowhere = new Uint8Array(grid.width * grid.height)
  const bands = target.bands.map(() => blankBand(facts, target, grid))
  return rasterOf(
    facts,
    target,
    grid,
    bands,
    bands.map(() => nowhere),
  )
}

function rasterOf(
  facts: DatasetFacts,
  target: ReadTarget,
  grid: Grid,
  bands: readonly TypedArray[],
  masks: readonly (Uint8Array | null)[],
): Raster {
  return {
    width: grid.width,
    height: grid.height,
    dataType: rasterType(facts),
    bands,
    masks,
    bounds: grid.bounds,
    crs: grid.crs,
    bandDescriptions: target.bands.map((band) => facts.bands[band - 1]?.description ?? `b${band}`),
    bandNames: target.bands.map((band) => `b${band}`),
  }
}

function masksOf(type: DataType, target: ReadTarget, sampled: Sampled): (Uint8Array | null)[] {
  const { bands, mask, covered, coveredFirst = covered } = sampled
  const { nodata } = target
  const coverage = (band: number) => (band === 0 ? coveredFirst : covered)
  if (nodata !== null) {
    const masks = bands.map((band, i) =>
      differsFrom(band, nodata, mask === null ? coverage(i) : differsFrom(mask, 0, coverage(i))),
    )
    return shareEqual(masks)
  }
  if (mask === null) return bands.map((_, i) => coverage(i))
  const shared =
    target.mask?.kind === 'alpha' ? equals(mask, dataTypeRange[type][1], covered) : differsFrom(mask, 0, covered)
  return bands.map(() => shared)
}

/** 255 where the sample isn't `value` (NaN is a value like any other); null when that is everywhere. */
function differsFrom(samples: TypedArray, value: number, covered: Uint8Array | null): Uint8Array | null {
  if (!samples.includes(value)) return covered
  const mask = takeArray('uint8', samples.length) as Uint8Array
  if (Number.isNaN(value)) {
    for (let i = 0; i < mask.length; i++) mask[i] = Number.isNaN(samples[i]!) ? 0 : 255
  } else {
    for (let i = 0; i < mask.length; i++) mask[i] = samples[i] === value ? 0 : 255
  }
  return restrict(mask, covered)
}

function equals(samples: TypedArray, value: number, covered: Uint8Array | null): Uint8Array | null {
  const mask = takeArray('uint8', samples.length) as Uint8Array
  let masked = 0
  for (let i = 0; i < mask.length; i++) {
    if (samples[i] === value) mask[i] = 255
    else {
      mask[i] = 0
      masked++
    }
  }
  return masked === 0 ? covered : restrict(mask, covered)
}

function restrict(mask: Uint8Array, covered: Uint8Array | null): Uint8Array {
  if (covered !== null) for (let i = 0; i < mask.length; i++) mask[i]! &= covered[i]!
  return mask
}

/** Bands with the same mask get the same array: what follows then looks at it once. */
function shareEqual(masks: (Uint8Array | null)[]): (Uint8Array | null)[] {
  const first = masks[0]
  if (!first) return masks
  return masks.map((mask) => (mask !== null && Buffer.compare(first, mask) === 0 ? first : mask))
}

function canHold(type: DataType, value: number): boolean {
  const [min, max] = dataTypeRange[type]
  if (type === 'float32' || type === 'float64') return true
  return Number.isInteger(value) && value >= min && value <= max
}
