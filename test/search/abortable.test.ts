import { describe, expect, test } from 'vitest'
import { abortable, within } from '../../src/search/abortable.ts'

describe('waiting for work', () => {
  test('ends with the signal, and does not start after it', async () => {
    const stop = new AbortController()
    const waiting = abortable(() => new Promise(() => {}), stop.signal)
    stop.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    let started = false
    const late = abortable(async () => {
      started = true
    }, stop.signal)
    await expect(late).rejects.toThrow('left')
    expect(started).toBe(false)
  })

  test('gives what the work gives, or its failure', async () => {
    const { signal } = new AbortController()
    expect(await abortable(async () => 7, signal)).toBe(7)
    await expect(abortable(() => Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken')
  })

  test('gives null when patience ends first', async () => {
    expect(await within(Promise.resolve(7), 10_000)).toBe(7)
    expect(await within(new Promise(() => {}), 5)).toBeNull()
  })
})
