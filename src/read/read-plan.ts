import { TilepressError } from '../errors.ts'
import { bytesPerSample } from '../raster/data-type.ts'
import { type DatasetFacts, isNorthUp, isPlaced, type PlacedFacts } from './dataset-facts.ts'
import { plainPasses } from './plain-passes.ts'
import { type PlainPlan, planPlain } from './plain-plan.ts'
import type { Projection } from './projection.ts'
import type { Grid, ReadParameters } from './reader.ts'
import type { Window } from './source-window.ts'
import { isSameCrs } from './spatial-reference.ts'
import { type WarpPass, warpPasses } from './warp-passes.ts'
import { planWarp, type WarpPlan } from './warp-plan.ts'
import { gridInFile, overlaps } from './world-copies.ts'

/** What a read takes from a file, before how. */
export interface ReadTarget {
  /** 1-based, in the order wanted. */
  readonly bands: readonly number[]
  /** Samples of this value are invalid, band by band (NaN is a value like any other); null: none is. */
  readonly nodata: number | null
  /** What else in the file says which pixels are valid, read along with the bands. */
  readonly mask: FileMask | null
}

export type FileMask = { readonly kind: 'alpha'; readonly band: number } | { readonly kind: 'dataset' }

/**
 * How: the file lies outside the grid; it overlaps but no pixel falls on it; our own sampling; or a warp by GDAL, correct but
 * slower.
 */
export type ReadPlan =
  | { readonly kind: 'outside' }
  | { readonly kind: 'blank' }
  | PlainPlan
  | BoundedWarp
  | { readonly kind: 'gdal' }

/** A warp whose source fits in memory: as one window, or part by part. */
export type BoundedWarp = WarpPlan & { readonly window: Window; readonly passes: readonly WarpPass[] | null }

/** Bytes of source samples, over all bands of the file, that a plan may hold in memory; above this GDAL warps in pieces. */
export const MAX_WINDOW_BYTES = 64 * 2 ** 20
/** GDAL's colour interpretation of alpha bands: a file may have more than one. */
const ALPHA = 'Alpha'

/**
 * Which bands, and what makes them valid (rio_tiler.reader.read): nodata goes before alpha, alpha before the mask. A warp heeds
 * the file's alpha or mask beside nodata, as GDAL's does; a read without reprojection doesn't. Throws BAND_INVALID.
 */
export function readTarget(
  facts: DatasetFacts,
  bidx: readonly number[] | null,
  nodata: number | null,
  grid: Grid,
): ReadTarget {
  for (const band of bidx ?? []) {
    if (band < 1 || band > facts.bands.length) {
      throw new TilepressError(
        'BAND_INVALID',
        `band ${band} does not exist; the file has bands 1 to ${facts.bands.length}`,
      )
    }
  }
  const dataBands = facts.bands
    .map((_, index) => index + 1)
    .filter((band) => band !== facts.alphaBand && facts.bands[band - 1]!.colorInterpretation !== ALPHA)
  const value = nodata ?? facts.nodata
  const mask: FileMask | null =
    facts.alphaBand !== null
      ? { kind: 'alpha', band: facts.alphaBand }
      : facts.maskKind === 'dataset'
        ? { kind: 'dataset' }
        : null
  return { bands: bidx ?? dataBands, nodata: value, mask: value === null || !isReadAsIs(facts, grid) ? mask : null }
}

/** No warp: the file lies in the grid's reference system as grids lie. */
function isReadAsIs(facts: DatasetFacts, grid: Grid): boolean {
  return isNorthUp(facts) && !facts.placedByPoints && isSameCrs(facts.crs, grid.crs)
}

/** Plans a read without touching the file (the rules: docs/sampling.md). */
export function planRead(facts: DatasetFacts, target: ReadTarget, grid: Grid, parameters: ReadParameters): ReadPlan {
  if (!isPlaced(facts)) return { kind: 'gdal' }
  const place = gridInFile(facts, grid)
  if (place === null) return { kind: 'gdal' }
  if (!overlaps(facts, place)) return { kind: 'outside' }
  if (isReadAsIs(facts, grid)) return boundedPlain(facts, planPlain(facts, target, grid, parameters))
  return bounded(facts, planWarpedRead(facts, target, grid, place.projection, parameters))
}

function bounded(facts: PlacedFacts, plan: WarpPlan | { readonly kind: 'gdal' }): ReadPlan {
  if (plan.kind === 'gdal') return plan
  const { window } = plan
  if (window === null) return { kind: 'blank' }
  const most = MAX_WINDOW_BYTES / bytesOfPixel(facts)
  if (window.width * window.height <= most) return { ...plan, window, passes: null }
  const passes = warpPasses(plan, facts, most)
  return passes === null ? { kind: 'gdal' } : { ...plan, window, passes }
}

function boundedPlain(facts: DatasetFacts, plan: PlainPlan | null): ReadPlan {
  if (plan === null) return { kind: 'blank' }
  const most = MAX_WINDOW_BYTES / bytesOfPixel(facts)
  const parts = [plan.first, plan.others].filter((part) => part !== null)
  if (parts.every(({ window }) => window.width * window.height <= most)) return plan
  const passes = plainPasses(plan, facts, most)
  return passes === null ? { kind: 'gdal' } : { ...plan, passes }
}

function bytesOfPixel(facts: DatasetFacts): number {
  return facts.bands.reduce((sum, { dataType }) => sum + bytesPerSample(dataType), 0)
}

/** rio-tiler asks for the bands and, unless nodata decides, the alpha band: GDAL's short cut needs as many as the warped dataset has. */
function planWarpedRead(
  facts: PlacedFacts,
  target: ReadTarget,
  grid: Grid,
  projection: Projection,
  parameters: ReadParameters,
): WarpPlan | { readonly kind: 'gdal' } {
  const byNodata = target.nodata !== null
  const addedAlpha = !byNodata && facts.alphaBand === null
  const warped = facts.bands.length + (addedAlpha ? 1 : 0)
  const asked = target.bands.length + (byNodata ? 0 : 1)
  const bands = { bands: asked, all: asked >= warped, nodata: byNodata, addedAlpha }
  return planWarp(facts, grid, projection, parameters, bands) ?? { kind: 'gdal' }
}
