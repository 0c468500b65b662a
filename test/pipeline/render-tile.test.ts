import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LayeredCache } from '../../src/cache/layered-cache.ts'
import type { StoredTile } from '../../src/cache/tile-cache.ts'
import type { TileSeries } from '../../src/key/tile-key.ts'
import { TileRenderer } from '../../src/pipeline/render-tile.ts'
import type { RenderJob } from '../../src/queue/render-job.ts'
import type { TileAnnouncer } from '../../src/queue/tile-announcer.ts'
import { createGdalReader, type GdalReader } from '../../src/read/gdal-reader.ts'
import type { Item } from '../../src/search/item.ts'
import { type Bounds, boundsOverlap } from '../../src/tile/bounds.ts'
import { makeRaster, type RasterSpec } from '../support/raster-factory.ts'
import { asset, renderParameters } from '../support/render-parameters.ts'

/** Tiles of zoom 9 around 9°E 46°N: 8 × 8, of which the files cover most. */
const z = 9
const [left, top, side] = [264, 180, 8]

const folder = mkdtempSync(join(tmpdir(), 'render-tile-'))
const readers: GdalReader[] = []
const items: Item[] = []
const { signal } = new AbortController()

/** Park and Miller's generator, so that a failure comes again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

const wave = (band: number, column: number, row: number) =>
  Math.round(120 + 60 * Math.sin((column + 40 * band) / 11) + 60 * Math.cos(row / 17))

beforeAll(() => {
  const common = {
    folder,
    width: 600,
    height: 500,
    block: 64,
    overviews: [{ factor: 2 }, { factor: 4 }],
    samples: wave,
  }
  const degrees = { crs: 'EPSG:4326', pixel: 0.004 }
  // One of each kind of validity and of projection, over one another.
  const files: { spec: RasterSpec; bbox: Bounds }[] = [
    {
      spec: {
        ...common,
        name: 'alpha',
        crs: 'EPSG:32632',
        origin: [480_000, 5_180_000],
        pixel: 300,
        bands: 4,
        alpha: true,
        samples: (band, column, row) =>
          band < 3 ? wave(band, column, row) : Math.hypot(column - 300, row - 250) < 240 ? 255 : 0,
      },
      bbox: [8.7, 45.3, 11.2, 46.8],
    },
    {
      spec: {
        ...common,
        ...degrees,
        name: 'nodata',
        origin: [6.2, 47],
        bands: 3,
        nodata: 0,
        samples: (band, column, row) => (((column >> 5) + (row >> 5)) % 3 === 0 ? 0 : wave(band, column, row)),
      },
      bbox: [6.2, 45, 8.6, 47],
    },
    {
      spec: {
        ...common,
        ...degrees,
        name: 'mask',
        origin: [7.4, 46.5],
        bands: 3,
        mask: (column, row) => (column > row ? 255 : 0),
      },
      bbox: [7.4, 44.5, 9.8, 46.5],
    },
    {
      spec: { ...common, ...degrees, name: 'full', origin: [5.5, 47.5], width: 1200, height: 800, bands: 3 },
      bbox: [5.5, 44.3, 10.3, 47.5],
    },
  ]
  for (const { spec, bbox } of files)
    items.push({ id: spec.name, collection: 'c', bbox, assets: new Map([['visual', makeRaster(spec)]]) })
})
afterAll(() => {
  for (const reader of readers) reader.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A worker of its own: an empty cache, no file open. */
function worker() {
  const stored = new Map<string, StoredTile>()
  const tier = {
    name: 'redis' as const,
    get: async (key: string) => stored.get(key) ?? null,
    head: async (key: string) => stored.get(key) ?? null,
    put: async (key: string, tile: StoredTile) => void stored.set(key, tile),
  }
  const reader = createGdalReader({
    hrefResolver: { resolve: (href) => href },
    maxOpenDatasets: 8,
    maxHandlesPerFile: 2,
    scratchBytes: 1 << 24,
  })
  readers.push(reader)
  const renderer = new TileRenderer({
    cache: new LayeredCache(null, [tier], (...failure) => expect(failure).toBeNull()),
    search: {
      itemsFor: async (_, box) => ({ items: items.filter(({ bbox }) => boundsOverlap(bbox, box)), truncated: null }),
    },
    reader,
    announcer: { announce: async () => undefined, announceFailure: async () => undefined } as unknown as TileAnnouncer,
    report: () => undefined,
  })
  return { stored, renderer }
}

