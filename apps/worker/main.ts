import { setFlagsFromString } from 'node:v8'
import { createAzureAccess } from '../../src/auth/azure-access.ts'
import { LayeredCache, type TierFailure } from '../../src/cache/layered-cache.ts'
import { connectionTimeoutMs, createAnswerTier, createTiers } from '../../src/cache/tile-tiers.ts'
import { type Config, ConfigError, readConfig } from '../../src/config.ts'
import { longestLifeMs } from '../../src/freshness/tile-freshness.ts'
import { createLog, OutageLog } from '../../src/log.ts'
import { createWorkerMetrics } from '../../src/metrics.ts'
import { QueryRenderer } from '../../src/pipeline/render-query.ts'
import { TileRenderer } from '../../src/pipeline/render-tile.ts'
import { PrerenderRuns } from '../../src/prerender/prerender-runs.ts'
import { type ConnectionKind, connectRedis, evictionPolicy, whenReady } from '../../src/queue/connection.ts'
import { LayerGenerations } from '../../src/queue/layer-generations.ts'
import { RedisLogin } from '../../src/queue/redis-login.ts'
import { jobKey } from '../../src/queue/render-job.ts'
import { RenderQueue } from '../../src/queue/render-queue.ts'
import { RenderWorker } from '../../src/queue/render-worker.ts'
import { TileAnnouncer } from '../../src/queue/tile-announcer.ts'
import { AssetEditions } from '../../src/read/asset-editions.ts'
import { GdalAccessFiles } from '../../src/read/gdal-access-files.ts'
import { configureGdal } from '../../src/read/gdal-environment.ts'
import { createGdalReader } from '../../src/read/gdal-reader.ts'
import { createStorageAccess, needsAccessFiles } from '../../src/read/storage-access.ts'
import { Releasers } from '../../src/release.ts'
import { createDatabase } from '../../src/search/database.ts'
import { createPgstacSearch } from '../../src/search/pgstac-search.ts'
import { registerTileMatrixSetsOf } from '../../src/tile/tile-matrix-set-folder.ts'
import { createQueryReport } from './query-report.ts'
import { startStatusServer } from './status-server.ts'
import { createTileReport } from './tile-report.ts'

/** Tiles on their way to Blob may arrive within this time after the last render. */
const SETTLE_MS = 5_000

/** A start waits no longer for the cache's Redis than this. */
const CACHE_WAIT_MS = 2_000

/**
 * Some 43 MB live in a worker's heap, and V8 would collect it all anew for each few that come to it: a sixth of the CPU of a miss,
 * in pauses of 10 to 40 ms. Three times what lives is still little beside GDAL's cache, and --max-old-space-size stays the bound.
 */
setFlagsFromString('--heap-growing-percent=200')

