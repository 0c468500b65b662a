import type { SearchLimits } from '../../src/request/tile-request.ts'

/** titiler-pgstac's defaults. */
export const searchLimits: SearchLimits = {
  scanLimit: 10_000,
  itemsLimit: 100,
  timeLimitSeconds: 5,
  exitWhenFull: true,
  skipCovered: true,
}