function seriesOf(kernel: 'nearest' | 'bilinear', format: TileSeries['format']): TileSeries {
  const render = renderParameters({ assets: [asset('visual', [1, 2, 3])], resampling: kernel, reproject: kernel })
  return {
    layer: { kind: 'search', id: 'a'.repeat(32) },
    generation: 0,
    tileMatrixSetId: 'WebMercatorQuad',
    render,
    format,
  }
}

/** Blocks of `size` that hold all the tiles, in an order by chance, some of them cut off or in one piece with a neighbour. */
function blocks(series: TileSeries, size: number, random: () => number): RenderJob[] {
  const jobs: RenderJob[] = []
  for (let y = 0; y < side; y += size) {
    for (let x = 0; x < side; x += size) {
      const [columns, rows] = [Math.min(size, side - x), Math.min(size, side - y)]
      jobs.push({
        series,
        z,
        x: left + x,
        y: top + y,
        columns,
        rows,
        first: null,
        runId: 'r',
        runIndex: 0,
        force: false,
      })
    }
  }
  return jobs
    .map((job) => ({ job, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ job }) => job)
}

async function renderAll(jobs: readonly RenderJob[], concurrency: number): Promise<Map<string, StoredTile>> {
  const { stored, renderer } = worker()
  const pending = jobs.values()
  const lane = async () => {
    for (const job of pending) {
      const { counts, failures } = await renderer.render(job, signal)
      expect(failures).toEqual([])
      expect(counts.image + counts.empty).toBe(job.columns * job.rows)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return stored
}

test.each([
  ['nearest', 'png', 1],
  ['nearest', 'auto', 2],
  ['bilinear', 'png', 3],
] as const)(
  'a tile has the same bytes for every size of block, worker, order and concurrency (%s, %s)',
  { timeout: 120_000 },
  async (kernel, format, seed) => {
    const series = seriesOf(kernel, format)
    const random = seeded(seed)
    const alone = await renderAll(blocks(series, 1, random), 1)
    expect(alone.size).toBe(side * side)
    // Enough different pictures that a mix-up would show.
    expect(new Set([...alone.values()].map(({ etag }) => etag)).size).toBeGreaterThan(20)
    for (const [size, concurrency] of [
      [1, 5],
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 1],
      [8, 1],
    ] as const) {
      const together = await renderAll(blocks(series, size, random), concurrency)
      for (const [key, tile] of alone) {
        const other = together.get(key)
        expect(other?.etag, `${key} in blocks of ${size}`).toBe(tile.etag)
        expect(other?.body.equals(tile.body)).toBe(true)
      }
    }
  },
)

test.each(['r', null])('tiles of a block that fail leave the others as they are (run %s)', async (runId) => {
  const series = seriesOf('nearest', 'png')
  const alone = await renderAll(blocks(series, 1, seeded(4)), 1)
  const { stored, renderer } = worker()
  const assets = new Map([['visual', join(folder, 'gone.tif')]])
  items.unshift({ id: 'gone', collection: 'c', bbox: [5.6, 46.9, 5.7, 47], assets })
  const job = {
    series,
    z,
    x: left,
    y: top,
    columns: side,
    rows: side,
    first: runId === null ? { z, x: left + 1, y: top } : null,
    runId,
    runIndex: runId === null ? null : 0,
    force: false,
  }
  const { failures } = await renderer.render(job, signal).finally(() => items.shift())
  expect(failures.map(({ x, y, error }) => [x, y, error.code])).toEqual([[left, top, 'ASSET_UNREADABLE']])
  expect(stored.size).toBe(side * side - 1)
  for (const [key, tile] of stored) expect(tile.etag).toBe(alone.get(key)?.etag)
})
