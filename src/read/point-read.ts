import { TilepressError } from '../errors.ts'
import { takeArray } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import { coordinateTransform } from './coordinate-transform.ts'
import { type DatasetFacts, type GeoTransform, isNorthUp } from './dataset-facts.ts'
import type { OpenDataset } from './open-dataset.ts'
import { assembleRaster, rasterType } from './raster-assembly.ts'
import { readTarget } from './read-plan.ts'
import type { Position, ReadParameters } from './reader.ts'
import type { Window } from './source-window.ts'
import { unscaled } from './unscale.ts'

/**
 * The pixel a position falls into, as a raster of one pixel: no kernel, no overview (rio-tiler's reader.point). Null when the
 * position is not inside the file, its edges excluded. The dataset must be leased.
 */
export async function readPoint(
  dataset: OpenDataset,
  bidx: readonly number[] | null,
  position: Position,
  parameters: Pick<ReadParameters, 'nodata' | 'unscale'>,
  signal: AbortSignal,
): Promise<Raster | null> {
  const { facts } = dataset
  const { crs, geoTransform } = facts
  if (crs === null || geoTransform === null)
    throw new TilepressError('ASSET_UNREADABLE', 'a file without a geotransform has no pixel at a position')
  const [x, y] = coordinateTransform(position.crs, crs)(position.x, position.y)
  const window = pixelAt(facts, geoTransform, x, y)
  if (window === null) return null
  const bounds = [x, y, x, y] as const
  const grid = { crs, bounds, width: 1, height: 1 }
  const target = readTarget(facts, bidx, parameters.nodata, grid)
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
  const raster = assembleRaster(facts, target, grid, { bands, mask, covered: null })
  return parameters.unscale ? unscaled(raster, facts, target) : raster
}

function pixelAt(facts: DatasetFacts, geoTransform: GeoTransform, x: number, y: number): Window | null {
  const [x0, a, b, y0, d, e] = geoTransform
  const determinant = a * e - b * d
  // rasterio's inverse, product by product, so that a position on an edge falls on the same side.
  const [ia, ib, id, ie] = [e / determinant, -b / determinant, -d / determinant, a / determinant]
  const column = isNorthUp(facts) ? x * (1 / a) + -x0 * (1 / a) : x * ia + y * ib + (-x0 * ia - y0 * ib)
  const row = isNorthUp(facts) ? y * (1 / e) + -y0 * (1 / e) : x * id + y * ie + (-x0 * id - y0 * ie)
  if (!(column > 0 && column < facts.width && row > 0 && row < facts.height)) return null
  return { x: Math.floor(column), y: Math.floor(row), width: 1, height: 1 }
}