async function start(config: Config, releasers: Releasers): Promise<void> {
  registerTileMatrixSetsOf(config.TILEMATRIXSET_DIRECTORY)
  const log = createLog(config.LOG_LEVEL, 'worker')
  const outages = new OutageLog(log)
  const metrics = createWorkerMetrics()
  const files = needsAccessFiles(config) ? new GdalAccessFiles() : null
  if (files) releasers.add('access files', () => files.remove())
  const login = new RedisLogin((error) => outages.warn('sign-in', { err: error.message }, 'a Redis sign-in'))
  const azure = createAzureAccess(config, {
    hasIdentityEndpoint: Boolean(process.env.IDENTITY_ENDPOINT),
    authorityHost: process.env.AZURE_AUTHORITY_HOST,
    onToken: (resource, token) => {
      if (resource === 'storage') files?.writeToken(token)
      if (resource === 'redis') login.use(token)
    },
    onFailure: (resource, error) => log.warn({ resource, err: error.name }, 'no new token'),
  })
  releasers.add('tokens', () => azure.close())
  const { storage: tokens, authType } = azure
  void tokens?.getToken().catch(() => undefined)
  // A connection that begins without a password is refused, and tries again only after a pause.
  await azure.redis?.getToken().catch(() => undefined)
  const connect = (server: 'queue' | 'cache', kind: ConnectionKind) => {
    const url = server === 'queue' ? config.QUEUE_REDIS_URL : config.CACHE_REDIS_URL
    const onError = (error: Error) => outages.warn(server, { server, err: error.message }, 'Redis connection')
    const redis = connectRedis(url, kind, {
      timeoutMs: connectionTimeoutMs(config),
      onError,
      login: azure.redis && login,
    })
    releasers.add(`${server} Redis`, () => redis.disconnect())
    return redis
  }

  configureGdal({
    blockCacheBytes: config.GDAL_CACHEMAX * 1_048_576,
    networkCacheBytes: config.CPL_VSIL_CURL_CACHE_SIZE,
    ingestedBytesAtOpen: config.GDAL_INGESTED_BYTES_AT_OPEN,
    connectTimeoutSeconds: 5,
    requestTimeoutSeconds: config.GDAL_HTTP_TIMEOUT,
    retries: config.GDAL_HTTP_MAX_RETRY,
    retryDelaySeconds: config.GDAL_HTTP_RETRY_DELAY,
    signatureUrl: files?.signatureUrl ?? null,
  })
  const storage = createStorageAccess(config, {
    ...{ tokens, files, retries: config.GDAL_HTTP_MAX_RETRY, retryDelay: config.GDAL_HTTP_RETRY_DELAY },
    onSignatureFailure: (container, error) =>
      outages.warn(container, { container, err: error.name }, 'no new signature'),
  })
  releasers.add('signatures', () => storage.close())
  const reader = createGdalReader({
    hrefResolver: storage.resolver,
    prepare: storage.prepare,
    maxOpenDatasets: config.DATASET_POOL_SIZE,
    maxHandlesPerFile: 2,
    scratchBytes: 64 * 1_048_576,
    classify: (href) => storage.probe.classify(href),
  })
  releasers.add('reader', () => reader.close())

  const database = createDatabase({
    connectionString: config.DATABASE_URL,
    password: azure.databasePassword,
    poolSize: config.DB_POOL_SIZE,
    statementTimeoutMs: config.DB_TIMEOUT_MS,
    connectTimeoutMs: 5_000,
    applicationName: 'tilepress-worker',
    log,
  })
  releasers.add('database', () => database.close())
  const search = createPgstacSearch({
    database,
    log,
    itemIndexLimit: config.ITEM_INDEX_LIMIT,
    ttlMs: config.ITEM_INDEX_TTL_SECONDS * 1_000,
  })

  const queueRedis = connect('queue', 'worker')
  await whenReady(queueRedis, 30_000)
  const policy = await evictionPolicy(queueRedis)
  if (policy !== null && policy !== 'noeviction') {
    throw new ConfigError(
      `QUEUE_REDIS_URL: the server's maxmemory-policy is ${policy}; a queue needs noeviction, or it loses jobs`,
    )
  }
  const onTierFailure: TierFailure = (tier, operation, key, error) => {
    metrics.tierFailures.inc({ tier, operation })
    outages.warn(
      `${tier} ${operation}`,
      { tier, operation, key, err: error instanceof Error ? error.name : 'error' },
      'a cache tier was skipped',
    )
  }
  const cacheRedis = connect('cache', 'fail-fast')
  // A worker that starts under load has a job at once; without the cache it can do without.
  await whenReady(cacheRedis, CACHE_WAIT_MS).catch(() => undefined)
  const cache = new LayeredCache(null, createTiers(config, cacheRedis, tokens), onTierFailure)
  releasers.add('writes to Blob', async () => {
    const left = await cache.settle(SETTLE_MS)
    if (left > 0) log.warn({ tiles: left }, 'the end came before these tiles were in Blob')
  })
  const answers = new LayeredCache(null, [createAnswerTier(config, cacheRedis)], onTierFailure)
  const announcer = new TileAnnouncer(queueRedis, config.QUEUE_PREFIX, config.ERROR_TTL_SECONDS)
  const report = createTileReport(metrics, log)
  const generations = new LayerGenerations(queueRedis, config.QUEUE_PREFIX, longestLifeMs(config))
  const assetEditions = new AssetEditions((href) => {
    reader.forget(href)
    storage.resolver.renew(href)
  })
  const renderer = new TileRenderer({ cache, search, reader, announcer, generations, assetEditions, report })

  const queryReport = createQueryReport(metrics, log)
  const queries = new QueryRenderer({ cache: answers, search, reader, announcer, report: queryReport })

  const queue = new RenderQueue({
    redis: queueRedis,
    prefix: config.QUEUE_PREFIX,
    attempts: config.RENDER_ATTEMPTS,
    liveBacklogLimit: config.LIVE_BACKLOG_LIMIT,
    deadlineMs: config.RENDER_DEADLINE_MS,
  })
  releasers.add('queue', () => queue.close())
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
  runs.startSweep()
  releasers.add('runs', () => runs.close())

  const worker = new RenderWorker({
    redis: queueRedis,
    prefix: config.QUEUE_PREFIX,
    concurrency: config.WORKER_CONCURRENCY,
    backgroundConcurrency: config.BACKGROUND_CONCURRENCY,
    timeoutMs: config.RENDER_TIMEOUT_MS,
    lockMs: config.RENDER_LOCK_MS,
    render: async (job, signal, makeWay) => {
      if (!(await runs.begin(job))) return
      // Before the first token there is no header file, and GDAL would remember the refusal.
      await tokens?.getToken()
      const { counts, failures } = await renderer.render(job, signal, makeWay)
      await runs.onJobDone(
        job,
        counts,
        failures.map(({ error, ...tile }) => ({ ...tile, code: error.code, detail: error.detail })),
      )
    },
    fail: async (job, error) => {
      await renderer.fail(job, error)
      await runs.onJobFailed(job, error)
    },
    queries: {
      render: async (job, signal) => {
        await tokens?.getToken()
        await queries.render(job, signal)
      },
      fail: (job, error) => queries.fail(job, error),
    },
    onError: (error) => outages.warn('', { err: error.message }, 'the queue'),
    onTaken: (name, waitedMs) => metrics.queueSeconds.observe({ queue: name }, waitedMs / 1_000),
    onAttemptFailed: (job, error, final) => {
      metrics.failures.inc({ code: error.code, final: String(final) })
      const key = job && jobKey(job)
      const details = { key, code: error.code, detail: error.detail, final, ...error.context, ...causeOf(error) }
      const level = error.caller ? 'info' : final ? 'error' : 'warn'
      log[level](details, final ? 'a render failed' : 'a render failed and is tried again')
    },
  })
  releasers.add('worker', async () => {
    stuckRenders = await worker.close(config.SHUTDOWN_GRACE_MS)
  })

  const server = await startStatusServer({
    port: config.WORKER_PORT,
    log,
    contentType: metrics.registry.contentType,
    metrics: () => metrics.registry.metrics(),
    health: async () => ({
      auth_type: authType,
      token: tokens?.state() ?? null,
      database: (await database.ping(60)) ? 'connected' : 'unavailable',
      queue: queueRedis.status,
      cache: cache.states(),
      search: search.stats(),
    }),
  })
  releasers.add('status page', () => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  log.info(
    { port: typeof address === 'object' ? address?.port : null, concurrency: config.WORKER_CONCURRENCY },
    'the worker is ready',
  )
}

/** For the log alone: the message of what lay below, without stack, and without the query of a URL, where a signature would be. */
function causeOf(error: Error): { cause?: string } {
  return error.cause instanceof Error ? { cause: error.cause.message.slice(0, 500).replaceAll(/\?\S*=\S*/g, '?…') } : {}
}

/** Renders that did not end in time. */
let stuckRenders = 0

const releasers = new Releasers()
let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping = true
    releasers.release().then(
      () => exit(0),
      () => exit(1),
    )
  })
}
try {
  await start(readConfig(process.env), releasers)
} catch (error) {
  // Told to end while it started: what it waits for fails, and is no failure.
  if (!stopping) {
    const reason = error instanceof ConfigError || isPortTaken(error) ? (error as Error).message : error
    createLog('info', 'worker').fatal({ err: reason }, 'the worker could not start')
    // The token's file above all must not stay behind.
    await releasers.release().catch(() => undefined)
    // 78 is EX_CONFIG of sysexits.h: another try will not help.
    process.exit(error instanceof ConfigError ? 78 : 1)
  }
}

/** process.exit waits for threads, and a read may wait for its storage for half a minute and more: then we go as SIGTERM would have it. */
function exit(code: number): void {
  if (stuckRenders === 0) process.exit(code)
  process.removeAllListeners('SIGTERM')
  process.kill(process.pid, 'SIGTERM')
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
