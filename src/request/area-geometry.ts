import { TilepressError } from '../errors.ts'
import type { Bounds } from '../tile/bounds.ts'
import { isCoordinate } from './place.ts'

/** Polygons of rings of positions, the outer ring first (GeoJSON's MultiPolygon), without heights: canonical for both kinds. */
export type AreaGeometry = readonly (readonly (readonly (readonly [x: number, y: number])[])[])[]

/** A job with more would burden the queue's Redis, which may not evict: 64 kB are about 2,500 positions. */
const MOST_BYTES = 65_536

/** With more the coordinates have more characters in any case: `[1,2],` has six. */
const MOST_POSITIONS = Math.floor(MOST_BYTES / 6)

/** How many are left of those that all features together may have. */
interface Budget {
  positions: number
}

/** Of one FeatureCollection. */
export const MOST_FEATURES = 256

/** The areas of a body's Feature or FeatureCollection, in order. Throws PARAMETER_INVALID, BODY_TOO_LARGE. */
export function parseFeatures(body: unknown): { readonly isCollection: boolean; readonly areas: AreaGeometry[] } {
  const isCollection = isObject(body) && body.type === 'FeatureCollection'
  const features = isCollection ? body.features : [body]
  if (!Array.isArray(features) || features.length === 0) throw invalid('a FeatureCollection needs features')
  if (features.length > MOST_FEATURES)
    throw new TilepressError('BODY_TOO_LARGE', `a FeatureCollection may have at most ${MOST_FEATURES} features`)
  const budget = { positions: MOST_POSITIONS }
  const areas = features.map((feature) => areaOf(feature, budget))
  const bytes = areas.reduce((sum, area) => sum + JSON.stringify(area).length, 0)
  if (bytes > MOST_BYTES) {
    throw new TilepressError(
      'BODY_TOO_LARGE',
      `the geometries have ${bytes} characters without spaces, at most ${MOST_BYTES} are taken: simplify them`,
    )
  }
  return { isCollection, areas }
}

/** Left, bottom, right, top of all positions. */
export function boundsOfArea(area: AreaGeometry): Bounds {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const rings of area) {
    for (const ring of rings) {
      for (const [x, y] of ring) {
        left = Math.min(left, x)
        right = Math.max(right, x)
        bottom = Math.min(bottom, y)
        top = Math.max(top, y)
      }
    }
  }
  return [left, bottom, right, top]
}

function areaOf(feature: unknown, budget: Budget): AreaGeometry {
  if (!isObject(feature) || feature.type !== 'Feature') throw invalid('the body is a GeoJSON Feature')
  const { geometry } = feature
  if (!isObject(geometry)) throw invalid('the feature needs a geometry')
  const { type, coordinates } = geometry
  if (type !== 'Polygon' && type !== 'MultiPolygon') throw invalid('the geometry is a Polygon or a MultiPolygon')
  const area = list(type === 'Polygon' ? [coordinates] : coordinates).map((rings) =>
    list(rings).map((ring) => ringOf(ring, budget)),
  )
  const [left, bottom, right, top] = boundsOfArea(area)
  if (left >= right || bottom >= top) throw invalid('the geometry has no area')
  return area
}

/** A ring of RFC 7946 §3.1.6: four positions or more, the last one the first. */
function ringOf(ring: unknown, budget: Budget): [number, number][] {
  const given = list(ring)
  budget.positions -= given.length
  if (budget.positions < 0) {
    const rule = `the geometries have more than ${MOST_POSITIONS} positions: simplify them`
    throw new TilepressError('BODY_TOO_LARGE', rule)
  }
  const positions = given.map((position): [number, number] => {
    const [x, y] = Array.isArray(position) ? (position as unknown[]) : []
    if (!isCoordinate(x) || !isCoordinate(y)) throw invalid('a position is two numbers within ±1e9')
    return [x, y]
  })
  const [first, last] = [positions[0], positions.at(-1)]
  if (positions.length < 4 || first?.[0] !== last?.[0] || first?.[1] !== last?.[1])
    throw invalid('a ring has four positions or more, the last one as the first')
  return positions
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value
  throw invalid('the coordinates of a Polygon are rings, those of a MultiPolygon lists of rings')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(rule: string): TilepressError {
  return new TilepressError('PARAMETER_INVALID', `body: ${rule}`)
}
