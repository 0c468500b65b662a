import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { renderImage, type StageTimings } from '../../src/pipeline/render-image.ts'
import { configureGdal } from '../../src/read/gdal-environment.ts'
import { createGdalReader, type ReadStage } from '../../src/read/gdal-reader.ts'
import type { Reprojection } from '../../src/request/tile-request.ts'
import type { Item } from '../../src/search/item.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import type { TileFormat } from '../../src/tile/format.ts'
import type { Tile } from '../../src/tile/tile.ts'
import { matrixOf, tileBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { areasOf, tileRange } from '../../src/tile/tile-range.ts'
import { makeRaster } from '../support/raster-factory.ts'
import { asset, renderParameters } from '../support/render-parameters.ts'

/**
 * Times the renderer alone, in one process: read, mosaic, colour, encode. The last line is JSON.
 *
 *   render.ts [--world DIR] [--tiles N] [--lanes N] [--format auto|png|jpeg|webp] [--reproject nearest|bilinear] [--size 256|512] [--seed N]
 *             [--cache MB] [--handles N]
 *
 * `--world`: a folder with items.json, tiles.txt and the files; else sample imagery made for the run. `--cache`: GDAL's block
 * cache. `--handles`: how many times one file is open.
 */
const { values } = parseArgs({
  options: {
    world: { type: 'string' },
    tiles: { type: 'string', default: '1425' },
    lanes: { type: 'string', default: '4' },
    format: { type: 'string', default: 'auto' },
    reproject: { type: 'string', default: 'nearest' },
    size: { type: 'string', default: '256' },
    seed: { type: 'string', default: '1' },
    cache: { type: 'string', default: '256' },
    handles: { type: 'string', default: '2' },
  },
})

const tms = tileMatrixSets.get('WebMercatorQuad')!
const size = Number(values.size)
const render = renderParameters({
  assets: [asset('asset')],
  reproject: values.reproject as Reprojection,
  tileSize: size,
})

const temporary = mkdtempSync(join(tmpdir(), 'render-bench-'))
try {
  await main()
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

async function main(): Promise<void> {
  configureGdal({
    blockCacheBytes: Number(values.cache) * 2 ** 20,
    networkCacheBytes: 2 ** 24,
    ingestedBytesAtOpen: 32_768,
    connectTimeoutSeconds: 5,
    requestTimeoutSeconds: 30,
    retries: 0,
    retryDelaySeconds: 1,
  })
  const world = resolve(values.world ?? join(import.meta.dirname, '../../../shared/data/world'))
  const { name, items, tiles } = existsSync(join(world, 'items.json')) ? worldImagery(world) : sampleImagery(temporary)
  /** Of the stage `read`; the rest of it is waiting for a handle and between the steps. */
  const reads: Record<ReadStage, number> = { plan: 0, fetch: 0, sample: 0 }
  const reader = createGdalReader({
    hrefResolver: { resolve: (href) => href },
    maxOpenDatasets: 64,
    maxHandlesPerFile: Number(values.handles),
    scratchBytes: 2 ** 26,
    onStage: (stage, milliseconds) => {
      reads[stage] += milliseconds
    },
  })
  const timings: StageTimings = { readMs: 0, mosaicMs: 0, colourMs: 0, encodeMs: 0 }
  const { signal } = new AbortController()
  const pending = tiles.slice(0, Number(values.tiles)).values()
  let rendered = 0
  let bytes = 0
  const lane = async () => {
    for (const tile of pending) {
      const grid = { crs: tms.crs, bounds: tileBounds(tms, tile), width: size, height: size }
      const image = await renderImage({
        layer: { kind: 'search', id: 'bench' },
        items,
        grid,
        render,
        format: values.format as TileFormat,
        reader,
        inspect: reader.inspect,
        signal,
        timings,
      })
      rendered++
      if (image.outcome === 'image') bytes += image.body.length
    }
  }
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const cpu = process.cpuUsage()
  const main = process.threadCpuUsage()
  const started = performance.now()
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane))
  const seconds = (performance.now() - started) / 1000
  loop.disable()
  const used = process.cpuUsage(cpu)
  const usedMain = process.threadCpuUsage(main)
  reader.close()
  const perTile = (microseconds: number) => Number((microseconds / 1000 / rendered).toFixed(3))
  const result = {
    imagery: name,
    tiles: rendered,
    lanes: Number(values.lanes),
    tilesPerSecond: Number((rendered / seconds).toFixed(1)),
    tilesPerCpuSecond: Number((rendered / ((used.user + used.system) / 1e6)).toFixed(1)),
    cpuMsPerTile: perTile(used.user + used.system),
    eventLoopMsPerTile: perTile(usedMain.user + usedMain.system),
    eventLoopDelayMs: { p99: loop.percentile(99) / 1e6, max: loop.max / 1e6 },
    stageMsPerTile: Object.fromEntries(
      Object.entries(timings).map(([stage, ms]) => [stage, Number((ms / rendered).toFixed(3))]),
    ),
    readMsPerTile: Object.fromEntries(
      Object.entries(reads).map(([stage, ms]) => [stage, Number((ms / rendered).toFixed(3))]),
    ),
    bytesPerTile: Math.round(bytes / rendered),
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

interface BenchImagery {
  readonly name: string
  readonly items: readonly Item[]
  readonly tiles: readonly Tile[]
}

function worldImagery(folder: string): BenchImagery {
  const lines = (file: string) => readFileSync(join(folder, file), 'utf8').trim().split('\n')
  const items = lines('items.json').map((line) => {
    const { id, bbox, assets } = JSON.parse(line) as {
      id: string
      bbox: Bounds
      assets: Record<string, { href: string }>
    }
    const href = Object.values(assets)[0]?.href.split('/').at(-1) ?? ''
    return { id, collection: 'world', bbox, assets: new Map([['asset', join(folder, href)]]) }
  })
  const tiles = lines('tiles.txt').map((line) => {
    const [z = 0, x = 0, y = 0] = line.split('/').map(Number)
    return { z, x, y }
  })
  return { name: 'world', items, tiles }
}

/** Four JPEG files of 2,048 × 2,048 pixels that cover the north-eastern eighth of the world, and random tiles of zooms 3 to 6 there. */
function sampleImagery(folder: string): BenchImagery {
  const pixels = 2048
  const degrees = 30
  const items = [0, 1, 2, 3].map((index): Item => {
    const [west, north] = [(index % 2) * degrees, 60 - Math.floor(index / 2) * degrees]
    const path = makeRaster({
      folder,
      name: `sample-${index}`,
      width: pixels,
      height: pixels,
      crs: 'EPSG:4326',
      origin: [west, north],
      pixel: degrees / pixels,
      bands: 3,
      samples: (band, column, row) => 128 + 60 * Math.sin((column + band * 300) / 37) + 60 * Math.cos(row / 53),
      overviews: [{ factor: 2 }, { factor: 4 }, { factor: 8 }],
      compression: 'JPEG',
      block: 512,
    })
    return {
      id: `sample-${index}`,
      collection: 'sample',
      bbox: [west, north - degrees, west + degrees, north],
      assets: new Map([['asset', path]]),
    }
  })
  const random = seeded(Number(values.seed))
  const tiles = Array.from({ length: Number(values.tiles) }, (): Tile => {
    const z = 3 + Math.floor(random() * 4)
    const [lon, lat] = [random() * 60, random() * 60]
    const [area] = areasOf(tms, [lon, lat, lon, lat])
    const { minX, minY } = tileRange(matrixOf(tms, z), area!)!
    return { z, x: minX, y: minY }
  })
  return { name: 'sample', items, tiles }
}

/** Park and Miller's generator: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}
