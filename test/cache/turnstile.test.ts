import { expect, test } from 'vitest'
import { Turnstile } from '../../src/cache/turnstile.ts'

test('a turnstile lets so many run, so many wait in order, and turns the rest away', async () => {
  const turnstile = new Turnstile({ width: 2, mostWaiting: 2 })
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const begun: number[] = []
  const calls = gates.map(({ promise }, index) =>
    turnstile.run(async () => {
      begun.push(index)
      await promise
      if (index === 0) throw new Error('first')
      return index
    }),
  )
  await expect(turnstile.run(async () => 5)).rejects.toThrow('too many')
  expect([begun, turnstile.waiting]).toEqual([[0, 1], 2])
  gates[0]?.resolve()
  await expect(calls[0]).rejects.toThrow('first')
  expect(begun).toEqual([0, 1, 2])
  for (const gate of gates) gate.resolve()
  expect(await Promise.all(calls.slice(1))).toEqual([1, 2, 3])
  expect(await turnstile.run(async () => 5)).toBe(5)
})
