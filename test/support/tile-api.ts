import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { createApi } from '../../apps/api/app.ts'
import { createTileHandler } from '../../apps/api/handlers/tile.ts'
import type { MosaicAccess } from '../../apps/api/mosaic-access.ts'
import type { Route } from '../../apps/api/route.ts'
import { LayeredCache } from '../../src/cache/layered-cache.ts'
import { MemoryCache } from '../../src/cache/memory-cache.ts'
import type { StoredTile, TileCache } from '../../src/cache/tile-cache.ts'
import type { EmptyAnswer } from '../../src/config.ts'
import { TilepressError } from '../../src/errors.ts'
import type { LayerState } from '../../src/freshness/layer-state.ts'
import { tileKey } from '../../src/key/tile-key.ts'
import { createApiMetrics } from '../../src/metrics.ts'
import { TileService, type TileServiceParts } from '../../src/pipeline/serve-tile.ts'
import type { Releasers } from '../../src/release.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import type { Layer } from '../../src/request/tile-request.ts'
import { searchLimits } from './search-limits.ts'

export const searchId = '0123456789abcdef0123456789abcdef'

export interface TileApiSetup {
  readonly tiers: readonly TileCache[]
  readonly withMemory?: boolean
  readonly emptyTile?: EmptyAnswer
}

/**
 * The tile routes of an API process on tiers of a test's own: searches, and items. What no tier has is a 503, as there is no queue.
 * `state` may be replaced at any time, as a generation that is raised does.
 */
export async function startTileApi(setup: TileApiSetup, releasers: Releasers) {
  const parser = new TileRequestParser(searchLimits)
  const state: { current: LayerState } = { current: { generation: 0, edition: 0, regions: [] } }
  const generations = {
    get: () => state.current.generation,
    state: () => state.current,
    known: () => state.current,
  } as unknown as TileServiceParts['generations']
  const memory = setup.withMemory === false ? null : new MemoryCache({ maxBytes: 1e7, ttlMs: () => 86_400_000 })
  const failures: string[] = []
  const cache = new LayeredCache(memory, setup.tiers, (tier, operation) => failures.push(`${tier} ${operation}`))
  const noQueue = () => Promise.reject(new TilepressError('QUEUE_UNAVAILABLE', 'no queue'))
  const waiter = { open: () => ({ register: noQueue, next: noQueue, close: () => undefined }) }
  const lifeOf = () => ({ softSeconds: 43_200, hardSeconds: 86_400 })
  const tiles = new TileService({
    ...{ cache, answers: cache, generations, lifeOf },
    queue: {
      requireRoom: () => undefined,
      enqueueLive: noQueue,
      enqueueRefresh: noQueue,
    } as unknown as TileServiceParts['queue'],
    waiter: waiter as unknown as TileServiceParts['waiter'],
    ...{ deadlineMs: 1_000, blockSide: 1 },
  })
  const metrics = createApiMetrics()
  const parts = {
    ...{ parser, tiles },
    rules: { maxAgeSeconds: 3_600, lifeOf },
    emptyTile: setup.emptyTile ?? '204',
    onTile: () => undefined,
  } as const
  const mosaics = { filtered: <L extends Layer>(layer: L) => layer } as unknown as MosaicAccess
  const route = (kind: Layer['kind'], root: string): Route => ({
    ...{ method: 'get', path: `${root}/tiles/:tms/:z/:x/:y`, summary: '', tag: 'tiles', hot: true },
    handler: createTileHandler(kind, parts, mosaics),
  })
  const routes = [route('search', '/searches/:layer'), route('item', '/collections/:layer/items/:item')]
  const log = pino({ level: 'silent' })
  const app = createApi({ routes, metrics, log, authorizeWrite: () => undefined, trustProxy: false })
  const server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  releasers.add('server', () => {
    server.closeAllConnections()
    server.close()
  })
  /** Where a tier has the tile of a path that startTileApi's routes take. */
  const keyOf = async (path: string): Promise<string> => {
    const { pathname, search } = new URL(path, 'http://localhost')
    const [, , id = '', ...rest] = pathname.split('/')
    const item = rest[0] === 'items' ? rest[1] : undefined
    const layer: Layer = item === undefined ? { kind: 'search', id } : { kind: 'item', collection: id, id: item }
    const [tileMatrixSetId = '', z = '', x = '', y = ''] = rest.slice(-4)
    const request = parser.parse({ layer, tileMatrixSetId, z, x, y }, search.slice(1))
    return tileKey(await tiles.series(request), request.tile)
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, cache, state, metrics, failures, keyOf }
}

/** A tier in memory that counts what it is asked. */
export class CountingTier implements TileCache {
  readonly tiles = new Map<string, StoredTile>()
  readonly name: 'redis' | 'blob'
  readonly asked: string[] = []
  down = false

  constructor(name: 'redis' | 'blob') {
    this.name = name
  }

  async get(key: string) {
    this.#ask('get')
    return this.tiles.get(key) ?? null
  }

  async head(key: string) {
    this.#ask('head')
    return this.tiles.get(key) ?? null
  }

  async put(key: string, tile: StoredTile) {
    this.#ask('put')
    this.tiles.set(key, tile)
  }

  #ask(what: string): void {
    this.asked.push(what)
    if (this.down) throw new Error('down')
  }
}
