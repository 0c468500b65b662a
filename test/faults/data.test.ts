import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FaultedSystem, startFaultedSystem } from '../support/faulted-system.ts'
import { ask, expectError } from '../support/http.ts'
import { until } from '../support/programs.ts'
import { isMiss } from '../support/traffic.ts'
import { expectEnds } from './expected-ends.ts'

let faulted: FaultedSystem

beforeAll(async () => {
  // Items are asked for anew every second, so that the database matters.
  faulted = await startFaultedSystem({
    editions: 8,
    environment: { ITEM_INDEX_TTL_SECONDS: '1', RENDER_ATTEMPTS: '2' },
  })
})
afterAll(() => faulted?.release())

test('PostgreSQL away for a while', async () => {
  const started = performance.now()
  const { apis, imagery, postgres, traffic } = faulted
  faulted.system.announce({ msg: 'an idle database connection broke' })
  faulted.system.announce({ msg: 'items of a layer could not be refreshed' })
  faulted.system.announce({ code: 'DATABASE_UNAVAILABLE' })
  const [api] = apis
  const unknown = await faulted.register({ datetime: '2000-01-01T00:00:00Z/..' })
  const [tile] = imagery.tiles
  await postgres.stop()
  faulted.missAnew()
  await faulted.answered(15, isMiss)
  // No worker has met this search.
  expectError(await ask(api!, unknown(1, tile!)), 503, 'DATABASE_UNAVAILABLE')
  await postgres.start()
  await until('its tiles come', async () => (await ask(api!, unknown(1, tile!))).status === 200, 30_000)
  expect((await ask(api!, unknown(1, tile!))).body).toEqual(imagery.expected(tile!))
  faulted.missAnew()
  await faulted.answered(15, isMiss)
  await faulted.expectAllWell()
  expectEnds(traffic.since(started))
})

test('PostgreSQL killed and started again', async () => {
  const started = performance.now()
  const { postgres, traffic } = faulted
  faulted.missAnew()
  await faulted.answered(5, isMiss)
  await postgres.kill()
  await postgres.start()
  await faulted.answered(10, isMiss)
  await faulted.expectAllWell()
  expectEnds(traffic.since(started))
})

test('files with damaged blocks, later repaired', async () => {
  const started = performance.now()
  const { imagery, traffic } = faulted
  faulted.system.announce({ code: 'ASSET_UNREADABLE' })
  const edition = faulted.missAnew()
  imagery.spoil(edition, 'damaged')
  await faulted.answered(10, ({ end }) => end === 'ASSET_UNREADABLE')
  imagery.heal(edition)
  await faulted.expectAllWell()
  expectEnds(traffic.since(started))
})

test('storage of the files throttling for a while', async () => {
  const started = performance.now()
  const { imagery, traffic } = faulted
  faulted.system.announce({ code: 'STORAGE_UNAVAILABLE' })
  const edition = faulted.missAnew()
  imagery.spoil(edition, 'throttling')
  await faulted.answered(4, ({ end }) => end === 'STORAGE_UNAVAILABLE')
  imagery.heal(edition)
  await faulted.expectAllWell()
  expectEnds(traffic.since(started))
})

test('all this left nothing in the logs but what it should', async () => {
  await faulted.traffic.stop()
  await faulted.system.stopPrograms()
  expect(faulted.system.unexpectedLogs().slice(0, 20)).toEqual([])
})
