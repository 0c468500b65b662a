import { expect } from 'vitest'
import { type Seen, troubles } from '../support/traffic.ts'

/**
 * What clients may see of each fault beside right tiles, by the name of its test; `CONNECTION` is a connection that broke. All else, and a
 * wrong picture above all, fails the test. docs/reliability.md has the same (tested).
 */
export const expectedEnds: Readonly<Record<string, readonly string[]>> = {
  'a worker killed in the middle of its renders': [],
  'an API process killed with requests under way': ['CONNECTION'],
  'a worker and an API process killed at once': ['CONNECTION'],
  'a network that parts a worker from the queue for longer than its locks last': [],
  'a worker frozen for longer than its locks last, whose job then runs twice': [],
  'clocks that differ by ten minutes': ['CONNECTION'],
  'the queue’s Redis killed and started again, with a run and misses under way': ['QUEUE_UNAVAILABLE'],
  'the queue’s Redis away for a while': ['QUEUE_UNAVAILABLE'],
  'the queue’s Redis taking connections and answering nothing': ['QUEUE_UNAVAILABLE'],
  'the queue’s Redis coming back without its data': ['QUEUE_UNAVAILABLE'],
  'a firewall that has forgotten the connections to the queue': ['QUEUE_UNAVAILABLE'],
  'the cache’s Redis away for a while': [],
  'the cache’s Redis full, and refusing what is written': [],
  'the cache’s Redis too small, and evicting': [],
  'the cache’s Redis flushed': [],
  'Blob down': [],
  'Blob slow': [],
  'Blob throttling': [],
  'the cache’s Redis and Blob away at once': [],
  'PostgreSQL away for a while': ['DATABASE_UNAVAILABLE'],
  'PostgreSQL killed and started again': [],
  'files with damaged blocks, later repaired': ['ASSET_UNREADABLE'],
  // The storage may be well again when the worker asks it what was wrong.
  'storage of the files throttling for a while': ['STORAGE_UNAVAILABLE', 'ASSET_UNREADABLE'],
}

/** Clients saw nothing of the fault of this test but what the table has for it; of tiles in every cache only what a killed process explains. */
export function expectEnds(seen: readonly Seen[]): void {
  const ends = expectedEnds[expect.getState().currentTestName ?? '']
  if (!ends) throw new Error('the test has no line in expectedEnds')
  expect(Object.keys(troubles(seen)).filter((end) => !ends.includes(end))).toEqual([])
  const ofHits = troubles(seen.filter(({ edition }) => edition === 0))
  expect(Object.keys(ofHits).filter((end) => end !== 'CONNECTION' || !ends.includes(end))).toEqual([])
}
