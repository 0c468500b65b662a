import { createAzureAccess } from '../../src/auth/azure-access.ts'
import { readConfig } from '../../src/config.ts'
import { AccessCheck } from '../../src/diagnosis/access-check.ts'
import { TilepressError } from '../../src/errors.ts'
import { connectRedis, evictionPolicy, type Redis, whenReady } from '../../src/queue/connection.ts'
import { RedisLogin } from '../../src/queue/redis-login.ts'
import { GdalAccessFiles } from '../../src/read/gdal-access-files.ts'
import { configureGdal } from '../../src/read/gdal-environment.ts'
import { OpenDataset } from '../../src/read/open-dataset.ts'
import { createStorageAccess, needsAccessFiles } from '../../src/read/storage-access.ts'
import { Releasers } from '../../src/release.ts'
import { createDatabase } from '../../src/search/database.ts'

const WAIT_MS = 5_000

/** The parts of API and worker that need access, wired as they wire them. Throws ConfigError. */
export async function startAccessCheck(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ check: AccessCheck; close: () => Promise<void> }> {
  const config = readConfig(environment)
  const releasers = new Releasers()
  const files = needsAccessFiles(config) ? new GdalAccessFiles() : null
  if (files) releasers.add('access files', () => files.remove())
  const login = new RedisLogin(() => undefined)
  const azure = createAzureAccess(config, {
    hasIdentityEndpoint: Boolean(environment.IDENTITY_ENDPOINT),
    authorityHost: environment.AZURE_AUTHORITY_HOST,
    onToken: (resource, token) => {
      if (resource === 'storage') files?.writeToken(token)
      if (resource === 'redis') login.use(token)
    },
    onFailure: () => undefined,
  })
  releasers.add('tokens', () => azure.close())
  await azure.redis?.getToken().catch(() => undefined)
  configureGdal({
    blockCacheBytes: 2 ** 24,
    networkCacheBytes: 2 ** 24,
    ingestedBytesAtOpen: config.GDAL_INGESTED_BYTES_AT_OPEN,
    connectTimeoutSeconds: 5,
    requestTimeoutSeconds: config.GDAL_HTTP_TIMEOUT,
    retries: 0,
    retryDelaySeconds: 0.3,
    signatureUrl: files?.signatureUrl ?? null,
  })
  const storage = createStorageAccess(config, {
    ...{ tokens: azure.storage, files, retries: 0, retryDelay: 0.3 },
    onSignatureFailure: () => undefined,
  })
  releasers.add('signatures', () => storage.close())
  const database = createDatabase({
    connectionString: config.DATABASE_URL,
    password: azure.databasePassword,
    poolSize: 1,
    statementTimeoutMs: config.DB_TIMEOUT_MS,
    connectTimeoutMs: WAIT_MS,
    applicationName: 'tilepress-check',
    log: { warn: () => undefined },
  })
  releasers.add('database', () => database.close())
  const connected = async <T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = connectRedis(url, 'fail-fast', {
      timeoutMs: WAIT_MS,
      onError: () => undefined,
      login: azure.redis && login,
    })
    try {
      await whenReady(redis, WAIT_MS)
      return await use(redis)
    } finally {
      redis.disconnect()
    }
  }
  const check = new AccessCheck(config, azure, storage, {
    openWithGdal: async (name) => {
      const dataset = await OpenDataset.open(name)
      const { width, height, bands, crs, overviews } = dataset.facts
      dataset.close()
      const reference = crs === null || crs.length > 40 ? 'a reference system of its own' : crs
      return `${width} × ${height}, ${bands.length} bands of ${bands[0]?.dataType}, ${reference}, ${overviews.length} overviews`
    },
    askDatabase: async () => {
      const [row] = await database.query<{ version: string }>('SELECT pgstac.get_version() AS version')
      return `pgSTAC ${row?.version}`
    },
    askQueue: () =>
      connected(config.QUEUE_REDIS_URL, async (redis) => {
        const policy = await evictionPolicy(redis)
        if (policy === null || policy === 'noeviction') return `maxmemory-policy ${policy ?? 'not shown'}`
        throw new TilepressError('QUEUE_UNAVAILABLE', `maxmemory-policy is ${policy}; a queue needs noeviction`)
      }),
    writeCache: () =>
      connected(config.CACHE_REDIS_URL, async (redis) => {
        await redis.set('tilepress:access-check', 'x', 'EX', 10)
        return 'can be written'
      }),
  })
  return { check, close: () => releasers.release() }
}
