import { expect, test, vi } from 'vitest'
import { CircuitBreaker } from '../../src/cache/circuit-breaker.ts'

test('a tier’s rest ends also where the machine’s time is set back meanwhile', async () => {
  const breaker = new CircuitBreaker({ threshold: 1, restMs: 500 })
  const now = Date.now()
  breaker.fail()
  vi.spyOn(Date, 'now').mockReturnValue(now - 300_000)
  expect(breaker.admit()).toBe(false)
  await vi.waitFor(() => expect(breaker.admit()).toBe(true), { timeout: 10_000 })
})
