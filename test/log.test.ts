import { expect, test } from 'vitest'
import { OutageLog } from '../src/log.ts'

test('an outage is told at once, then every half minute with how often it happened', () => {
  const lines: unknown[] = []
  let now = 0
  const outages = new OutageLog({ warn: (...line: unknown[]) => lines.push(line) }, () => now)
  for (let i = 0; i < 100; i++) {
    outages.warn('queue', { server: 'queue' }, 'Redis connection')
    now += 400
  }
  outages.warn('cache', { server: 'cache' }, 'Redis connection')
  expect(lines).toEqual([
    [{ server: 'queue' }, 'Redis connection'],
    [{ server: 'queue', times: 75 }, 'Redis connection'],
    [{ server: 'cache' }, 'Redis connection'],
  ])
})
