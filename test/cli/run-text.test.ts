import { describe, expect, test } from 'vitest'
import { duration, grouped, zoomsText } from '../../apps/cli/run-text.ts'

describe('what the CLI prints', () => {
  test.each([
    [0, '0s'],
    [59, '59s'],
    [60, '1m 0s'],
    [252, '4m 12s'],
    [3_600, '1h 0m'],
    [86_399, '23h 59m'],
    [200_000, '2d 7h'],
  ])('%i seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })

  test('digits stand in groups of three', () => {
    expect([0, 999, 1_000, 12_345, 1_234_567].map(grouped)).toEqual(['0', '999', '1 000', '12 345', '1 234 567'])
  })

  test('neighbouring zooms are joined', () => {
    expect(zoomsText([0, 1, 2, 3])).toBe('0-3')
    expect(zoomsText([0, 3, 4, 9])).toBe('0,3-4,9')
  })
})
