import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LiveFirst } from '../../src/queue/live-first.ts'

const { signal } = new AbortController()

test('background work does not wait where no live job has run', async () => {
  const started = performance.now()
  expect(await new LiveFirst().makeWay(signal)).toBe(true)
  expect(performance.now() - started).toBeLessThan(40)
})

test('it waits until live jobs have ended and been quiet for a while', async () => {
  const first = new LiveFirst()
  const live = first.run(() => sleep(60))
  const started = performance.now()
  expect(await first.makeWay(signal)).toBe(true)
  expect(performance.now() - started).toBeGreaterThan(100)
  await live
})

test('it goes on all the same, though told that it is not quiet, beside live jobs that never end', async () => {
  const first = new LiveFirst()
  const gate = Promise.withResolvers<void>()
  const live = first.run(() => gate.promise)
  expect(await first.makeWay(signal)).toBe(false)
  gate.resolve()
  await live
})

test('a live job that fails does not hold it', async () => {
  const first = new LiveFirst()
  await expect(first.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await first.makeWay(signal)).toBe(true)
})

test('it ends at once when it is aborted', async () => {
  const first = new LiveFirst()
  const gate = Promise.withResolvers<void>()
  const live = first.run(() => gate.promise)
  const abort = new AbortController()
  const waiting = first.makeWay(abort.signal)
  abort.abort(new Error('over'))
  await expect(waiting).rejects.toThrow('over')
  gate.resolve()
  await live
})
