import { z } from 'zod'
import { findTileMatrixSet, type TileRequestParser } from '../request/parse-tile-request.ts'
import { invalid } from '../request/query-values.ts'
import type { MosaicLayer, RenderParameters } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import { imageFormats, type TileFormat } from '../tile/format.ts'
import { lastZoom, matrixOf, type TileMatrixSet } from '../tile/tile-matrix-set.ts'

/** A pre-render run as asked for, parsed once at the door. */
export interface RunRequest {
  readonly layer: MosaicLayer
  readonly tileMatrixSetId: string
  /** Longitude-latitude box; west > east crosses the antimeridian. null: all of the layer. */
  readonly bbox: Bounds | null
  /** Ascending, each once. */
  readonly zooms: readonly number[]
  readonly render: RenderParameters
  readonly format: TileFormat
  readonly force: boolean
}

/** More values than any tile's query may have (rescale: 512). */
const MOST_VALUES = 1_000

const layerId = z.string('takes an id').min(1, 'takes an id').max(256, 'takes at most 256 characters')
const zoom = z.int('takes a whole number')
const bboxRule =
  'takes four numbers, [west, south, east, north] in degrees, longitudes −180 to 180, latitudes −90 to 90, south ≤ north; west > east crosses the antimeridian'
const longitude = z.number(bboxRule).min(-180, bboxRule).max(180, bboxRule)
const latitude = z.number(bboxRule).min(-90, bboxRule).max(90, bboxRule)
const value = z.union([z.string(), z.number(), z.boolean()])
const parametersRule =
  "takes the tile URL's query, as text or as an object of texts, numbers, booleans and lists of these"

/** The body of POST /prerender-runs. */
export const runBodySchema = z.strictObject(
  {
    search: layerId.optional().meta({ description: 'Id of a registered search; this or `collection`.' }),
    collection: layerId.optional().meta({ description: 'Id of a collection; this or `search`.' }),
    bbox: z
      .tuple([longitude, latitude, longitude, latitude], bboxRule)
      .refine(([, south, , north]) => south <= north, bboxRule)
      .optional()
      .meta({ description: 'West, south, east, north in degrees; absent: the bounds of the layer.' }),
    minzoom: zoom.optional(),
    maxzoom: zoom.optional(),
    zooms: z
      .array(zoom, 'takes a list of zooms')
      .min(1, 'takes at least one zoom')
      .max(100, 'takes at most 100 zooms')
      .optional()
      .meta({ description: 'In place of `minzoom` and `maxzoom`.' }),
    tile_matrix_set: z.string('takes an id').default('WebMercatorQuad'),
    format: z
      .enum(imageFormats, `takes one of ${imageFormats.join(', ')}`)
      .optional()
      .meta({ description: 'Absent: the automatic format of a tile URL without extension.' }),
    parameters: z
      .union([z.string(), z.record(z.string(), z.union([value, z.array(value).max(MOST_VALUES)]))], parametersRule)
      .default({})
      .meta({ description: 'What the tile URL has as its query.' }),
    force: z.boolean('takes true or false').default(false).meta({ description: 'Render also what is cached.' }),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not known: ${issue.keys.join(', ').slice(0, 200)}`
        : 'takes a JSON object',
  },
)

type RunBody = z.output<typeof runBodySchema>

/** Throws PARAMETER_INVALID naming the field and what it takes, TILE_MATRIX_SET_NOT_FOUND. */
export function parseRunRequest(body: unknown, parser: TileRequestParser): RunRequest {
  const parsed = runBodySchema.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(
      issue?.path[0] === undefined ? 'of the body' : String(issue.path[0]),
      issue?.message ?? 'is not valid',
    )
  }
  const fields = parsed.data
  const layer = layerOf(fields)
  const tms = findTileMatrixSet(fields.tile_matrix_set)
  const zooms = zoomsOf(fields, tms)
  const query = queryOf(fields.parameters)
  return {
    layer,
    tileMatrixSetId: tms.id,
    bbox: fields.bbox ?? null,
    zooms,
    render: parser.parseRender(query, tileSizeOf(tms, zooms, query)),
    format: fields.format ?? 'auto',
    force: fields.force,
  }
}

function layerOf({ search, collection }: RunBody): MosaicLayer {
  if (search !== undefined && collection === undefined) return { kind: 'search', id: search }
  if (collection !== undefined && search === undefined) return { kind: 'collection', id: collection }
  throw invalid('search', 'or collection is required, and only one of the two')
}

function zoomsOf({ zooms, minzoom, maxzoom }: RunBody, tms: TileMatrixSet): number[] {
  const last = lastZoom(tms)
  const check = (name: string, zoom: number) => {
    if (zoom < tms.minZoom || zoom > last) throw invalid(name, `takes zooms ${tms.minZoom} to ${last} of ${tms.id}`)
    return zoom
  }
  if (zooms) {
    if (minzoom !== undefined || maxzoom !== undefined) throw invalid('zooms', 'stands in place of minzoom and maxzoom')
    return [...new Set(zooms.map((zoom) => check('zooms', zoom)))].sort((a, b) => a - b)
  }
  if (minzoom === undefined) throw invalid('minzoom', 'is required, with maxzoom, or else zooms')
  if (maxzoom === undefined) throw invalid('maxzoom', 'is required, with minzoom, or else zooms')
  check('minzoom', minzoom)
  check('maxzoom', maxzoom)
  if (minzoom > maxzoom) throw invalid('minzoom', 'must not be greater than maxzoom')
  return Array.from({ length: maxzoom - minzoom + 1 }, (_, above) => minzoom + above)
}

/** Pixels along a tile's side where the query does not say. A run has one rendering, so its zooms must agree (CDB1GlobalGrid's do not). */
function tileSizeOf(tms: TileMatrixSet, zooms: readonly number[], query: string): number | undefined {
  const sizes = new Set(zooms.map((zoom) => matrixOf(tms, zoom).tileSize))
  const [size] = sizes
  if (sizes.size <= 1 || new URLSearchParams(query).has('tilesize')) return size
  throw invalid('zooms', `has tiles of ${[...sizes].join(' and ')} pixels: take a run for each size, or give tilesize`)
}

/** The query string of a tile URL with these parameters; a list gives its name once a value. */
function queryOf(parameters: RunBody['parameters']): string {
  if (typeof parameters === 'string') return parameters.replace(/^\?/, '')
  const query = new URLSearchParams()
  for (const [name, given] of Object.entries(parameters)) {
    for (const each of Array.isArray(given) ? given : [given]) query.append(name, String(each))
  }
  return query.toString()
}
