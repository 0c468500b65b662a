import { z } from 'zod'
import type { TileSeries } from '../key/tile-key.ts'
import type { RenderJob } from '../queue/render-job.ts'
import { type CanonicalParameters, fromCanonical } from '../request/canonical.ts'
import { findTileMatrixSet } from '../request/parse-tile-request.ts'
import type { TileFormat } from '../tile/format.ts'
import { blockAt, planTiles, type TilePlan } from './tile-plan.ts'

/** All that decides a run's jobs. It never changes while the run lives, so that a job's index means the same to every process. */
const specSchema = z.object({
  v: z.literal(1),
  layer: z.object({ kind: z.enum(['search', 'collection']), id: z.string() }),
  generation: z.number(),
  /** The layer's when the run was made: what was outdated before is rendered. */
  edition: z.number().optional(),
  tileMatrixSetId: z.string(),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly(),
  zooms: z.array(z.number()).readonly(),
  /** Tiles along a block's side, as configured when the run was made. */
  side: z.number(),
  render: z.custom<CanonicalParameters>((value) => typeof value === 'object' && value !== null),
  format: z.custom<TileFormat>((value) => typeof value === 'string'),
  force: z.boolean(),
})

export type RunSpec = z.output<typeof specSchema>

/** Throws a ZodError or SyntaxError for what JSON.stringify did not make of a RunSpec. */
export function decodeSpec(json: string): RunSpec {
  return specSchema.parse(JSON.parse(json))
}

/** Throws TILE_MATRIX_SET_NOT_FOUND. */
export function planOf(spec: RunSpec): TilePlan {
  return planTiles(findTileMatrixSet(spec.tileMatrixSetId), spec.bbox, spec.zooms, spec.side)
}

/** A run's jobs by index. The plan and the series are made once: all jobs share them. */
export function jobsOf(runId: string, spec: RunSpec): (index: number) => RenderJob {
  const plan = planOf(spec)
  const { layer, generation, edition = 0, tileMatrixSetId, format, force } = spec
  const series: TileSeries = { layer, generation, edition, tileMatrixSetId, render: fromCanonical(spec.render), format }
  return (runIndex) => ({ series, ...blockAt(plan, runIndex), first: null, runId, runIndex, force })
}
