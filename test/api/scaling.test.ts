import { expect, test } from 'vitest'
import { wantedWorkers } from '../../apps/api/handlers/scaling.ts'

const config = { WORKER_CONCURRENCY: 3, BACKGROUND_CONCURRENCY: 1, SCALE_WAITING_PER_WORKER: 100 }
const jobs = (wait: number, active: number) => ({ wait, active, delayed: 0, failed: 0 })

test.each([
  ['nothing to do', jobs(0, 0), jobs(0, 0), 0],
  ['renders under way keep their workers, though nothing waits', jobs(0, 30), jobs(0, 0), 10],
  ['what waits is worked off by more', jobs(250, 6), jobs(0, 0), 4.5],
  ['a worker has slots of both kinds', jobs(0, 6), jobs(0, 2), 2],
  ['a run that waits asks for one more than there are', jobs(0, 0), jobs(64, 5), 6],
])('%s', (_, live, background, replicas) => {
  expect(wantedWorkers({ live, background }, config)).toBe(replicas)
})
