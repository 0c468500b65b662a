import { z } from 'zod'
import { TilepressError } from '../errors.ts'
import { ALL_ZOOMS, type Area, MOST_BOXES } from '../freshness/layer-state.ts'
import { parseFeatures } from '../request/area-geometry.ts'
import { parseFootprint } from '../search/footprint.ts'
import type { Bounds } from '../tile/bounds.ts'
import { coverWithBoxes } from './cover-with-boxes.ts'

const bboxRule =
  'takes four numbers, [west, south, east, north] in degrees, longitudes −180 to 180, latitudes −90 to 90, south < north; west > east crosses the antimeridian'
const longitude = z.number(bboxRule).min(-180, bboxRule).max(180, bboxRule)
const latitude = z.number(bboxRule).min(-90, bboxRule).max(90, bboxRule)
const zoomRule = `takes a whole number from ${ALL_ZOOMS.minZoom} to ${ALL_ZOOMS.maxZoom}`
const zoom = z.int(zoomRule).min(ALL_ZOOMS.minZoom, zoomRule).max(ALL_ZOOMS.maxZoom, zoomRule)

/** The body of POST …/invalidate. */
export const areaBodySchema = z.strictObject(
  {
    bbox: z
      .tuple([longitude, latitude, longitude, latitude], bboxRule)
      .refine(([west, south, east, north]) => south < north && west !== east, bboxRule)
      .optional()
      .meta({ description: 'West, south, east, north in degrees; this or `geometry`.' }),
    geometry: z
      .record(z.string(), z.unknown(), 'takes a GeoJSON Polygon or MultiPolygon')
      .optional()
      .meta({ description: 'A GeoJSON Polygon or MultiPolygon in degrees; this or `bbox`.' }),
    minzoom: zoom.optional().meta({ description: 'The lowest zoom; absent: from the first one.' }),
    maxzoom: zoom.optional().meta({ description: 'The highest zoom; absent: up to the last one.' }),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not known: ${issue.keys.join(', ').slice(0, 200)}`
        : 'takes a JSON object',
  },
)

const WORLD: Bounds = [-180, -90, 180, 90]

/** What is to be outdated; null for an empty object: the whole layer. Throws PARAMETER_INVALID, BODY_TOO_LARGE. */
export function parseAreaBody(body: unknown): Area | null {
  const parsed = areaBodySchema.safeParse(body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid(issue?.path[0] === undefined ? 'of the body' : String(issue.path[0]), issue?.message ?? '')
  }
  const { bbox, geometry, minzoom, maxzoom } = parsed.data
  if (bbox && geometry) throw invalid('geometry', 'stands in place of bbox')
  if (minzoom !== undefined && maxzoom !== undefined && minzoom > maxzoom)
    throw invalid('minzoom', 'must not be greater than maxzoom')
  if (!bbox && !geometry && minzoom === undefined && maxzoom === undefined) return null
  return {
    minZoom: minzoom ?? ALL_ZOOMS.minZoom,
    maxZoom: maxzoom ?? ALL_ZOOMS.maxZoom,
    boxes: geometry ? boxesOf(geometry) : [bbox ?? WORLD],
  }
}

function boxesOf(geometry: object): readonly Bounds[] {
  const { areas } = parseFeatures({ type: 'Feature', geometry })
  const shape = parseFootprint({ type: 'MultiPolygon', coordinates: areas[0] })
  const [west, south, east, north] = shape?.bounds ?? [Infinity, 0, 0, 0]
  if (!shape || !(west >= -180 && south >= -90 && east <= 180 && north <= 90)) {
    throw invalid('geometry', 'takes longitudes −180 to 180 and latitudes −90 to 90, cut at the antimeridian')
  }
  return coverWithBoxes(shape, MOST_BOXES)
}

function invalid(parameter: string, rule: string): TilepressError {
  return new TilepressError('PARAMETER_INVALID', `parameter ${parameter} ${rule}`, { context: { parameter } })
}
