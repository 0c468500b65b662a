import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { readConfig } from '../../src/config.ts'
import { renderImage } from '../../src/pipeline/render-image.ts'
import { configureGdal } from '../../src/read/gdal-environment.ts'
import { createGdalReader } from '../../src/read/gdal-reader.ts'
import { AssetHrefResolver } from '../../src/read/href-resolver.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import { createDatabase } from '../../src/search/database.ts'
import { createPgstacSearch } from '../../src/search/pgstac-search.ts'
import { tileBounds, tileLonLatBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'

/**
 * The worker's path from search to encoded bytes in one process, a tile after the other: no HTTP, no queue, no cache.
 *
 *   in-process.ts SEARCH QUERY TILE_LIST WARM_UP
 *
 * Settings come from the environment, as a worker's. The first WARM_UP tiles of the list are not measured. Prints the milliseconds of each
 * of the others as a JSON array.
 */
const [search = '', query = '', list = '', warmUp = '0'] = process.argv.slice(2)
const config = readConfig(process.env)
configureGdal({
  blockCacheBytes: config.GDAL_CACHEMAX * 1_048_576,
  networkCacheBytes: config.CPL_VSIL_CURL_CACHE_SIZE,
  ingestedBytesAtOpen: 32_768,
  connectTimeoutSeconds: 5,
  requestTimeoutSeconds: config.GDAL_HTTP_TIMEOUT,
  retries: config.GDAL_HTTP_MAX_RETRY,
  retryDelaySeconds: 0.3,
})
const hrefResolver = new AssetHrefResolver({
  accounts: new Map(),
  defaultAccount: null,
  prefixes: config.ASSET_PREFIXES,
  headerFile: null,
  maxRetry: 0,
  retryDelay: 1,
})
const reader = createGdalReader({
  hrefResolver,
  maxOpenDatasets: 64,
  maxHandlesPerFile: availableParallelism(),
  scratchBytes: 2 ** 26,
})
const database = createDatabase({
  connectionString: config.DATABASE_URL,
  poolSize: 1,
  statementTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  applicationName: 'tilepress-bench',
  log: { warn: (details, message) => console.error(message, details) },
})
const items = createPgstacSearch({
  database,
  itemIndexLimit: config.ITEM_INDEX_LIMIT,
  ttlMs: config.ITEM_INDEX_TTL_SECONDS * 1_000,
  log: { warn: (details, message) => console.error(message, details) },
})
const parser = new TileRequestParser({
  scanLimit: config.SEARCH_SCAN_LIMIT,
  itemsLimit: config.SEARCH_ITEMS_LIMIT,
  timeLimitSeconds: config.SEARCH_TIME_LIMIT,
  exitWhenFull: true,
  skipCovered: true,
})
const tms = tileMatrixSets.get('WebMercatorQuad')!
const { signal } = new AbortController()

async function render(place: string): Promise<void> {
  const [z = '', x = '', y = ''] = place.split('/')
  const request = parser.parse({ layer: { kind: 'search', id: search }, tileMatrixSetId: tms.id, z, x, y }, query)
  const { tile, render, format } = request
  const found = await items.itemsFor(request.layer, tileLonLatBounds(tms, tile)!, render.limits, signal)
  const grid = {
    crs: tms.crs,
    bounds: tileBounds(tms, tile),
    width: render.tileSize,
    height: render.tileSize,
  }
  const { inspect } = reader
  await renderImage({ layer: request.layer, items: found.items, grid, render, format, reader, inspect, signal })
}

const times: number[] = []
for (const [index, place] of readFileSync(list, 'utf8').trim().split('\n').entries()) {
  const started = performance.now()
  await render(place)
  if (index >= Number(warmUp)) times.push(performance.now() - started)
}
console.log(JSON.stringify(times.map((ms) => Number(ms.toFixed(3)))))
reader.close()
await database.close()
