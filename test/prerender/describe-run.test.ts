import { describe, expect, test } from 'vitest'
import { describeRun } from '../../src/prerender/describe-run.ts'
import { runSchema } from '../../src/prerender/run-resource.ts'
import type { RunRecord } from '../../src/prerender/run-store.ts'
import { toCanonical } from '../../src/request/canonical.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import { searchLimits } from '../support/search-limits.ts'

const start = Date.UTC(2026, 0, 1)

function record(given: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'mjuzs000-0a1b2c3d',
    spec: {
      v: 1,
      layer: { kind: 'collection', id: 'c' },
      generation: 3,
      tileMatrixSetId: 'WebMercatorQuad',
      bbox: [-180, -85, 180, 85],
      zooms: [7],
      side: 4,
      render: toCanonical(new TileRequestParser(searchLimits).parseRender('assets=a&nodata=nan')),
      format: 'auto',
      force: false,
    },
    state: 'running',
    tilesTotal: 16_384,
    jobsTotal: 1_024,
    cursor: 600,
    jobsDone: 536,
    outstanding: 64,
    counts: { image: 5_000, empty: 3_000, present: 570, failed: 6 },
    createdAt: start,
    finishedAt: null,
    since: { at: start + 100_000, done: 6_576 },
    at: start + 120_000,
    failures: [],
    ...given,
  }
}

describe('a run as clients see it', () => {
  test('has the rate of the last seconds, and from it the time that is left', () => {
    // 8 576 done, 2 000 of them in the last 20 s; 7 808 are left.
    const run = describeRun(record())
    expect(run.tiles).toEqual({ total: 16_384, done: 8_576, rendered: 5_000, empty: 3_000, present: 570, failed: 6 })
    expect(run).toMatchObject({ tiles_per_second: 100, eta_seconds: 79, percent: 52.34 })
  })

  test('has no time left to tell while nothing gets done', () => {
    const stuck = describeRun(record({ since: { at: start, done: 8_576 } }))
    expect(stuck).toMatchObject({ tiles_per_second: 0, eta_seconds: null })
  })

  test('is at 100 % only when all is done', () => {
    const counts = { image: 16_383, empty: 0, present: 0, failed: 0 }
    expect(describeRun(record({ counts })).percent).toBe(99.99)
    const over = { state: 'done', counts: { ...counts, failed: 1 }, finishedAt: start + 81_920 } as const
    expect(describeRun(record(over))).toMatchObject({
      percent: 100,
      tiles_per_second: 200,
      eta_seconds: null,
      created_at: '2026-01-01T00:00:00.000Z',
      finished_at: '2026-01-01T00:01:21.920Z',
    })
  })

  test('is what its schema says, also after JSON', () => {
    const failures = [{ z: 7, x: 1, y: 2, code: 'ASSET_NOT_FOUND', detail: 'asset a of item i is missing' }]
    const run = describeRun(record({ failures }))
    expect(runSchema.parse(JSON.parse(JSON.stringify(run)))).toEqual(run)
  })
})
