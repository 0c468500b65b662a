import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { LayeredCache } from '../../src/cache/layered-cache.ts'
import { MemoryCache } from '../../src/cache/memory-cache.ts'
import { createStoredTile } from '../../src/cache/stored-tile.ts'
import { type TileSeries, tileKey } from '../../src/key/tile-key.ts'
import { ancestorOf, Overzoom } from '../../src/pipeline/overzoom.ts'
import type { Tile } from '../../src/tile/tile.ts'
import { canonicalTile, tileBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { renderParameters } from '../support/render-parameters.ts'

const series: TileSeries = {
  layer: { kind: 'search', id: 'a'.repeat(32) },
  generation: 0,
  tileMatrixSetId: 'WebMercatorQuad',
  render: renderParameters(),
  format: 'png',
}
const tile: Tile = { z: 6, x: 33, y: 21 }
const request = { ...series, tile }

/** Four squares of gray: 10, 20 above, 30, 40 below. */
async function squares(): Promise<Buffer> {
  const data = Buffer.from(
    Array.from({ length: 256 * 256 }, (_, i) => 10 * (1 + (i % 256 >= 128 ? 1 : 0) + (i >= 256 * 128 ? 2 : 0))),
  )
  return await sharp(data, { raw: { width: 256, height: 256, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
}

function setUp(levels = 3, ages: readonly [number, number] = [1_000, 1_000]) {
  const cache = new LayeredCache(new MemoryCache({ maxBytes: 1e7, ttlMs: () => 1e9 }), [], () => undefined)
  const overzoom = new Overzoom({
    cache,
    levels,
    generations: { known: () => null },
    lifeOf: () => ({ softSeconds: ages[0], hardSeconds: ages[1] }),
  })
  const keep = async (at: Tile, now = Date.now(), of = series) =>
    cache.keep(
      tileKey(of, at),
      createStoredTile({ outcome: 'image', contentType: 'image/png', body: await squares() }, null, now),
    )
  return { cache, overzoom, keep }
}

const grayOf = async (png: Buffer) => {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([256, 256])
  return [data[0], data.at(-1)]
}

describe('a tile in place of a missing one', () => {
  test('is the part of its parent where it lies', async () => {
    const { overzoom, keep } = setUp()
    await keep({ z: 5, x: 16, y: 10 })
    // Column 33 and row 21 are the right and lower half of 16 and 10.
    const found = await overzoom.tile(series, request)
    expect(found).toMatchObject({ outcome: 'image', contentType: 'image/png' })
    expect(await grayOf(found!.body)).toEqual([40, 40])
    const left = await overzoom.tile(series, { ...request, tile: { ...tile, x: 32 } })
    expect(await grayOf(left!.body)).toEqual([30, 30])
  })

  test('is of the nearest ancestor there is, and of none too far away', async () => {
    const { overzoom, keep } = setUp(2)
    await keep({ z: 3, x: 4, y: 2 })
    expect(await overzoom.tile(series, request)).toBeNull()
    await keep({ z: 4, x: 8, y: 5 })
    expect(await grayOf((await overzoom.tile(series, request))!.body)).toEqual([10, 10])
  })

  test('is none where the ancestor is past its hard age, empty, or drawn otherwise', async () => {
    const { cache, overzoom, keep } = setUp(1)
    await keep({ z: 5, x: 16, y: 10 }, Date.now() - 2_000_000)
    expect(await overzoom.tile(series, request)).toBeNull()
    cache.keep(tileKey(series, { z: 5, x: 16, y: 10 }), createStoredTile({ outcome: 'empty' }, null, Date.now()))
    expect(await overzoom.tile(series, request)).toBeNull()
    const buffered = renderParameters({ buffer: 1 })
    await keep({ z: 5, x: 16, y: 10 }, Date.now(), { ...series, render: buffered })
    expect(await overzoom.tile({ ...series, render: buffered }, { ...request, render: buffered })).toBeNull()
    for (const format of ['npy', 'pngraw', 'webp'] as const) {
      await keep({ z: 5, x: 16, y: 10 }, Date.now(), { ...series, format })
      expect(await overzoom.tile({ ...series, format }, request), format).toBeNull()
    }
  })

  test('is made a few times a second, so that hits go on', async () => {
    const { overzoom, keep } = setUp()
    await keep({ z: 5, x: 16, y: 10 })
    const started = performance.now()
    const all = await Promise.all(Array.from({ length: 300 }, () => overzoom.tile(series, request)))
    const seconds = Math.ceil((performance.now() - started) / 1_000) + 1
    expect(all.filter((each) => each !== null).length).toBeGreaterThan(0)
    expect(all.filter((each) => each !== null).length).toBeLessThanOrEqual(20 * seconds)
  })
})

test('an ancestor holds its tile in every tile matrix set', () => {
  for (const tms of tileMatrixSets.values()) {
    const z = tms.minZoom + 4
    const { matrixWidth, matrixHeight } = tms.levels[4]!
    for (const [x, y] of [
      [0, 0],
      [Math.floor(matrixWidth / 2), Math.floor(matrixHeight / 2)],
      [matrixWidth - 1, matrixHeight - 1],
    ] as const) {
      const child = canonicalTile(tms, { z, x, y })
      const parent = ancestorOf(tms, child, 1)
      if (!parent) continue
      const [inner, outer] = [tileBounds(tms, child), tileBounds(tms, parent)]
      const slack = (inner[2] - inner[0]) * 1e-5
      expect(inner[0] >= outer[0] - slack && inner[2] <= outer[2] + slack, tms.id).toBe(true)
      expect(inner[1] >= outer[1] - slack && inner[3] <= outer[3] + slack, tms.id).toBe(true)
    }
  }
  const web = tileMatrixSets.get('WebMercatorQuad')!
  expect(ancestorOf(web, { z: 12, x: 2_345, y: 1_234 }, 3)).toEqual({ z: 9, x: 2_345 >> 3, y: 1_234 >> 3 })
  expect(ancestorOf(web, { z: 1, x: 0, y: 0 }, 2)).toBeNull()
})
