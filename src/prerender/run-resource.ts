import { z } from 'zod'
import { imageFormats } from '../tile/format.ts'

const count = z.int().min(0)
const time = z.iso.datetime()

const failureSchema = z.object({ z: count, x: count, y: count, code: z.string(), detail: z.string() })

/** A run without its failures: an element of GET /prerender-runs. */
export const runSummarySchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'cancelled']),
  layer: z.object({ kind: z.enum(['search', 'collection']), id: z.string() }),
  bbox: z.array(z.number()).length(4).readonly(),
  zooms: z.array(count).readonly(),
  tile_matrix_set: z.string(),
  format: z.enum([...imageFormats, 'auto']),
  render: z.record(z.string(), z.unknown()).meta({ description: 'The render parameters with defaults resolved.' }),
  force: z.boolean(),
  tiles: z.object({
    total: count,
    done: count.meta({ description: 'rendered + empty + present + failed' }),
    rendered: count,
    empty: count.meta({ description: 'No imagery there.' }),
    present: count.meta({ description: 'The cache had it.' }),
    failed: count,
  }),
  jobs: z.object({ total: count, done: count, outstanding: count.meta({ description: 'In the queue or at work.' }) }),
  percent: z.number().min(0).max(100),
  tiles_per_second: z
    .number()
    .min(0)
    .meta({ description: 'Of the last 15 to 30 s; of the whole run when it is over.' }),
  eta_seconds: z.number().min(0).nullable().meta({ description: 'null when it cannot be told, or the run is over.' }),
  created_at: time,
  finished_at: time.nullable(),
})

/** The answer of POST /prerender-runs, GET /prerender-runs/{id} and POST /prerender-runs/{id}/cancel. */
export const runSchema = runSummarySchema.extend({
  failures: z.array(failureSchema).readonly().meta({ description: 'The first 20.' }),
})

export type RunSummary = z.output<typeof runSummarySchema>
export type Run = z.output<typeof runSchema>
