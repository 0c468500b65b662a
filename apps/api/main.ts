import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAzureAccess } from '../../src/auth/azure-access.ts'
import { LayeredCache, type TierFailure } from '../../src/cache/layered-cache.ts'
import { MemoryCache } from '../../src/cache/memory-cache.ts'
import { connectionTimeoutMs, createAnswerTier, createTiers, tileTtlSeconds } from '../../src/cache/tile-tiers.ts'
import { type Config, ConfigError, readConfig } from '../../src/config.ts'
import { longestLifeMs, tileLives } from '../../src/freshness/tile-freshness.ts'
import { ItemSetStore } from '../../src/invalidation/item-set-store.ts'
import { LayerRefresh } from '../../src/invalidation/layer-refresh.ts'
import { createLog, OutageLog } from '../../src/log.ts'
import { createApiMetrics } from '../../src/metrics.ts'
import { TileService } from '../../src/pipeline/serve-tile.ts'
import { TileInspector } from '../../src/pipeline/tile-status.ts'
import { PrerenderRuns } from '../../src/prerender/prerender-runs.ts'
import { connectRedis, evictionPolicy, whenReady } from '../../src/queue/connection.ts'
import { LayerGenerations } from '../../src/queue/layer-generations.ts'
import { RedisLogin } from '../../src/queue/redis-login.ts'
import { RenderQueue } from '../../src/queue/render-queue.ts'
import { TileWaiter } from '../../src/queue/tile-waiter.ts'
import { Releasers } from '../../src/release.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import { createDatabase, publicDatabaseUrl } from '../../src/search/database.ts'
import { createCatalog } from '../../src/search/pgstac-catalog.ts'
import { createItemSource } from '../../src/search/stored-items.ts'
import { registerTileMatrixSetsOf } from '../../src/tile/tile-matrix-set-folder.ts'
import { createApi } from './app.ts'
import { createRoutes } from './routes.ts'
import { createWriteAccess } from './write-access.ts'

/** Connections that may wait to be accepted: Node's 511 are fewer than a crowd opens in a busy moment, and the rest are reset. */
const LISTEN_BACKLOG = 4_096

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

