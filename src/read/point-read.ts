import { takeArray } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import { coordinateTransform } from './coordinate-transform.ts'
import type { GeoTransform } from './dataset-facts.ts'
import { defaultGrid } from './default-grid.ts'
import type { OpenDataset } from './open-dataset.ts'
import { type Placement, placementOf } from './placement.ts'
import { assembleRaster, emptyRaster, rasterType } from './raster-assembly.ts'
import { readTarget } from './read-plan.ts'
import type { Grid, Position, ReadParameters } from './reader.ts'
import { unscaled } from './unscale.ts'
import { worldWidth } from './world-width.ts'

/** Where a position is in a file: outside; in a pixel, or in the box around a rotated file beside it (null); or on a grid to be warped to. */
export type PointPlan =
  | { readonly kind: 'outside' }
  | { readonly kind: 'pixel'; readonly place: Placement; readonly column: number; readonly row: number }
  | { readonly kind: 'beside'; readonly place: Placement }
  | { readonly kind: 'warp'; readonly grid: Grid }

/** rio-tiler's reader.point: inside the file's box, its edges excluded, and then the pixel it falls into. */
export function planPoint(dataset: OpenDataset, position: Position): PointPlan {
  const place = placementOf(dataset)
  if (place === null) return { kind: 'outside' }
  const [givenX, y] = coordinateTransform(position.crs, place.crs)(position.x, position.y)
  const x = besideWorld(place, givenX)
  if (place.byControlPoints) return planWarpedPoint(dataset, place, x, y)
  const [left, bottom, right, top] = place.bounds
  if (!(x > left && x < right && y > bottom && y < top)) return { kind: 'outside' }
  const [column, row] = pixelAt(place.geoTransform, x, y)
  const isInside = column >= 0 && column < place.width && row >= 0 && row < place.height
  return isInside ? { kind: 'pixel', place, column, row } : { kind: 'beside', place }
}

/** A file that reaches beyond one end of the world has what lies at the other. */
function besideWorld({ crs, bounds: [left, , right] }: Placement, x: number): number {
  if (x > left && x < right) return x
  const width = worldWidth(crs)?.width ?? 0
  return [x - width, x + width].find((moved) => moved > left && moved < right) ?? x
}

/** Files of control points are read as the north-up picture that GDAL suggests for them. */
function planWarpedPoint(dataset: OpenDataset, { crs }: Placement, x: number, y: number): PointPlan {
  const file = defaultGrid(dataset, crs, false)
  if (file === null) return { kind: 'outside' }
  const { left, top, stepX, stepY, width, height } = file
  const [column, row] = pixelAt([left, stepX, 0, top, 0, -stepY], x, y)
  if (!(x > left && y < top && column < width && row < height)) return { kind: 'outside' }
  const [west, north] = [left + column * stepX, top - row * stepY]
  return { kind: 'warp', grid: { crs, bounds: [west, north - stepY, west + stepX, north], width: 1, height: 1 } }
}

/** The pixel as a raster of one pixel: no kernel, no overview. The dataset must be leased. */
export async function readPixel(
  dataset: OpenDataset,
  bidx: readonly number[] | null,
  plan: PointPlan & { readonly kind: 'pixel' | 'beside' },
  parameters: Pick<ReadParameters, 'nodata' | 'unscale'>,
  signal: AbortSignal,
): Promise<Raster> {
  const { facts } = dataset
  const { crs, bounds } = plan.place
  const grid: Grid = { crs, bounds, width: 1, height: 1 }
  // With a nodata value of the request rio-tiler reads through a warp, which heeds the file's mask beside it.
  const target = readTarget(facts, bidx, parameters.nodata, parameters.nodata === null ? grid : { ...grid, crs: '' })
  const scaled = (raster: Raster) => (parameters.unscale ? unscaled(raster, facts, target) : raster)
  if (plan.kind === 'beside') return scaled(emptyRaster(facts, target, grid))
  const window = { x: plan.column, y: plan.row, width: 1, height: 1 }
  const readBand = async (band: number): Promise<TypedArray> => {
    // GDAL converts to the array's type.
    const array = takeArray(rasterType(facts), 1)
    await dataset.read(-1, band, window, array)
    signal.throwIfAborted()
    return array
  }
  const bands: TypedArray[] = []
  for (const band of target.bands) bands.push(await readBand(band))
  let mask: TypedArray | null = null
  if (target.mask?.kind === 'alpha') mask = await readBand(target.mask.band)
  if (target.mask?.kind === 'dataset') {
    mask = takeArray('uint8', 1)
    await dataset.readMask(-1, window, mask as Uint8Array)
  }
  signal.throwIfAborted()
  return scaled(assembleRaster(facts, target, grid, { bands, mask, covered: null }))
}

/** Column and row, by rasterio's inverse, product by product, so that a position on an edge falls on the same side. */
function pixelAt([x0, a, b, y0, d, e]: GeoTransform, x: number, y: number): readonly [column: number, row: number] {
  const inverse = 1 / (a * e - b * d)
  const [ia, ib, id, ie] = [e * inverse, -b * inverse, -d * inverse, a * inverse]
  const column = x * ia + y * ib + (-x0 * ia - y0 * ib)
  const row = x * id + y * ie + (-x0 * id - y0 * ie)
  return [Math.floor(column), Math.floor(row)]
}
