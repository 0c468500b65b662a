import type { AccessToken } from '@azure/identity'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { refreshDelay, TokenProvider } from '../../src/auth/token-provider.ts'

const HOUR = 3_600_000

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})

afterEach(() => {
  vi.useRealTimers()
})

function provider(answers: (call: number) => AccessToken | Error | Promise<AccessToken>) {
  const changes: string[] = []
  const failures: string[] = []
  let calls = 0
  const tokens = new TokenProvider({
    scope: 's',
    credential: {
      getToken: async () => {
        const answer = await answers(++calls)
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    onChange: (token) => changes.push(token.token),
    onFailure: (error) => failures.push(error.message),
  })
  return { tokens, changes, failures, calls: () => calls }
}

const hourly = (call: number): AccessToken => ({ token: `t${call}`, expiresOnTimestamp: Date.now() + HOUR })

describe('a token provider', () => {
  test('asks once for many callers', async () => {
    const { tokens, calls } = provider(hourly)
    const got = await Promise.all(Array.from({ length: 50 }, () => tokens.getToken()))
    expect(new Set(got.map((token) => token.token))).toEqual(new Set(['t1']))
    expect(calls()).toBe(1)
  })

  test('renews behind the callers’ back before the end', async () => {
    const { tokens, changes } = provider(hourly)
    await tokens.getToken()
    await vi.advanceTimersByTimeAsync(HOUR / 2)
    expect(changes).toEqual(['t1', 't2'])
    expect((await tokens.getToken()).token).toBe('t2')
  })

  test('keeps the last good token through an outage, never rejects, and recovers by itself', async () => {
    const { tokens, failures } = provider((call) =>
      call > 1 && Date.now() < 2 * HOUR ? new Error('down') : hourly(call),
    )
    await tokens.getToken()
    await vi.advanceTimersByTimeAsync(1.5 * HOUR)
    expect(failures.length).toBeGreaterThan(3)
    expect((await tokens.getToken()).token).toBe('t1')
    expect(tokens.state()).toMatchObject({ status: 'expired' })
    await vi.advanceTimersByTimeAsync(HOUR)
    expect(tokens.state()).toMatchObject({ status: 'valid', lastError: null })
  })

  test('without any token fails with a code within three seconds', async () => {
    const { tokens } = provider(() => new Promise(() => undefined))
    const waiting = expect(tokens.getToken()).rejects.toMatchObject({ code: 'TOKEN_UNAVAILABLE' })
    await vi.advanceTimersByTimeAsync(3_000)
    await waiting
  })

  test('takes an expired token for a failure', async () => {
    const { tokens } = provider(() => ({ token: 'old', expiresOnTimestamp: Date.now() - 1 }))
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'TOKEN_UNAVAILABLE' })
    expect(tokens.state().status).toBe('none')
  })

  test('shows no token in its state', async () => {
    const { tokens } = provider(hourly)
    await tokens.getToken()
    expect(JSON.stringify(tokens.state())).not.toContain('t1')
  })

  test.each([
    [24 * HOUR, 12 * HOUR],
    [HOUR, HOUR / 2],
    [15 * 60_000, 5 * 60_000],
    [5 * 60_000, 75_000],
    [2_000, 1_000],
  ])('of %i ms life is renewed after at most %i ms', (life, latest) => {
    const token = { token: 't', expiresOnTimestamp: life }
    expect(refreshDelay(token, 0, () => 0)).toBe(latest)
    expect(refreshDelay(token, 0, () => 1)).toBeGreaterThanOrEqual(Math.max(1_000, latest * 0.9))
  })
})
