import { checked } from './checked-transform.ts'
import { transformPoint } from './point-transform.ts'
import { type Projection, projectionBetween } from './projection.ts'
import { crsFacts, geographicBase } from './spatial-reference.ts'

/** Not quite the poles: some projections lose the longitude there (GDALWarpOperation::Initialize). */
const LATITUDES = [-89.9999, 89.9999]

type Point = readonly [x: number, y: number]

const known = new WeakMap<Projection, readonly Point[]>()

/**
 * Both poles, where they have a place in the target system. GDAL forgets to project them when the source is in degrees: it then
 * takes 0, ±89.9999 for target coordinates, and so does this.
 */
export function polesOf(projection: Projection): readonly Point[] {
  const before = known.get(projection)
  if (before) return before
  const poles = findPoles(projection)
  known.set(projection, poles)
  return poles
}

function findPoles(projection: Projection): readonly Point[] {
  if (crsFacts(projection.source).degrees) return LATITUDES.map((lat) => [0, lat])
  const base = projectionBetween(projection.source, geographicBase(projection.source))
  if (base === null) return []
  const toSource = checked(base.toTarget, base.toSource, crsFacts(base.source))
  return LATITUDES.map((lat) => transformPoint(toSource, 0, lat))
    .map(([x, y]) => transformPoint(projection.toTarget, x, y))
    .filter(([x, y]) => Number.isFinite(x + y))
}
