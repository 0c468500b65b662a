import { describe, expect, test } from 'vitest'
import { cacheControl } from '../../apps/api/cache-control.ts'
import { tileLives } from '../../src/freshness/tile-freshness.ts'

const now = 1_700_000_000_000
const rules = {
  maxAgeSeconds: 3_600,
  lifeOf: tileLives({ TILE_FRESH_SECONDS: 43_200, TILE_TTL_SECONDS: 86_400, EMPTY_TTL_SECONDS: 300 }),
}
const of = (
  ageSeconds: number,
  more: { spread?: number; outcome?: 'image' | 'empty'; maxAgeSeconds?: number } = {},
) => {
  const tile = { outcome: more.outcome ?? ('image' as const), renderedAt: now - ageSeconds * 1_000 }
  return cacheControl(tile, 'HIT-MEMORY', { ...rules, ...more }, more.spread ?? 1, now)
}

describe('Cache-Control', () => {
  test('of a new tile has the configured max-age, spread by the tile’s place', () => {
    expect(of(0)).toBe('public, max-age=3600, stale-while-revalidate=43200, stale-if-error=86400')
    expect(of(0, { spread: 0.9 })).toBe('public, max-age=3240, stale-while-revalidate=47520, stale-if-error=86400')
    expect(of(0, { spread: 1.1 })).toMatch(/max-age=3960,/)
  })

  test('promises no more freshness than the tile has left, and no more life', () => {
    expect(of(43_000)).toBe('public, max-age=200, stale-while-revalidate=43200, stale-if-error=86400')
    expect(of(43_200)).toBe('public, max-age=0, stale-while-revalidate=43200, stale-if-error=86400')
  })

  test('of an empty tile is short', () => {
    expect(of(0, { outcome: 'empty' })).toBe('public, max-age=60, stale-while-revalidate=150, stale-if-error=86400')
    expect(of(140, { outcome: 'empty' })).toMatch(/max-age=10,/)
  })

  test('of a stale tile lets clients come back for the new one soon', () => {
    const tile = { outcome: 'image' as const, renderedAt: now - 50_000_000 }
    expect(cacheControl(tile, 'STALE', rules, 1, now)).toBe(
      'public, max-age=10, stale-while-revalidate=36390, stale-if-error=86400',
    )
  })

  test('without max-age is without', () => {
    expect(of(0, { maxAgeSeconds: 0 })).toMatch(/max-age=0,/)
  })
})
