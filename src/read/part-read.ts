import { TilepressError } from '../errors.ts'
import { transformBounds } from './coordinate-transform.ts'
import { defaultGrid } from './default-grid.ts'
import type { OpenDataset } from './open-dataset.ts'
import { type PartGrid, partGrid } from './part-grid.ts'
import { placementOf } from './placement.ts'
import type { Part } from './reader.ts'

/** The grid on which a file gives a part of itself. Throws PARAMETER_INVALID. */
export function gridOfPart(dataset: OpenDataset, part: Part): PartGrid {
  const own = placementOf(dataset)?.crs
  const crs = part.targetCrs ?? own ?? 'EPSG:4326'
  const bounds = part.bounds === null ? null : transformBounds(part.crs, crs, part.bounds)
  if (part.bounds !== null && (bounds === null || !(bounds[0] < bounds[2] && bounds[1] < bounds[3])))
    throw new TilepressError('PARAMETER_INVALID', `the place has no area in ${crs.slice(0, 64)}`)
  const file = defaultGrid(dataset, crs, bounds !== null)
  if (file === null) throw new TilepressError('PARAMETER_INVALID', `an asset has no place in ${crs.slice(0, 64)}`)
  return partGrid(file, { bounds, crs, size: part.size, aligned: part.aligned, isOwn: own === crs })
}
