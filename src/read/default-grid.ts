import gdal from 'gdal-async'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import { referenceOf } from './coordinate-transform.ts'
import type { DatasetFacts, GeoTransform, Size } from './dataset-facts.ts'
import type { OpenDataset } from './open-dataset.ts'
import { type Placement, placementOf } from './placement.ts'
import { projectionBetween } from './projection.ts'
import { crossingOf } from './seam-crossing.ts'
import { suggestedGrid as unwrappedGrid } from './suggested-output.ts'
import { roundHalfEven } from './warp-resolution.ts'

/** The grid a file has in a coordinate reference system when nobody says otherwise. North up. */
export interface DefaultGrid {
  readonly left: number
  readonly top: number
  /** Size of a pixel, both positive. */
  readonly stepX: number
  readonly stepY: number
  readonly width: number
  readonly height: number
}

/** rio-tiler clips EPSG:4326 files to this latitude before it asks for their Mercator grid (rio-tiler#654). */
const MERCATOR_LATITUDE = 85.06

/** By file, then by target and clipping: nothing else decides it. */
const known = new WeakMap<DatasetFacts, Map<string, DefaultGrid | null>>()

/**
 * The file's grid in a system: in its own its pixels (of a rotated file the box around them, in as many; of control points the picture that
 * GDAL suggests), in another what GDALSuggestedWarpOutput makes of that. `clipped`: without the latitudes that Mercator has no place for, as
 * rio-tiler has it for parts. Null when the file is nowhere, or cannot be projected.
 */
export function defaultGrid(dataset: OpenDataset, crs: Crs, clipped: boolean): DefaultGrid | null {
  const grids = known.get(dataset.facts) ?? new Map<string, DefaultGrid | null>()
  known.set(dataset.facts, grids)
  const name = `${crs} ${clipped}`
  const before = grids.get(name)
  if (before !== undefined) return before
  const placement = placementOf(dataset)
  const own = placement && ownGrid(placement)
  const grid =
    own &&
    (placement.crs === crs
      ? own
      : (wholeGrid(placement, crs, clipped) ?? projectedGrid(own, placement.crs, crs, clipped)))
  grids.set(name, grid)
  return grid
}

function ownGrid({ width, height, bounds, crs, geoTransform, byControlPoints }: Placement): DefaultGrid | null {
  if (byControlPoints) return suggestedGrid({ width, height }, geoTransform, crs, crs)
  const [left, bottom, right, top] = bounds
  const [, stepX, skewX, , skewY, stepY] = geoTransform
  const isNorthUp = skewX === 0 && skewY === 0 && stepX > 0 && stepY < 0
  const steps = isNorthUp ? [stepX, -stepY] : [(right - left) / width, (top - bottom) / height]
  return { left, top, stepX: steps[0]!, stepY: steps[1]!, width, height }
}

/** For all of a rotated file its rotation counts (GDALAutoCreateWarpedVRT); for a part, and for files of control points, its box alone. */
function wholeGrid({ width, height, geoTransform, crs, byControlPoints }: Placement, to: Crs, clipped: boolean) {
  const [, , skewX, , skewY] = geoTransform
  if (clipped || byControlPoints || (skewX === 0 && skewY === 0)) return null
  return suggestedGrid({ width, height }, geoTransform, crs, to)
}

/** As rasterio's calculate_default_transform: of the file's box and size alone. */
function projectedGrid(own: DefaultGrid, from: Crs, to: Crs, clipped: boolean): DefaultGrid | null {
  const { left, top: originY, stepX, stepY } = own
  let { width, height } = own
  let [top, bottom] = [originY, -stepY * height + originY]
  const right = stepX * width + left
  const toMercator = from === 'EPSG:4326' && to === 'EPSG:3857'
  if (clipped && toMercator && (bottom < -MERCATOR_LATITUDE || top > MERCATOR_LATITUDE)) {
    bottom = Math.max(bottom, -MERCATOR_LATITUDE)
    top = Math.min(top, MERCATOR_LATITUDE)
    if (bottom >= top) return null
    height = Math.max(1, roundHalfEven((originY - bottom) / stepY - (originY - top) / stepY))
    width = Math.max(1, width)
  }
  const geoTransform = transformOf([left, bottom, right, top], { width, height })
  return suggestedGrid({ width, height }, geoTransform, from, to)
}

function transformOf([left, bottom, right, top]: Bounds, { width, height }: Size): GeoTransform {
  return [left, (right - left) / width, 0, top, 0, (bottom - top) / height]
}

/** GDALSuggestedWarpOutput of a raster without pixels. */
function suggestedGrid(size: Size, geoTransform: GeoTransform, from: Crs, to: Crs): DefaultGrid | null {
  // GDAL takes what lies across the antimeridian for as wide as the Earth.
  const projection = projectionBetween(to, from)
  if (projection !== null && crossingOf(size, geoTransform, projection) !== null)
    return unwrappedGrid(size, geoTransform, projection)
  const standIn = gdal.open('stand-in', 'w', 'MEM', size.width, size.height, 0, gdal.GDT_Byte)
  try {
    standIn.srs = referenceOf(from)
    standIn.geoTransform = [...geoTransform]
    const suggested = gdal.suggestedWarpOutput({ src: standIn, s_srs: standIn.srs, t_srs: referenceOf(to) })
    const { rasterSize, geoTransform: found } = suggested
    const [left, stepX, , top, , stepY] = found as number[]
    if (left === undefined || top === undefined || stepX === undefined || stepY === undefined) return null
    return { left, top, stepX, stepY: -stepY, width: rasterSize.x, height: rasterSize.y }
  } catch {
    return null
  } finally {
    standIn.close()
  }
}
