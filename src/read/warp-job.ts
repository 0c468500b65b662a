import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Size } from './dataset-facts.ts'
import type { UnitDensity } from './density.ts'
import type { SourceWindow, Window } from './source-window.ts'
import type { UnitLines } from './unit-lines.ts'
import type { WarpPlan } from './warp-plan.ts'

/** Source and destination of a warp. */
export interface WarpJob {
  readonly plan: WarpPlan
  /** Where `sources` lie in the level. */
  readonly block: Window
  readonly sources: readonly TypedArray[]
  /** How much the source pixels of a window count. */
  readonly densityIn: (window: Window) => UnitDensity
  readonly type: DataType
  /** Integers that come out as nodata are moved one aside. */
  readonly nodata: number | null
  /** Of what the plan picks of the warped grid. */
  readonly size: Size
  readonly targets: readonly TypedArray[]
  /** Set to 255 where a value was written. */
  readonly covered: Uint8Array
}

/** A unit of a warp at work. */
export interface UnitJob {
  readonly job: WarpJob
  readonly source: SourceWindow
  readonly density: UnitDensity
  readonly lines: UnitLines
  /** Offset of the window's first pixel in the block, and the block's width. */
  readonly origin: number
  readonly stride: number
}

/** Where a kernel finds less of the source than this it finds nothing (SRC_DENSITY_THRESHOLD, BAND_DENSITY_THRESHOLD). */
export const MIN_DENSITY = 1e-9
export const MIN_BAND_DENSITY = 1e-10
/** A value of less density counts as found, but isn't written; one of more than `FULL_DENSITY` isn't divided by it. */
const MIN_WRITTEN = 1e-4
const FULL_DENSITY = 0.9999

/** Writes a value as the type holds it (GWKSetPixelValueReal): rounded half up, clamped, never nodata itself. */
export function store(job: WarpJob, band: number, at: number, value: number, density: number): void {
  if (density < FULL_DENSITY) {
    if (density < MIN_WRITTEN) return
    // GDAL mixes with what was there, of which nothing counts.
    job.targets[band]![at] = storedValue((value * density) / density, job.type, job.nodata)
  } else job.targets[band]![at] = storedValue(value, job.type, job.nodata)
}

export function storedValue(value: number, type: DataType, nodata: number | null): number {
  if (type === 'float32' || type === 'float64') return value
  const range = dataTypeRange[type]
  const min = range[0]
  const max = range[1]
  const rounded = value < min ? min : value > max ? max : Math.floor(value + 0.5)
  if (rounded !== nodata) return rounded
  return rounded === min ? min + 1 : rounded - 1
}
