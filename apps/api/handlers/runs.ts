import type { Context } from 'koa'
import { TilepressError } from '../../../src/errors.ts'
import type { PrerenderRuns } from '../../../src/prerender/prerender-runs.ts'
import { parseRunRequest } from '../../../src/prerender/run-request.ts'
import type { TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import type { MosaicLayer } from '../../../src/request/tile-request.ts'
import type { Bounds } from '../../../src/tile/bounds.ts'
import { publicUrl } from '../public-url.ts'
import { readJson } from '../request-body.ts'

export interface RunHandlerParts {
  readonly runs: PrerenderRuns
  readonly parser: TileRequestParser
  /** Bounds of a layer that exists, else of the tile matrix set. Throws SEARCH_NOT_FOUND, COLLECTION_NOT_FOUND. */
  readonly boundsOf: (layer: MosaicLayer, tileMatrixSetId: string) => Promise<Bounds>
  readonly publicUrl: string | undefined
}

const MOST_RUNS_LISTED = 100

/** Handlers of /prerender-runs. */
export function createRunHandlers(parts: RunHandlerParts) {
  const { runs, parser, boundsOf } = parts
  return {
    async create(ctx: Context): Promise<void> {
      const request = parseRunRequest(await readJson(ctx), parser)
      const run = await runs.create(request, await boundsOf(request.layer, request.tileMatrixSetId))
      ctx.status = 202
      ctx.set('Location', `${publicUrl(ctx, parts.publicUrl)}/prerender-runs/${run.id}`)
      answer(ctx, run)
    },
    async get(ctx: Context, path: Readonly<Record<string, string>>): Promise<void> {
      answer(ctx, await runs.get(path.run ?? ''))
    },
    async list(ctx: Context): Promise<void> {
      const text = new URLSearchParams(ctx.querystring).get('limit') ?? '20'
      const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
      if (limit < 1 || limit > MOST_RUNS_LISTED) {
        throw new TilepressError(
          'PARAMETER_INVALID',
          `parameter limit takes a whole number from 1 to ${MOST_RUNS_LISTED}`,
        )
      }
      answer(ctx, { runs: await runs.list(limit) })
    },
    async cancel(ctx: Context, path: Readonly<Record<string, string>>): Promise<void> {
      answer(ctx, await runs.cancel(path.run ?? ''))
    },
  }
}

function answer(ctx: Context, body: object): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.body = body
}