async function start(config: Config): Promise<Releasers> {
  registerTileMatrixSetsOf(config.TILEMATRIXSET_DIRECTORY)
  const releasers = new Releasers()
  const log = createLog(config.LOG_LEVEL, 'api')
  const outages = new OutageLog(log)
  const metrics = createApiMetrics()
  const onRedisError = (server: string) => (error: Error) =>
    outages.warn(server, { server, err: error.message }, 'Redis connection')

  const login = new RedisLogin((error) => outages.warn('sign-in', { err: error.message }, 'a Redis sign-in'))
  const azure = createAzureAccess(config, {
    hasIdentityEndpoint: Boolean(process.env.IDENTITY_ENDPOINT),
    authorityHost: process.env.AZURE_AUTHORITY_HOST,
    onToken: (resource, token) => resource === 'redis' && login.use(token),
    onFailure: (resource, error) => log.warn({ resource, err: error.name }, 'no new token'),
  })
  releasers.add('tokens', () => azure.close())
  const { storage: tokens, authType } = azure
  void tokens?.getToken().catch(() => undefined)
  // A connection that begins without a password is refused, and tries again only after a pause.
  await azure.redis?.getToken().catch(() => undefined)
  const connect = (server: 'queue' | 'cache', kind: 'fail-fast' | 'subscriber', timeoutMs: number) => {
    const url = server === 'queue' ? config.QUEUE_REDIS_URL : config.CACHE_REDIS_URL
    const redis = connectRedis(url, kind, { timeoutMs, onError: onRedisError(server), login: azure.redis && login })
    releasers.add(`${server} Redis`, () => redis.disconnect())
    return redis
  }
  const queueRedis = connect('queue', 'fail-fast', 1_000)
  const subscriber = connect('queue', 'subscriber', 1_000)
  const cacheRedis = connect('cache', 'fail-fast', connectionTimeoutMs(config))
  await whenReady(queueRedis, 10_000).catch(() =>
    log.warn('the queue Redis is not there yet; missing tiles answer 503 until it is'),
  )
  const policy = await evictionPolicy(queueRedis).catch(() => null)
  if (policy !== null && policy !== 'noeviction') {
    throw new ConfigError(
      `QUEUE_REDIS_URL: the server's maxmemory-policy is ${policy}; a queue needs noeviction, or it loses jobs`,
    )
  }

  const memory = new MemoryCache({
    maxBytes: config.MEMORY_CACHE_MB * 1_048_576,
    ttlMs: (tile) => tileTtlSeconds(config)(tile) * 1_000,
  })
  const onTierFailure: TierFailure = (tier, operation, key, error) => {
    metrics.tierFailures.inc({ tier, operation })
    outages.warn(
      `${tier} ${operation}`,
      { tier, operation, key, err: error instanceof Error ? error.name : 'error' },
      'a cache tier was skipped',
    )
  }
  const tiers = createTiers(config, cacheRedis, tokens)
  const cache = new LayeredCache(memory, tiers, onTierFailure)
  const answers = new LayeredCache(null, [createAnswerTier(config, cacheRedis)], onTierFailure)
  const queue = new RenderQueue({
    redis: queueRedis,
    prefix: config.QUEUE_PREFIX,
    attempts: config.RENDER_ATTEMPTS,
    liveBacklogLimit: config.LIVE_BACKLOG_LIMIT,
    deadlineMs: config.RENDER_DEADLINE_MS,
    onRefused: (reason) => metrics.refused.inc({ reason }),
  })
  releasers.add('queue', () => queue.close())
  const lifeOf = tileLives(config)
  const generations = new LayerGenerations(queueRedis, config.QUEUE_PREFIX, longestLifeMs(config))
  const waiter = new TileWaiter({
    subscriber,
    redis: queueRedis,
    prefix: config.QUEUE_PREFIX,
    registrationMs: config.RENDER_DEADLINE_MS + 10_000,
    onDropped: () => metrics.dropped.inc(),
  })
  releasers.add('waiter', () => waiter.close())
  const tiles = new TileService({
    cache,
    answers,
    generations,
    queue,
    waiter,
    deadlineMs: config.RENDER_DEADLINE_MS,
    blockSide: config.LIVE_METATILE,
    lifeOf,
    staleWaitMs: config.STALE_WAIT_MS,
    overzoomLevels: config.OVERZOOM_LEVELS,
  })

  const database = createDatabase({
    connectionString: config.DATABASE_URL,
    password: azure.databasePassword,
    poolSize: config.DB_POOL_SIZE,
    statementTimeoutMs: config.DB_TIMEOUT_MS,
    connectTimeoutMs: 5_000,
    applicationName: 'tilepress-api',
    log,
  })
  releasers.add('database', () => database.close())
  const runs = new PrerenderRuns({
    redis: queueRedis,
    queue,
    generations,
    prefix: config.QUEUE_PREFIX,
    side: config.BACKGROUND_METATILE,
    window: config.RUN_WINDOW,
    tileLimit: config.RUN_TILE_LIMIT,
    attempts: config.RENDER_ATTEMPTS,
    onError: (error) => outages.warn('', { err: error.message }, 'a pre-render run'),
  })

  const routes = createRoutes({
    config,
    version,
    publicUrl: config.PUBLIC_URL,
    parser: new TileRequestParser({
      scanLimit: config.SEARCH_SCAN_LIMIT,
      itemsLimit: config.SEARCH_ITEMS_LIMIT,
      timeLimitSeconds: config.SEARCH_TIME_LIMIT,
      exitWhenFull: true,
      skipCovered: true,
    }),
    catalog: createCatalog(database),
    items: createItemSource(database),
    tiles,
    inspector: new TileInspector({
      ...{ memory, tiers, generations, queue, waiter, lifeOf },
      blockSide: config.LIVE_METATILE,
    }),
    generations,
    refresh: new LayerRefresh({
      ...{ database, generations, itemLimit: config.REFRESH_ITEM_LIMIT },
      sets: new ItemSetStore(queueRedis, config.QUEUE_PREFIX),
    }),
    runs,
    rules: { maxAgeSeconds: config.CACHE_MAX_AGE_SECONDS, lifeOf },
    emptyTile: config.EMPTY_TILE,
    onTile: (from, seconds) => {
      metrics.tiles.inc({ cache: from })
      metrics.tileSeconds.observe({ cache: from }, seconds)
    },
    queryRules: {
      maxAgeSeconds: config.CACHE_MAX_AGE_SECONDS,
      lifeOf: () => ({ softSeconds: config.QUERY_TTL_SECONDS, hardSeconds: config.QUERY_TTL_SECONDS }),
    },
    onQuery: (kind, from, seconds) => {
      metrics.queries.inc({ kind, cache: from })
      metrics.querySeconds.observe({ kind }, seconds)
    },
    authType,
    tokens,
    cache,
    queue,
    queueRedis,
    cacheRedis,
    pingDatabase: (timeoutMs) => database.ping(timeoutMs),
    databaseUrl: publicDatabaseUrl(config.DATABASE_URL),
    metrics,
    gauges: () => {
      metrics.waiting.set(tiles.underWay)
      metrics.liveWait.set((queue.liveWaitMs ?? 0) / 1_000)
      metrics.memoryBytes.set(memory.bytes)
    },
  })
  const authorizeWrite = createWriteAccess(config.API_KEYS, config.LOCAL_MODE)
  const app = createApi({ routes, metrics, log, authorizeWrite, trustProxy: config.TRUST_PROXY })

  const server = createServer(app.callback())
  // Longer than a load balancer's idle time (Azure: 4 min), so that it never sends on a connection that we are closing.
  server.keepAliveTimeout = 245_000
  server.listen({ port: config.PORT, host: config.HOST, backlog: LISTEN_BACKLOG })
  await once(server, 'listening')
  const address = server.address()
  log.info({ port: typeof address === 'object' ? address?.port : config.PORT, version }, 'the API listens')
  releasers.add('server', async () => {
    const closed = once(server, 'close')
    server.close()
    // Node keeps a connection open whose last answer ends after close(): its client may well never ask again.
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const late = setTimeout(() => server.closeAllConnections(), config.SHUTDOWN_GRACE_MS)
    await closed
    clearInterval(idle)
    clearTimeout(late)
    // Requests that were cut off leave their tiles' lists in the next turns of the event loop.
    for (let turn = 0; turn < 100 && tiles.underWay > 0; turn++) await sleep(10)
  })
  return releasers
}

try {
  const releasers = await start(readConfig(process.env))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      releasers.release().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
} catch (error) {
  const reason = error instanceof ConfigError || isPortTaken(error) ? (error as Error).message : error
  createLog('info', 'api').fatal({ err: reason }, 'the API could not start')
  // 78 is EX_CONFIG of sysexits.h: another try will not help.
  process.exit(error instanceof ConfigError ? 78 : 1)
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
