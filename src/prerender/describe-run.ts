import type { Run, RunSummary } from './run-resource.ts'
import type { RunRecord } from './run-store.ts'

/** A run as clients see it: with its share done, its rate and the time it still takes. */
export function describeRun(run: RunRecord): Run {
  return { ...summarizeRun(run), failures: run.failures }
}

export function summarizeRun(run: RunRecord): RunSummary {
  const { spec, counts, state } = run
  const done = counts.image + counts.empty + counts.present + counts.failed
  const rate = state === 'running' ? recentRate(run, done) : perSecond(done, (run.finishedAt ?? run.at) - run.createdAt)
  const left = run.tilesTotal - done
  return {
    id: run.id,
    state,
    layer: spec.layer,
    bbox: spec.bbox,
    zooms: spec.zooms,
    tile_matrix_set: spec.tileMatrixSetId,
    format: spec.format,
    render: { ...spec.render },
    force: spec.force,
    tiles: {
      total: run.tilesTotal,
      done,
      rendered: counts.image,
      empty: counts.empty,
      present: counts.present,
      failed: counts.failed,
    },
    jobs: { total: run.jobsTotal, done: run.jobsDone, outstanding: run.outstanding },
    // Cut, not rounded: 100 only when all is done.
    percent: Math.floor((done / run.tilesTotal) * 10_000) / 100,
    tiles_per_second: Math.round(rate * 10) / 10,
    eta_seconds: state === 'running' && rate > 0 ? Math.ceil(left / rate) : null,
    created_at: new Date(run.createdAt).toISOString(),
    finished_at: run.finishedAt === null ? null : new Date(run.finishedAt).toISOString(),
  }
}

/** Tiles per second since the mark; it falls while nothing gets done. */
function recentRate({ since, at }: RunRecord, done: number): number {
  return perSecond(done - since.done, at - since.at)
}

function perSecond(tiles: number, milliseconds: number): number {
  return milliseconds > 0 ? (tiles / milliseconds) * 1_000 : 0
}
