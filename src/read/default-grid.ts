import gdal from 'gdal-async'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import { referenceOf } from './coordinate-transform.ts'
import { type DatasetFacts, isNorthUp, type NorthUpFacts } from './dataset-facts.ts'
import type { OpenDataset } from './open-dataset.ts'
import { roundHalfEven } from './warp-resolution.ts'

/** The grid a file has in a coordinate reference system when nobody says otherwise (GDALSuggestedWarpOutput). North up. */
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
 * The file's default grid; its own where it is north up and already in that system. `clipped`: without the latitudes that Mercator has
 * no place for, as rio-tiler has it for parts. Null when the file cannot be projected.
 */
export function defaultGrid(dataset: OpenDataset, crs: Crs, clipped: boolean): DefaultGrid | null {
  const { facts } = dataset
  if (isNorthUp(facts) && facts.crs === crs) return ownGrid(facts)
  const grids = known.get(facts) ?? new Map<string, DefaultGrid | null>()
  known.set(facts, grids)
  const name = `${crs} ${clipped}`
  const before = grids.get(name)
  if (before !== undefined) return before
  const grid = suggestedGrid(dataset, crs, clipped)
  grids.set(name, grid)
  return grid
}

/** Left, bottom, right, top of a file that is north up. */
export function fileBounds({ geoTransform: [left, stepX, , top, , stepY], width, height }: NorthUpFacts): Bounds {
  return [left, stepY * height + top, stepX * width + left, top]
}

function ownGrid(facts: NorthUpFacts): DefaultGrid {
  const [left, stepX, , top, , stepY] = facts.geoTransform
  return { left, top, stepX, stepY: -stepY, width: facts.width, height: facts.height }
}

function suggestedGrid(dataset: OpenDataset, crs: Crs, clipped: boolean): DefaultGrid | null {
  const { facts } = dataset
  const standIn = isNorthUp(facts) ? standInFor(facts, crs, clipped) : null
  if (standIn === 'nothing') return null
  try {
    const src = standIn ?? dataset.dataset
    const s_srs = standIn ? standIn.srs : src.srs
    if (s_srs === null) return null
    const { rasterSize, geoTransform } = gdal.suggestedWarpOutput({ src, s_srs, t_srs: referenceOf(crs) })
    const [left, stepX, , top, , stepY] = geoTransform as number[]
    if (left === undefined || top === undefined || stepX === undefined || stepY === undefined) return null
    return { left, top, stepX, stepY: -stepY, width: rasterSize.x, height: rasterSize.y }
  } catch {
    return null
  } finally {
    standIn?.close()
  }
}

/** A raster of the file's place and size without pixels, as rasterio's calculate_default_transform makes one. */
function standInFor(facts: NorthUpFacts, crs: Crs, clipped: boolean): gdal.Dataset | 'nothing' {
  const [, , , originY, , stepY] = facts.geoTransform
  let [left, bottom, right, top] = fileBounds(facts)
  let { width, height } = facts
  const toMercator = facts.crs === 'EPSG:4326' && crs === 'EPSG:3857'
  if (clipped && toMercator && (bottom < -MERCATOR_LATITUDE || top > MERCATOR_LATITUDE)) {
    bottom = Math.max(bottom, -MERCATOR_LATITUDE)
    top = Math.min(top, MERCATOR_LATITUDE)
    if (bottom >= top) return 'nothing'
    height = roundHalfEven((bottom - originY) / stepY - (top - originY) / stepY)
    width = Math.max(1, width)
    height = Math.max(1, height)
  }
  const standIn = gdal.open('stand-in', 'w', 'MEM', width, height, 0, gdal.GDT_Byte)
  standIn.srs = referenceOf(facts.crs)
  standIn.geoTransform = [left, (right - left) / width, 0, top, 0, (bottom - top) / height]
  return standIn
}
