import type { Logger } from '../../src/log.ts'
import type { WorkerMetrics } from '../../src/metrics.ts'
import type { QueryRendererParts } from '../../src/pipeline/render-query.ts'

/** Makes one log line and the figures of every query. */
export function createQueryReport(metrics: WorkerMetrics, log: Logger): QueryRendererParts['report'] {
  return ({ key, kind, outcome, items, truncated, bytes, milliseconds }) => {
    metrics.answers.inc({ kind, outcome })
    metrics.answerSeconds.observe({ kind }, milliseconds / 1_000)
    if (truncated !== null) {
      metrics.truncated.inc({ limit: truncated })
      log.warn({ key, limit: truncated, items }, 'a limit cut the items of a query')
    }
    log.debug({ key, outcome, items, bytes, milliseconds }, 'query')
  }
}
