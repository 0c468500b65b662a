import { z } from 'zod'
import { type LayerQuery, queryKey } from '../key/query-key.ts'
import { type TileSeries, tileKey } from '../key/tile-key.ts'
import { type CanonicalParameters, fromCanonical, toCanonical } from '../request/canonical.ts'
import { type CanonicalQuery, fromCanonicalQuery, toCanonicalQuery } from '../request/query-request.ts'
import type { Layer, TileRequest } from '../request/tile-request.ts'
import type { Tile } from '../tile/tile.ts'
import { coalescence, hasTile, matrixOf, type TileMatrixSet } from '../tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../tile/tile-matrix-sets.ts'

/**
 * A block of columns × rows tiles of one series (a metatile): the unit of work. `x` and `y` are those of its top left tile. In rows of coalesced
 * tiles a column is such a tile, and all its rows coalesce alike.
 */
export interface RenderJob {
  readonly series: TileSeries
  readonly z: number
  readonly x: number
  readonly y: number
  readonly columns: number
  readonly rows: number
  /** The tile to begin with, which somebody waits for; null in a run. */
  readonly first: Tile | null
  /** Pre-render run that wants it; null for a waiting client. */
  readonly runId: string | null
  /** Its place in that run's order of jobs, by which the run counts it once; null for a waiting client. */
  readonly runIndex: number | null
  /** Render also what the cache has. */
  readonly force: boolean
  /** The time of the tile that this job makes anew: what the cache has counts when it is another. */
  readonly replaces?: number
}

/** A query that somebody waits for. */
export interface QueryJob {
  readonly query: LayerQuery
}

/** All that the live queue holds. The background queue holds blocks of tiles alone. */
export type QueuedJob = RenderJob | QueryJob

export function isQueryJob(job: QueuedJob): job is QueryJob {
  return 'query' in job
}

/** A block of 16 × 16 tiles is 4096 pixels wide; larger ones only make a run's progress coarse. */
const MOST_TILES_A_SIDE = 16

const layerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['search', 'collection']), id: z.string() }),
  z.object({ kind: z.literal('item'), collection: z.string(), id: z.string() }),
  z.object({ kind: z.literal('asset'), collection: z.string(), item: z.string(), id: z.string() }),
])

const tilesSchema = z.object({
  v: z.literal(1),
  layer: layerSchema,
  generation: z.number().int(),
  edition: z.number().int().default(0),
  tms: z.string(),
  z: z.number().int(),
  x: z.number().int(),
  y: z.number().int(),
  columns: z.number().int().min(1).max(MOST_TILES_A_SIDE),
  rows: z.number().int().min(1).max(MOST_TILES_A_SIDE),
  first: z.tuple([z.number().int(), z.number().int()]).nullable().default(null),
  render: z.custom<CanonicalParameters>((value) => typeof value === 'object' && value !== null),
  format: z.custom<TileRequest['format']>((value) => typeof value === 'string'),
  runId: z.string().nullable(),
  runIndex: z.number().int().min(0).nullable(),
  force: z.boolean(),
  replaces: z.number().optional(),
})

const querySchema = z.object({
  v: z.literal(1),
  layer: layerSchema,
  generation: z.number().int(),
  edition: z.number().int().default(0),
  query: z.custom<CanonicalQuery>((value) => typeof value === 'object' && value !== null),
})

const payloadSchema = z.union([querySchema, tilesSchema])

/** What lies in Redis. Its parameters were parsed at the door; a payload of another version is refused, not guessed at. */
export type RenderJobPayload = z.output<typeof payloadSchema>

