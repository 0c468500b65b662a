import { TilepressError } from '../errors.ts'
import { transformBounds } from './coordinate-transform.ts'
import { isNorthUp } from './dataset-facts.ts'
import { defaultGrid } from './default-grid.ts'
import type { OpenDataset } from './open-dataset.ts'
import { type PartGrid, partGrid } from './part-grid.ts'
import type { Part } from './reader.ts'

/** The grid on which a file gives a part of itself. Throws PARAMETER_INVALID. */
export function gridOfPart(dataset: OpenDataset, part: Part): PartGrid {
  const { facts } = dataset
  const crs = part.targetCrs ?? facts.crs ?? 'EPSG:4326'
  const bounds = part.bounds === null ? null : transformBounds(part.crs, crs, part.bounds)
  if (part.bounds !== null && (bounds === null || !(bounds[0] < bounds[2] && bounds[1] < bounds[3])))
    throw new TilepressError('PARAMETER_INVALID', `the place has no area in ${crs.slice(0, 64)}`)
  const file = defaultGrid(dataset, crs, bounds !== null)
  if (file === null) throw new TilepressError('PARAMETER_INVALID', `an asset has no place in ${crs.slice(0, 64)}`)
  const isOwn = isNorthUp(facts) && facts.crs === crs
  return partGrid(file, { bounds, crs, size: part.size, aligned: part.aligned, isOwn })
}
