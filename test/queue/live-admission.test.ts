import { describe, expect, test } from 'vitest'
import { admit, waitMs } from '../../src/queue/live-admission.ts'
import { type Crowd, simulate } from '../support/crowd-simulation.ts'

const rules = { limit: 2_000, deadlineMs: 10_000 }

describe('a job that would wait', () => {
  test('is taken while the backlog is worked off in four fifths of the deadline, and refused above', () => {
    expect(admit({ waiting: 800, jobsPerMs: 0.1 }, rules)).toMatchObject({ isRefused: false })
    expect(admit({ waiting: 801, jobsPerMs: 0.1 }, rules)).toEqual({
      isRefused: true,
      reason: 'deadline',
      retryAfterSeconds: 9,
    })
  })

  test('is refused past the limit, however fast the workers are', () => {
    expect(admit({ waiting: 1_999, jobsPerMs: 10 }, rules)).toMatchObject({ isRefused: false })
    expect(admit({ waiting: 2_000, jobsPerMs: 10 }, rules)).toEqual({
      isRefused: true,
      reason: 'limit',
      retryAfterSeconds: 1,
    })
  })

  test('is taken up to the limit when nobody knows how fast the workers are: they may be on their way', () => {
    expect(waitMs({ waiting: 5, jobsPerMs: null })).toBeNull()
    expect(admit({ waiting: 1_999, jobsPerMs: null }, rules)).toEqual({ isRefused: false, newestFirst: false })
    expect(admit({ waiting: 2_000, jobsPerMs: null }, rules)).toEqual({
      isRefused: true,
      reason: 'limit',
      retryAfterSeconds: 2,
    })
  })

  test('waits behind the others while a second works them off, and goes before them above that', () => {
    expect(admit({ waiting: 0, jobsPerMs: null }, rules)).toEqual({ isRefused: false, newestFirst: false })
    expect(admit({ waiting: 230, jobsPerMs: 0.23 }, rules)).toEqual({ isRefused: false, newestFirst: false })
    expect(admit({ waiting: 231, jobsPerMs: 0.23 }, rules)).toEqual({ isRefused: false, newestFirst: true })
  })

  test('is told to come back within a minute', () => {
    expect(admit({ waiting: 1_000, jobsPerMs: 0.001 }, rules)).toMatchObject({ retryAfterSeconds: 60 })
  })
})

/** 230 tiles a second, six at a time; viewers of 12 tiles that stay 3 s on the average, then move on. */
const crowd: Crowd = {
  viewers: 45,
  slots: 6,
  serviceMs: 26,
  tiles: 12,
  stayMs: 3_000,
  pauseMs: 2_000,
  isSeenLeaving: true,
}
const newestFirst: typeof admit = (backlog, given) => ({ ...admit(backlog, given), newestFirst: true }) as never
const oldestFirst: typeof admit = (backlog, given) => ({ ...admit(backlog, given), newestFirst: false }) as never

describe('a simulated crowd', () => {
  test('whose tiles are rendered as fast as they are asked for gets the short tail of oldest first', () => {
    const patient = { ...crowd, stayMs: Number.POSITIVE_INFINITY }
    const [ours, newest] = [simulate(patient, admit), simulate(patient, newestFirst)]
    expect(ours.served).toBeGreaterThan(0.99)
    expect(ours.p99).toBeLessThan(1_200)
    expect(newest.p99).toBeGreaterThan(2 * ours.p99)
  })

  test('twice too large, whose leaving nobody sees, gets its tiles all the same, where oldest first serves those who have left', () => {
    const behindProxy = { ...crowd, viewers: 100, isSeenLeaving: false }
    const [ours, oldest] = [simulate(behindProxy, admit), simulate(behindProxy, oldestFirst)]
    expect(ours.perSecond).toBeGreaterThan(200)
    expect(ours.p95).toBeLessThan(1_000)
    expect(oldest.perSecond).toBeLessThan(60)
  })

  test('six times too large is refused what would be late, and what is served is in time', () => {
    const patient = { ...crowd, viewers: 300, stayMs: Number.POSITIVE_INFINITY }
    const result = simulate(patient, admit)
    expect(result.perSecond).toBeGreaterThan(200)
    expect(result.p99).toBeLessThan(rules.deadlineMs)
    expect(result.mostWaiting).toBeLessThan(8_000 * (crowd.slots / crowd.serviceMs) + crowd.tiles * 300)
  })
})
