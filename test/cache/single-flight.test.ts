import { describe, expect, test } from 'vitest'
import { SingleFlight } from '../../src/cache/single-flight.ts'

const stay = () => new AbortController().signal

describe('a single flight', () => {
  test('runs one call for many callers', async () => {
    const flights = new SingleFlight<string, number>()
    let calls = 0
    const call = async () => ++calls
    const rides = Array.from({ length: 10 }, () => flights.run('k', call, stay()))
    expect(rides.map((ride) => ride.joined)).toEqual([false, ...Array(9).fill(true)])
    expect(await Promise.all(rides.map((ride) => ride.promise))).toEqual(Array(10).fill(1))
    expect(flights.size).toBe(0)
  })

  test('shows a failure to those who wait and to nobody after', async () => {
    const flights = new SingleFlight<string, number>()
    const failing = flights.run('k', () => Promise.reject(new Error('once')), stay())
    await expect(failing.promise).rejects.toThrow('once')
    await expect(flights.run('k', async () => 2, stay()).promise).resolves.toBe(2)
  })

  test('goes on when one of two leaves, and is aborted when the last one does', async () => {
    const flights = new SingleFlight<string, number>()
    const [first, second] = [new AbortController(), new AbortController()]
    let seen: AbortSignal | undefined
    const call = (signal: AbortSignal) => {
      seen = signal
      return new Promise<number>(() => undefined)
    }
    const a = flights.run('k', call, first.signal)
    const b = flights.run('k', call, second.signal)
    first.abort(new Error('left'))
    await expect(a.promise).rejects.toThrow('left')
    expect(seen?.aborted).toBe(false)
    second.abort(new Error('left too'))
    await expect(b.promise).rejects.toThrow('left too')
    expect(seen?.aborted).toBe(true)
    expect(flights.size).toBe(0)
  })

  test('starts anew for a caller who comes after the last one left', async () => {
    const flights = new SingleFlight<string, number>()
    const leaver = new AbortController()
    const gone = flights.run('k', () => new Promise<number>(() => undefined), leaver.signal)
    leaver.abort(new Error('left'))
    await expect(gone.promise).rejects.toThrow()
    const next = flights.run('k', async () => 7, stay())
    expect(next.joined).toBe(false)
    expect(await next.promise).toBe(7)
  })
})
