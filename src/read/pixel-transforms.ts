import { checked } from './checked-transform.ts'
import { type GeoTransform, isAxisAligned, levelSize, type PlacedFacts } from './dataset-facts.ts'
import { atLevel, fromPixels, toPixels } from './geo-transform.ts'
import { chain, type PointTransform, transformPoint } from './point-transform.ts'
import { polesOf } from './poles.ts'
import type { Projection } from './projection.ts'
import { seamCrossing, unwrapped } from './seam-crossing.ts'
import { crsFacts } from './spatial-reference.ts'

/** Between the pixels of a warped grid and those of a level of a file; pixel edges are whole numbers. */
export interface PixelTransforms {
  readonly toSource: PointTransform
  readonly toTarget: PointTransform
  /** As `toSource`, without answers that don't lead back. */
  readonly checkedToSource: PointTransform
  /** Where the poles are on the grid, as GDAL finds them. */
  readonly poles: readonly (readonly [x: number, y: number])[]
  /** Source x depends on x alone and y on y alone. */
  readonly separable: boolean
}

/** `centreX`: of the grid. Null when one of the geotransforms has no inverse. */
export function pixelTransforms(
  facts: PlacedFacts,
  level: number,
  projection: Projection,
  grid: GeoTransform,
  centreX: number,
): PixelTransforms | null {
  const place = atLevel(facts.geoTransform, facts, levelSize(facts, level))
  const filePixels = toPixels(place)
  const gridPixels = toPixels(grid)
  if (filePixels === null || gridPixels === null) return null
  const { toSource } = projection
  const crossing = seamCrossing(facts, projection)
  const toTarget =
    crossing === null ? projection.toTarget : chain(projection.toTarget, unwrapped(centreX, crossing.width))
  return {
    toSource: chain(fromPixels(grid), toSource, filePixels),
    toTarget: chain(fromPixels(place), toTarget, gridPixels),
    get checkedToSource() {
      return chain(fromPixels(grid), checked(toSource, projection.toTarget, crsFacts(projection.target)), filePixels)
    },
    get poles() {
      return polesOf(projection).map(([x, y]) => transformPoint(gridPixels, x, y))
    },
    separable: projection.separable && isAxisAligned(facts),
  }
}
