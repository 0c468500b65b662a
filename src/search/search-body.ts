import { z } from 'zod'
import { TilepressError } from '../errors.ts'

/**
 * The body of POST /searches/register, with titiler-pgstac's rules: its names and forms, unknown members passed on to pgSTAC, nulls dropped,
 * `filter-lang` always written, `metadata.type` mosaic unless said otherwise. Everything is capped before pgSTAC sees it.
 */

/** Characters of the whole body as JSON. */
const MAX_JSON = 262_144
/** Objects and lists in each other; a CQL2 filter with a geometry takes about ten. */
const MAX_DEPTH = 32
const MAX_COLLECTIONS = 256
const MAX_IDS = 10_000
const MAX_POSITIONS = 20_000

const name = z.string().min(1).max(1_024)

const longitude = z.number().min(-180).max(180)
const latitude = z.number().min(-90).max(90)

const inOrder = (bbox: readonly number[]) => {
  const half = bbox.length / 2
  return bbox.slice(0, half).every((low, axis) => low <= bbox[half + axis]!)
}

const bbox = z
  .union(
    [
      z.tuple([longitude, latitude, longitude, latitude]),
      z.tuple([longitude, latitude, z.number(), longitude, latitude, z.number()]),
    ],
    { error: 'must be four numbers, or six with heights, within -180, -90, 180, 90' },
  )
  .refine(inOrder, 'must be west, south, east, north with west ≤ east and south ≤ north')

type Position = [number, number, ...number[]]

const position = z.tuple([z.number(), z.number()], z.number()) satisfies z.ZodType<Position>
const closedRing = z
  .array(position)
  .min(4)
  .refine((ring) => ring[0]![0] === ring.at(-1)![0] && ring[0]![1] === ring.at(-1)![1], 'must end where it begins')

const simpleGeometry = [
  z.looseObject({ type: z.literal('Point'), coordinates: position }),
  z.looseObject({ type: z.literal('MultiPoint'), coordinates: z.array(position).min(1) }),
  z.looseObject({ type: z.literal('LineString'), coordinates: z.array(position).min(2) }),
  z.looseObject({ type: z.literal('MultiLineString'), coordinates: z.array(z.array(position).min(2)).min(1) }),
  z.looseObject({ type: z.literal('Polygon'), coordinates: z.array(closedRing).min(1) }),
  z.looseObject({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(closedRing).min(1)).min(1) }),
] as const

const geometry = z
  .discriminatedUnion('type', [
    ...simpleGeometry,
    z.looseObject({
      type: z.literal('GeometryCollection'),
      geometries: z.array(z.discriminatedUnion('type', simpleGeometry)).min(1),
    }),
  ])
  .refine(
    (shape) => (JSON.stringify(shape).match(/\[-?\d/g) ?? []).length <= MAX_POSITIONS,
    `at most ${MAX_POSITIONS} positions`,
  )

const zoom = z.number().int().min(0).max(30)

const metadata = z
  .looseObject({
    type: z.enum(['mosaic', 'search']).default('mosaic'),
    bounds: bbox.optional(),
    minzoom: zoom.optional(),
    maxzoom: zoom.optional(),
    name: z.string().max(1_024).optional(),
    assets: z.array(name).max(1_000).optional(),
    defaults: z.record(name, z.record(name, z.unknown())).optional(),
  })
  .refine(({ minzoom = 0, maxzoom = 30 }) => minzoom <= maxzoom, {
    path: ['minzoom'],
    message: 'must not exceed maxzoom',
  })

const operators = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte'] as const

const search = z.looseObject({
  collections: z.array(name).max(MAX_COLLECTIONS).optional(),
  ids: z.array(name).max(MAX_IDS).optional(),
  bbox: bbox.optional(),
  intersects: geometry.optional(),
  datetime: z.string().min(1).max(128).optional(),
  query: z.record(name, z.partialRecord(z.enum(operators), z.unknown())).optional(),
  sortby: z
    .array(
      z.object({
        field: z.string().regex(/^[\w:.@/-]{1,256}$/, 'must be a property name'),
        direction: z.enum(['asc', 'desc']),
      }),
    )
    .max(32)
    .optional(),
  filter: z.record(z.string(), z.unknown()).optional(),
  'filter-lang': z.literal('cql2-json').default('cql2-json'),
})

export type SearchMetadata = z.output<typeof metadata>
export type SearchQuery = z.output<typeof search>

/** What registers a search: the two parts pgSTAC keeps apart and hashes together. */
export interface SearchBody {
  readonly search: SearchQuery
  readonly metadata: SearchMetadata
}

/** The request's shape for the API document. */
export const searchBodySchema = search
  .extend({ metadata: metadata.optional() })
  .refine((body) => !(body.bbox && body.intersects), {
    path: ['intersects'],
    message: 'excludes bbox: give one of them',
  })

/** Throws PARAMETER_INVALID that names the member and what it may be. */
export function parseSearchBody(json: unknown): SearchBody {
  const nested = deeperThan(json, MAX_DEPTH)
  if (nested || (JSON.stringify(json)?.length ?? 0) > MAX_JSON) {
    throw new TilepressError(
      'PARAMETER_INVALID',
      `body: at most ${MAX_JSON} characters of JSON and ${MAX_DEPTH} levels`,
    )
  }
  const parsed = searchBodySchema.safeParse(withoutNulls(json))
  if (!parsed.success) throw new TilepressError('PARAMETER_INVALID', describe(parsed.error))
  const { metadata: given, ...query } = parsed.data
  return { search: query, metadata: given ?? metadata.parse({}) }
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues
  return issue ? `${issue.path.join('.') || 'body'}: ${issue.message}` : 'body: invalid'
}

/** A null member counts as not given, in the body and in its metadata. */
function withoutNulls(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json
  const kept = Object.entries(json).filter(([, value]) => value !== null)
  return Object.fromEntries(kept.map(([key, value]) => [key, key === 'metadata' ? withoutNulls(value) : value]))
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => deeperThan(member, levels - 1))
}
