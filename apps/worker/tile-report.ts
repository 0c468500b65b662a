import type { Logger } from '../../src/log.ts'
import type { WorkerMetrics } from '../../src/metrics.ts'
import type { TileRendererParts } from '../../src/pipeline/render-tile.ts'

/** Makes one log line and the figures of every tile. */
export function createTileReport(metrics: WorkerMetrics, log: Logger): TileRendererParts['report'] {
  return (tile, job) => {
    const { key, outcome, items, truncated, bytes, timings, error } = tile
    metrics.tiles.inc({ outcome })
    if (truncated !== null) {
      metrics.truncated.inc({ limit: truncated })
      log.warn({ key, limit: truncated, items }, 'a limit cut the items of a tile')
    }
    for (const [name, ms] of Object.entries(timings)) {
      metrics.stageSeconds.observe({ stage: name.replace(/Ms$/, '') }, ms / 1_000)
    }
    if (error !== null) {
      metrics.failures.inc({ code: error.code, final: 'true' })
      log[error.caller ? 'info' : 'error'](
        { key, run: job.runId, code: error.code, detail: error.detail, ...error.context },
        job.runId === null ? 'a render failed' : 'a tile of a run failed',
      )
    } else log.debug({ key, outcome, items, bytes, ...timings }, 'tile')
  }
}
