import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { renderImage } from '../../src/pipeline/render-image.ts'
import { createGdalReader } from '../../src/read/gdal-reader.ts'
import { AssetHrefResolver } from '../../src/read/href-resolver.ts'
import type { Item } from '../../src/search/item.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { tileBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import type { ItemSpec } from './catalogue.ts'
import { type HeldStorage, startHeldStorage } from './held-storage.ts'
import { makeRaster } from './raster-factory.ts'
import { asset, renderParameters } from './render-parameters.ts'
import { searchLimits } from './search-limits.ts'

/** A mosaic of twelve overlapping files, and what its tiles must look like. */
export interface MosaicImagery {
  readonly storage: HeldStorage
  /**
   * Items for the catalogue. They have `editions` assets, `e0`, `e1` …: the same files under names of their own, so that a test has tiles
   * that no cache and files that no GDAL has met, and knows their pixels.
   */
  readonly items: readonly ItemSpec[]
  /** z/x/y of zoom 5: 40 of the mosaic, some of them partly covered, and 4 beside it. */
  readonly tiles: readonly string[]
  /** Degrees; a run over it has all of them but those beside the mosaic. */
  readonly bbox: Bounds
  /** PNG of a tile as a direct render makes it, null for an empty one. */
  expected(tile: string): Buffer | null
  /** From now on the files of an edition have blocks that cannot be decoded, or the storage answers 503 for them. `heal` ends it. */
  spoil(edition: number, how: 'damaged' | 'throttling'): void
  heal(edition: number): void
  close(): Promise<void>
}

const SIDE = 384
const STEP = 18
/** Degrees of a file: a sixth of it lies over its neighbours. */
const SPAN = 21
const columns = [0, 1, 2, 3].map((index) => -15 + index * STEP)
const rows = [0, 1, 2].map((index) => -8 + index * STEP)
const Z = 5

export async function createMosaicImagery(editions: number): Promise<MosaicImagery> {
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-mosaic-'))
  const files = new Map<string, Buffer>()
  const placed: { name: string; bbox: Bounds }[] = []
  for (const [at, [west, south]] of rows.flatMap((y) => columns.map((x) => [x, y] as const)).entries()) {
    const path = makeRaster({
      folder,
      name: `scene-${at}`,
      width: SIDE,
      height: SIDE,
      crs: 'EPSG:4326',
      origin: [west, south + SPAN],
      pixel: SPAN / SIDE,
      bands: 3,
      // Each file its own pattern: no two tiles look alike. Half of them in steps, so that some tiles are small enough to go with the news.
      samples: (band, x, y) => {
        const value = 128 + Math.round(60 * Math.sin((x + 7 * at) / (5 + band)) + 60 * Math.cos(y / (6 + at)))
        return at % 2 === 0 ? value & 0xe0 : value
      },
    })
    files.set(`scene-${at}`, await readFile(path))
    placed.push({ name: `scene-${at}`, bbox: [west, south, west + SPAN, south + SPAN] })
  }
  const spoiled = new Map<string, 'damaged' | 'throttling'>()
  const storage = await startHeldStorage((path) => {
    const [edition = '', name = ''] = path.split('/')
    const file = files.get(name)
    const how = spoiled.get(edition)
    if (!file) return 404
    if (how === 'throttling') return 503
    return how === 'damaged' ? damaged(file) : file
  })
  // Later scenes are newer, and pgSTAC gives the newest first.
  const dateOf = (at: number) => new Date(Date.UTC(2024, 0, 1 + at)).toISOString()
  const names = Array.from({ length: editions }, (_, edition) => `e${edition}`)
  const items = placed.map(({ name, bbox }, at) => ({
    id: name,
    bbox,
    datetime: dateOf(at),
    assets: Object.fromEntries(names.map((edition) => [edition, storage.href(`${edition}/${name}`)])),
  }))
  const newestFirst = placed.toReversed().map(
    ({ name, bbox }): Item => ({
      id: name,
      collection: '',
      bbox,
      assets: new Map([['e0', join(folder, `${name}.tif`)]]),
    }),
  )
  const covered = [11, 12, 13, 14, 15].flatMap((y) => columnsOf(14, 21).map((x) => `${Z}/${x}/${y}`))
  const tiles = [...covered, ...columnsOf(23, 26).map((x) => `${Z}/${x}/12`)]
  const expected = await renderDirectly(newestFirst, tiles, folder)
  return {
    storage,
    items,
    tiles,
    bbox: [-22, 1, 67, 48],
    expected: (tile) => {
      const image = expected.get(tile)
      if (image === undefined) throw new Error(`${tile} is none of the mosaic's tiles`)
      return image
    },
    spoil: (edition, how) => void spoiled.set(`e${edition % editions}`, how),
    heal: (edition) => void spoiled.delete(`e${edition % editions}`),
    close: async () => {
      await Promise.all([storage.close(), rm(folder, { recursive: true, force: true })])
    },
  }
}

const columnsOf = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** The header stays whole, so that the file opens; of what follows every second kilobyte is noise that DEFLATE refuses. */
function damaged(file: Buffer): Buffer {
  const bytes = Buffer.from(file)
  for (let at = bytes.length >> 2; at < bytes.length - (bytes.length >> 3); at++) if ((at >> 10) % 2) bytes[at] = 0xff
  return bytes
}

/** No queue, no cache, no network: search order → read → mosaic → encode in this process, from the files themselves. */
async function renderDirectly(
  items: readonly Item[],
  tiles: readonly string[],
  folder: string,
): Promise<Map<string, Buffer | null>> {
  const hrefResolver = new AssetHrefResolver({
    accounts: new Map(),
    defaultAccount: null,
    prefixes: [`${folder}/`],
    headerFile: null,
    maxRetry: 0,
    retryDelay: 1,
  })
  const reader = createGdalReader({ hrefResolver, maxOpenDatasets: 16, maxHandlesPerFile: 1, scratchBytes: 2 ** 24 })
  const tms = tileMatrixSets.get('WebMercatorQuad')!
  const render = renderParameters({ assets: [asset('e0')], limits: searchLimits })
  const { signal } = new AbortController()
  const layer = { kind: 'search', id: '' } as const
  const images = new Map<string, Buffer | null>()
  try {
    for (const tile of tiles) {
      const [z = 0, x = 0, y = 0] = tile.split('/').map(Number)
      const grid = { crs: tms.crs, bounds: tileBounds(tms, { z, x, y }), width: 256, height: 256 }
      const image = await renderImage({
        layer,
        items,
        grid,
        render,
        format: 'png',
        reader,
        inspect: reader.inspect,
        signal,
      })
      images.set(tile, image.outcome === 'empty' ? null : image.body)
    }
  } finally {
    reader.close()
  }
  return images
}
