import { recycle, takeArray } from '../raster/array-pool.ts'
import { dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { DatasetFacts } from './dataset-facts.ts'
import type { ReadTarget } from './read-plan.ts'
import type { SourceBlock } from './source-block.ts'
import type { Window } from './source-window.ts'

/** How the pixels of a unit's window count. */
export interface UnitDensity {
  /** By pixel of the block, 0…1; null when every one of the window counts fully. */
  readonly values: Float32Array | null
  /** GDAL's kernels for sources with holes are at work, whether the window has any or not. */
  readonly masked: boolean
}

/**
 * How much each source pixel counts (GDALWarpOperation::WarpRegionToBuffer). Alpha counts in proportion; with nodata a pixel is out
 * only where all bands of the file have that value (UNIFIED_SRC_NODATA=YES, as rasterio asks); a masked one is out, unless a
 * band has nodata anywhere in the window: then GDAL doesn't look at the mask.
 */
export class SourceDensity {
  readonly #block: SourceBlock
  readonly #hasNodata: boolean
  readonly #alpha: Float32Array | null
  readonly #present: Float32Array | null
  readonly #mask: Float32Array | null
  /** 1 where some band has nodata, for files with a mask. */
  readonly #touched: Uint8Array | null
  #both: Float32Array | null = null

  constructor(block: SourceBlock, facts: DatasetFacts, target: ReadTarget) {
    this.#block = block
    this.#hasNodata = target.nodata !== null
    const byAlpha = target.mask?.kind === 'alpha'
    this.#alpha = byAlpha && block.mask ? sharesOf(block.mask, Math.fround(1 / alphaMaximum(facts))) : null
    this.#mask = !byAlpha && block.mask ? sharesOf(block.mask, 1) : null
    const bands = [...block.bands, ...block.otherBands]
    this.#present = target.nodata === null ? null : presenceOf(bands, target.nodata)
    this.#touched = target.nodata === null || this.#mask === null ? null : touchedBy(bands, target.nodata)
  }

  /** For the pixels of a window of the level. */
  in(window: Window): UnitDensity {
    const alpha = this.#partial(this.#alpha, window)
    const present = this.#partial(this.#present, window)
    if (alpha !== null && present !== null) return { values: this.#product(alpha, present), masked: true }
    const values = alpha ?? present ?? (this.#isTouched(window) ? null : this.#mask)
    return { values, masked: values !== null || this.#hasNodata }
  }

  /** Nobody may look at the densities again. */
  release(): void {
    recycle([this.#alpha, this.#present, this.#mask, this.#both])
  }

  /** Null where every pixel of the window counts fully. */
  #partial(values: Float32Array | null, window: Window): Float32Array | null {
    if (values === null) return null
    for (const [start, end] of this.#rowsOf(window)) {
      for (let i = start; i < end; i++) if (values[i]! < 1) return values
    }
    return null
  }

  #isTouched(window: Window): boolean {
    const touched = this.#touched
    if (touched === null) return false
    for (const [start, end] of this.#rowsOf(window)) {
      for (let i = start; i < end; i++) if (touched[i] !== 0) return true
    }
    return false
  }

  /** Where a window's rows lie in the block, which may hold but a part of them. */
  *#rowsOf({ x, y, width, height }: Window): Generator<readonly [start: number, end: number]> {
    const { window } = this.#block
    const left = Math.max(x, window.x) - window.x
    const right = Math.min(x + width, window.x + window.width) - window.x
    const bottom = Math.min(y + height, window.y + window.height)
    for (let row = Math.max(y, window.y); row < bottom; row++) {
      const line = (row - window.y) * window.width
      yield [line + left, line + right]
    }
  }

  #product(a: Float32Array, b: Float32Array): Float32Array {
    if (this.#both === null) {
      this.#both = takeArray('float32', a.length) as Float32Array
      for (let i = 0; i < a.length; i++) this.#both[i] = a[i]! * b[i]!
    }
    return this.#both
  }
}

function sharesOf(samples: TypedArray, factor: number): Float32Array {
  const shares = takeArray('float32', samples.length) as Float32Array
  for (let i = 0; i < samples.length; i++) shares[i] = Math.min(1, samples[i]! * factor)
  return shares
}

/** 0 where every band has the value; null when that is nowhere. */
function presenceOf(bands: readonly TypedArray[], nodata: number): Float32Array | null {
  const values = nodataMatches(bands[0]!, nodata)
  for (const band of bands.slice(1)) {
    const more = nodataMatches(band, nodata)
    for (let i = 0; i < values.length; i++) values[i]! &= more[i]!
  }
  if (!values.includes(1)) return null
  const present = takeArray('float32', values.length) as Float32Array
  for (let i = 0; i < present.length; i++) present[i] = values[i] === 1 ? 0 : 1
  return present
}

/** 1 where a band has the value. */
function touchedBy(bands: readonly TypedArray[], nodata: number): Uint8Array {
  const touched = new Uint8Array(bands[0]!.length)
  for (const band of bands) {
    const matches = nodataMatches(band, nodata)
    for (let i = 0; i < touched.length; i++) touched[i]! |= matches[i]!
  }
  return touched
}

/** 1 where a sample is nodata, as GDALWarpNoDataMasker compares: floats that differ by rounding alone are equal. */
function nodataMatches(samples: TypedArray, nodata: number): Uint8Array {
  const matches = new Uint8Array(samples.length)
  if (Number.isNaN(nodata)) {
    for (let i = 0; i < matches.length; i++) if (Number.isNaN(samples[i]!)) matches[i] = 1
  } else if (samples instanceof Float32Array || samples instanceof Float64Array) {
    const single = samples instanceof Float32Array
    const value = single ? Math.fround(nodata) : nodata
    const epsilon = 2 * (single ? 2 ** -23 : 2 ** -52)
    for (let i = 0; i < matches.length; i++) {
      const sample = samples[i]!
      if (sample === value || Math.abs(sample - value) < epsilon * Math.abs(sample + value)) matches[i] = 1
    }
  } else {
    const value = Math.floor(nodata + 1e-6)
    for (let i = 0; i < matches.length; i++) if (samples[i] === value) matches[i] = 1
  }
  return matches
}

function alphaMaximum(facts: DatasetFacts): number {
  const type = facts.bands[0]?.dataType
  return type === 'uint16' || type === 'int16' ? dataTypeRange[type][1] : 255
}
