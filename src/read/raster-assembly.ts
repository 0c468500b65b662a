import { createArray, type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { DatasetFacts } from './dataset-facts.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid } from './reader.ts'

/** The type of everything a file is read as: its first band's. */
export function rasterType(facts: DatasetFacts): DataType {
  return facts.bands[0]?.dataType ?? 'uint8'
}

/** A band before anything falls on it: nodata where the file has a value for it that its type can hold, else 0. */
export function blankBand(facts: DatasetFacts, target: ReadTarget, grid: Grid): TypedArray {
  const type = rasterType(facts)
  const band = createArray(type, grid.width * grid.height)
  const { validity } = target
  if (validity.kind === 'nodata' && validity.value !== 0 && canHold(type, validity.value)) band.fill(validity.value)
  return band
}

/**
 * Sampled bands as a raster. `mask` holds the file's alpha or mask sampled like the bands; `covered` is 255 where the file
 * has pixels at all, null when it has them everywhere. rio-tiler masks every pixel whose alpha isn't the type's maximum.
 */
export function assembleRaster(
  facts: DatasetFacts,
  target: ReadTarget,
  grid: Grid,
  bands: readonly TypedArray[],
  mask: TypedArray | null,
  covered: Uint8Array | null,
): Raster {
  const type = rasterType(facts)
  return {
    width: grid.width,
    height: grid.height,
    dataType: type,
    bands,
    masks: masksOf(type, target, bands, mask, covered),
    bounds: grid.bounds,
    epsg: grid.epsg,
    bandNames: bands.map((_, index) => `b${index + 1}`),
  }
}

/** A raster of a file that overlaps the grid but gives no pixel to it. */
export function emptyRaster(facts: DatasetFacts, target: ReadTarget, grid: Grid): Raster {
  const nowhere = new Uint8Array(grid.width * grid.height)
  const bands = target.bands.map(() => blankBand(facts, target, grid))
  return { ...assembleRaster(facts, target, grid, bands, null, nowhere), masks: bands.map(() => nowhere) }
}

function masksOf(
  type: DataType,
  target: ReadTarget,
  bands: readonly TypedArray[],
  mask: TypedArray | null,
  covered: Uint8Array | null,
): (Uint8Array | null)[] {
  const { validity } = target
  if (validity.kind === 'nodata') return shareEqual(bands.map((band) => differsFrom(band, validity.value, covered)))
  if (mask === null) return bands.map(() => covered)
  const opaque = validity.kind === 'alpha' ? dataTypeRange[type][1] : 0
  const shared = validity.kind === 'alpha' ? equals(mask, opaque, covered) : differsFrom(mask, 0, covered)
  return bands.map(() => shared)
}

/** 255 where the sample isn't `value` (NaN is a value like any other); null when that is everywhere. */
function differsFrom(samples: TypedArray, value: number, covered: Uint8Array | null): Uint8Array | null {
  if (covered === null && !samples.includes(value)) return null
  const mask = new Uint8Array(samples.length)
  if (Number.isNaN(value)) {
    for (let i = 0; i < mask.length; i++) mask[i] = Number.isNaN(samples[i]!) ? 0 : 255
  } else {
    for (let i = 0; i < mask.length; i++) mask[i] = samples[i] === value ? 0 : 255
  }
  return restrict(mask, covered)
}

function equals(samples: TypedArray, value: number, covered: Uint8Array | null): Uint8Array | null {
  const mask = new Uint8Array(samples.length)
  let masked = 0
  for (let i = 0; i < mask.length; i++) {
    if (samples[i] === value) mask[i] = 255
    else masked++
  }
  return masked === 0 && covered === null ? null : restrict(mask, covered)
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