export function toPayload(job: QueuedJob): RenderJobPayload {
  if (isQueryJob(job)) {
    const { layer, generation, edition = 0, query } = job.query
    return { v: 1, layer, generation, edition, query: toCanonicalQuery(query) }
  }
  const { series } = job
  return {
    v: 1,
    layer: series.layer,
    generation: series.generation,
    edition: series.edition ?? 0,
    tms: series.tileMatrixSetId,
    z: job.z,
    x: job.x,
    y: job.y,
    columns: job.columns,
    rows: job.rows,
    first: job.first && [job.first.x, job.first.y],
    render: toCanonical(series.render),
    format: series.format,
    runId: job.runId,
    runIndex: job.runIndex,
    force: job.force,
    ...(job.replaces === undefined ? {} : { replaces: job.replaces }),
  }
}

/** Throws a ZodError for what toPayload did not write. */
export function fromPayload(data: unknown): QueuedJob {
  const payload = payloadSchema.parse(data)
  if ('query' in payload) {
    const { layer, generation, edition, query } = payload
    const known = edition > 0 ? { edition } : {}
    return { query: { layer: layer as Layer, generation, ...known, query: fromCanonicalQuery(query) } }
  }
  return {
    series: {
      layer: payload.layer as Layer,
      generation: payload.generation,
      ...(payload.edition > 0 ? { edition: payload.edition } : {}),
      tileMatrixSetId: payload.tms,
      render: fromCanonical(payload.render),
      format: payload.format,
    },
    z: payload.z,
    x: payload.x,
    y: payload.y,
    columns: payload.columns,
    rows: payload.rows,
    first: payload.first && { z: payload.z, x: payload.first[0], y: payload.first[1] },
    runId: payload.runId,
    runIndex: payload.runIndex,
    force: payload.force,
    ...(payload.replaces === undefined ? {} : { replaces: payload.replaces }),
  }
}

/** Tiles of more pixels are rendered one by one: a block of them would keep the one that is waited for too long. */
const MOST_BLOCK_TILE_PIXELS = 512

/**
 * The job of a tile that somebody waits for, with the others of its block of side × side tiles: they share search and reads, and a map asks
 * for them next. Requests for tiles of one block share the job.
 */
export function jobOfTile(series: TileSeries, tile: Tile, side = 1): RenderJob {
  const tms = tileMatrixSets.get(series.tileMatrixSetId)
  const alone = side === 1 || series.render.tileSize > MOST_BLOCK_TILE_PIXELS || !tms || isCoalesced(tms, tile)
  const block = alone ? { ...tile, columns: 1, rows: 1 } : blockOf(tile, side)
  return { series, ...block, first: tile, runId: null, runIndex: null, force: false }
}

function blockOf({ z, x, y }: Tile, side: number) {
  return { z, x: x - (x % side), y: y - (y % side), columns: side, rows: side }
}

function isCoalesced(tms: TileMatrixSet, { z, y }: Tile): boolean {
  return coalescence(matrixOf(tms, z), y) > 1
}

/** By this a job is deduplicated. */
export function jobKey(job: QueuedJob): string {
  if (isQueryJob(job)) return queryKey(job.query)
  return `${tileKey(job.series, job)}+${job.columns}x${job.rows}`
}

/** The block's tiles that exist, with their keys, the one that is waited for at the head. All of them where this process does not know the tile matrix set, so that they can fail. */
export function jobTiles(job: RenderJob): { tile: Tile; key: string }[] {
  const tms = tileMatrixSets.get(job.series.tileMatrixSetId)
  const step = tms ? coalescence(matrixOf(tms, job.z), job.y) : 1
  const tiles: { tile: Tile; key: string }[] = []
  const { first } = job
  for (let dy = 0; dy < job.rows; dy++) {
    for (let dx = 0; dx < job.columns; dx++) {
      const tile = { z: job.z, x: job.x + dx * step, y: job.y + dy }
      if (tms && !hasTile(tms, tile)) continue
      const one = { tile, key: tileKey(job.series, tile) }
      if (first && tile.x === first.x && tile.y === first.y) tiles.unshift(one)
      else tiles.push(one)
    }
  }
  return tiles
}
