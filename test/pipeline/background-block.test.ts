import { expect, test } from 'vitest'
import { LayeredCache } from '../../src/cache/layered-cache.ts'
import type { StoredTile } from '../../src/cache/tile-cache.ts'
import { tileKey } from '../../src/key/tile-key.ts'
import { TileRenderer } from '../../src/pipeline/render-tile.ts'
import type { RenderJob } from '../../src/queue/render-job.ts'
import type { TileAnnouncer } from '../../src/queue/tile-announcer.ts'
import type { GdalReader } from '../../src/read/gdal-reader.ts'
import { renderParameters } from '../support/render-parameters.ts'

const series = {
  layer: { kind: 'search', id: 'a'.repeat(32) },
  generation: 0,
  tileMatrixSetId: 'WebMercatorQuad',
  render: renderParameters(),
  format: 'png',
} as const
const job: RenderJob = {
  series,
  z: 9,
  x: 8,
  y: 8,
  columns: 4,
  rows: 4,
  first: null,
  runId: 'r',
  runIndex: 0,
  force: false,
}
const place = (x: number, y: number) => `${x},${y}`
const { signal } = new AbortController()

/** A block of tiles without imagery; what was claimed together and what was stored, in their order. `wanted`: tiles somebody waits for. */
function setUp(wanted: readonly string[] = []) {
  const names = new Map<string, string>()
  for (let y = 8; y < 12; y++) for (let x = 8; x < 12; x++) names.set(tileKey(series, { z: 9, x, y }), place(x, y))
  const nameOf = (key: string) => names.get(key) ?? key
  const stored = new Map<string, StoredTile>()
  const order: string[] = []
  const claims: string[][] = []
  const tier = {
    name: 'redis' as const,
    get: async (key: string) => stored.get(key) ?? null,
    head: async (key: string) => stored.get(key) ?? null,
    put: async (key: string, tile: StoredTile) => {
      stored.set(key, tile)
      order.push(nameOf(key))
    },
  }
  const announcer = {
    announce: async () => undefined,
    claim: async (keys: readonly string[]) => {
      claims.push(keys.map(nameOf))
      return new Set(keys.filter((key) => wanted.includes(nameOf(key))))
    },
  } as unknown as TileAnnouncer
  const reader = { read: async () => null, together: () => reader } as unknown as GdalReader
  const renderer = new TileRenderer({
    cache: new LayeredCache(null, [tier], (...failure) => expect(failure).toBeNull()),
    search: { itemsFor: async () => ({ items: [], truncated: null }) },
    reader,
    announcer,
    report: () => undefined,
  })
  return { renderer, order, claims }
}

test('a background job claims and renders 16 tiles at a time while no live job is near, and four where one may come', async () => {
  const calm = setUp()
  await calm.renderer.render(job, signal, async () => true)
  expect(calm.claims.map((tiles) => tiles.length)).toEqual([16])
  const busy = setUp()
  let ways = 0
  await busy.renderer.render(job, signal, async () => {
    ways++
    return false
  })
  expect(busy.claims.map((tiles) => tiles.length)).toEqual([4, 4, 4, 4])
  expect(busy.claims[0]).toEqual([place(8, 8), place(9, 8), place(8, 9), place(9, 9)])
  expect(ways).toBe(4)
  expect(busy.order).toHaveLength(16)
})

test('tiles of a background job that clients wait for come last: their live jobs have them by then', async () => {
  const wanted = [place(8, 8), place(11, 11)]
  const { renderer, order } = setUp(wanted)
  const { counts } = await renderer.render(job, signal, async () => true)
  expect(order.slice(-2).sort()).toEqual([...wanted].sort())
  expect(counts.empty).toBe(16)
})

test('a live job claims nothing and waits for nobody', async () => {
  const { renderer, claims, order } = setUp()
  await renderer.render({ ...job, runId: null, runIndex: null }, signal)
  expect(claims).toEqual([])
  expect(order).toHaveLength(16)
})
