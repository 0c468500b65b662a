import { availableParallelism } from 'node:os'
import { z } from 'zod'

/**
 * The one list of settings: variable, shape, default, and why. Read once by apps/<program>/main.ts with `readConfig(process.env)`;
 * docs/configuration.md lists the same names (tested).
 */

const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false'])
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true')

const integer = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback)

/** Comma list; blanks dropped. */
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )

/** `name=https://endpoint,…`: storage accounts and where their blobs are. */
const accounts = list.transform((parts, context) => {
  const endpoints = new Map<string, string>()
  for (const [index, part] of parts.entries()) {
    const at = part.indexOf('=')
    const name = at < 0 ? part : part.slice(0, at)
    const endpoint = at < 0 ? `https://${part}.blob.core.windows.net` : part.slice(at + 1).replace(/\/+$/, '')
    if (!/^[a-z0-9]{3,24}$/.test(name) || !/^https:\/\/[^?#@]+$/.test(endpoint)) {
      context.addIssue({ code: 'custom', message: `entry ${index + 1} is not account or account=https://endpoint` })
      return z.NEVER
    }
    endpoints.set(name, endpoint)
  }
  return endpoints
})

/** Folders and hosts; each ends in a slash, or `https://host` would also allow `https://host.of.another`. */
const prefixes = list.transform((parts, context) => {
  for (const [index, part] of parts.entries()) {
    if (/^\/(?!vsi)|^https?:\/\/[^/?#@]+(\/|$)/.test(part) && !/[?#]/.test(part)) continue
    context.addIssue({ code: 'custom', message: `entry ${index + 1} is neither a folder nor http(s)://host/` })
    return z.NEVER
  }
  return parts.map((part) => (part.endsWith('/') ? part : `${part}/`))
})

/** `account` or `account/container`. */
const containers = list.transform((parts, context) => {
  const bad = parts.findIndex((part) => !/^[a-z0-9]{3,24}(\/[$a-z0-9-]{3,63})?$/.test(part))
  if (bad < 0) return parts
  context.addIssue({ code: 'custom', message: `entry ${bad + 1} is neither account nor account/container` })
  return z.NEVER
})

const shape = {
  /** Port of the API. */
  PORT: integer(8000, 0, 65535),
  /** Address the API listens on. */
  HOST: z.string().default('0.0.0.0'),
  /** Address clients see, when a proxy stands before the API; else taken from the request. */
  PUBLIC_URL: z.url().optional(),
  /** Believe X-Forwarded-Proto and X-Forwarded-Host: only behind a proxy that sets them, else a stranger could put his host into our links. */
  TRUST_PROXY: flag(false),
  /** Port of a worker's health and metrics page; 0 = any free one. */
  WORKER_PORT: integer(0, 0, 65535),
  /** Folder of further tile matrix sets, one OGC TMS 2.0 document a `*.json`; titiler's name for it. */
  TILEMATRIXSET_DIRECTORY: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),

  /** PostgreSQL with pgSTAC. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).default('postgresql://localhost/postgis'),
  /** Connections per process: replicas × this must stay below the server's max_connections. */
  DB_POOL_SIZE: integer(5, 1, 100),
  /** Sign in to PostgreSQL with an Entra ID token as the password; the URL's user is the identity's role. */
  DATABASE_USE_AZURE_AUTH: flag(false),
  /** Longest statement, milliseconds. */
  DB_TIMEOUT_MS: integer(15_000, 100, 600_000),

  /** Redis of the queue; must have `maxmemory-policy noeviction`. */
  QUEUE_REDIS_URL: z.url({ protocol: /^rediss?$/ }).default('redis://localhost:6379'),
  /** Redis of the tile cache; an evicting policy and its own server, as the policy is per server. */
  CACHE_REDIS_URL: z.url({ protocol: /^rediss?$/ }).default('redis://localhost:6380'),
  /** Sign in to both Redis with an Entra ID token; the user is the URL's, else the identity's object id. */
  REDIS_USE_AZURE_AUTH: flag(false),
  /** Prefix of every queue key, with a hash tag so that a cluster keeps a queue in one slot. */
  QUEUE_PREFIX: z.string().min(1).max(64).default('{tilepress}'),
  /** A cache tier that has not answered by then is skipped, milliseconds. */
  CACHE_TIMEOUT_MS: integer(250, 10, 10_000),
  /** Tiles in an API process's memory, megabytes; 0 = none. */
  MEMORY_CACHE_MB: integer(256, 0, 65_536),
  /** Life of a tile in Redis, seconds. */
  TILE_TTL_SECONDS: integer(86_400, 1, 31_536_000),
  /** Age from which a tile is served and rendered anew behind its client's back, seconds: so no client waits for a tile that is in use. */
  TILE_FRESH_SECONDS: integer(43_200, 1, 31_536_000),
  /** Life of an empty tile, seconds: imagery may arrive. */
  EMPTY_TTL_SECONDS: integer(300, 1, 31_536_000),
  /** Life of the answer to a query (point, bbox, statistics …) in Redis, seconds. */
  QUERY_TTL_SECONDS: integer(300, 1, 86_400),
  /** How long a failed tile answers its error without a new try, seconds. */
  ERROR_TTL_SECONDS: integer(5, 1, 60),
  /** Blob container of rendered tiles, `https://account…/container`; none = no Blob tier. */
  TILE_CONTAINER_URL: z.url({ protocol: /^https$/ }).optional(),
  /** `max-age` of a tile, seconds. */
  CACHE_MAX_AGE_SECONDS: integer(3_600, 0, 31_536_000),

  /** What an empty tile of a mosaic is answered with when the request does not say (`empty=`): 204 as titiler, a transparent PNG, or 404. */
  EMPTY_TILE: z.enum(['204', 'image', '404']).default('204'),

  /** Sign storage requests with an Entra ID token; false for public data alone. */
  USE_AZURE_AUTH: flag(true),
  /** A developer's machine: the Azure CLI's sign-in, and write endpoints open without a key. */
  LOCAL_MODE: flag(false),
  /** The account of hrefs that name none: /vsiaz/container/path, az://container/path. */
  AZURE_STORAGE_ACCOUNT: z.string().optional(),
  /** Further accounts imagery may come from: `name` or `name=https://endpoint`, comma separated. No other account is ever asked. */
  AZURE_STORAGE_ACCOUNTS: accounts,
  /** Containers, or accounts with all of theirs, that are read with a user-delegation SAS instead of the token. */
  AZURE_SAS_CONTAINERS: containers,
  /** Life of such a SAS, seconds; renewed at half of it. An account's SAS expiration policy may ask for less than an hour. */
  AZURE_SAS_LIFE_SECONDS: integer(3_600, 60, 604_800),
  /** Accounts whose containers the Planetary Computer signs for: `name` or `name=https://endpoint`. They never see our token. */
  PLANETARY_COMPUTER_ACCOUNTS: accounts,
  /** Its token endpoint and subscription key, by the names of its own package (planetary-computer). */
  PC_SDK_SAS_URL: z.url({ protocol: /^https?$/ }).default('https://planetarycomputer.microsoft.com/api/sas/v1/token'),
  PC_SDK_SUBSCRIPTION_KEY: z.string().optional(),
  /** Scope of the storage token; one serves every account of the tenant. */
  AZURE_TOKEN_SCOPE: z.string().default('https://storage.azure.com/.default'),
  /** Scope of PostgreSQL's token. */
  AZURE_DATABASE_SCOPE: z.string().default('https://ossrdbms-aad.database.windows.net/.default'),
  /** Scope of Redis's token. */
  AZURE_REDIS_SCOPE: z.string().default('https://redis.azure.com/.default'),
  /** Folders (`/data/`) and hosts (`https://host/`) whose assets may be read without a token. */
  ASSET_PREFIXES: prefixes,
  /** Keys that open the write endpoints, comma separated. */
  API_KEYS: list,

  /** Longest wait of a request for its tile, milliseconds; below any gateway's time-out. */
  RENDER_DEADLINE_MS: integer(10_000, 100, 120_000),
  /** Longest wait for a tile of which an outdated copy can be served, milliseconds (mod_tile waits 3 s for one, too). */
  STALE_WAIT_MS: integer(3_000, 0, 120_000),
  /** Zooms up in which an ancestor is looked for where a missing tile cannot be had in time; 0 = none. 3 is 32 of its pixels for 256. */
  OVERZOOM_LEVELS: integer(3, 0, 6),
  /** Live jobs waiting above which a miss is answered 503 at once, however fast the workers are. */
  LIVE_BACKLOG_LIMIT: integer(2_000, 1, 1_000_000),
  /** Renders in progress per worker for waiting clients: while one waits for the network the others have the core. More only queue for it: 2 to 6 on local files gave p95 of 81, 89, 120 and 111 ms (docs/performance.md). */
  WORKER_CONCURRENCY: integer(3, 1, 64),
  /** Renders in progress per worker for pre-render runs. */
  BACKGROUND_CONCURRENCY: integer(1, 1, 64),
  /** Waiting live jobs for which a scaler is asked for one more worker: what one works off in a second. */
  SCALE_WAITING_PER_WORKER: integer(100, 1, 100_000),
  /** Tries of a render whose error may pass. */
  RENDER_ATTEMPTS: integer(3, 1, 10),
  /** Longest render, milliseconds; then its reads are aborted. */
  RENDER_TIMEOUT_MS: integer(60_000, 1_000, 600_000),
  /** A worker that has not renewed its jobs' locks for this long is taken for dead, milliseconds: others run its jobs after one to two times that. */
  RENDER_LOCK_MS: integer(10_000, 1_000, 120_000),
  /** How long after SIGTERM what is under way may still end, milliseconds; below the time after which the platform kills. */
  SHUTDOWN_GRACE_MS: integer(15_000, 0, 600_000),
  /** Tiles along a side of a waiting client's job: the others of the block are rendered along with the one asked for. Over the world in random order 2 took 15 % more CPU than 1, and twice the p95 (docs/performance.md). */
  LIVE_METATILE: integer(1, 1, 8),
  /** Tiles along a side of a pre-render job. */
  BACKGROUND_METATILE: integer(4, 1, 16),
  /** Most tiles of one pre-render run. */
  RUN_TILE_LIMIT: integer(10_000_000, 1, 1_000_000_000),
  /** Jobs of one run in the queue at a time. */
  RUN_WINDOW: integer(64, 1, 10_000),

  /** Items of a search kept in a worker's memory; a larger search is asked of pgSTAC per tile. */
  ITEM_INDEX_LIMIT: integer(10_000, 0, 1_000_000),
  /** Age at which a search's items are asked anew, seconds. */
  ITEM_INDEX_TTL_SECONDS: integer(60, 1, 86_400),
  /** Items of a search that a refresh compares; a larger one makes all of it outdated. Some 50 bytes each in the queue's Redis. */
  REFRESH_ITEM_LIMIT: integer(50_000, 0, 1_000_000),
  /** Defaults of geojsonsearch's limits, as titiler-pgstac has them. */
  SEARCH_SCAN_LIMIT: integer(10_000, 1, 1_000_000),
  SEARCH_ITEMS_LIMIT: integer(100, 1, 1_000),
  SEARCH_TIME_LIMIT: integer(5, 1, 60),

  /** Open datasets per worker. */
  DATASET_POOL_SIZE: integer(64, 1, 10_000),
  /** GDAL's cache of decoded blocks, megabytes per worker. */
  GDAL_CACHEMAX: integer(512, 16, 65_536),
  /** GDAL's cache of fetched ranges, bytes per worker. */
  CPL_VSIL_CURL_CACHE_SIZE: integer(134_217_728, 1_048_576, 17_179_869_184),
  /** Bytes of a file fetched when it is opened. */
  GDAL_INGESTED_BYTES_AT_OPEN: integer(32_768, 1_024, 10_485_760),
  /** Longest HTTP request of GDAL, seconds. */
  GDAL_HTTP_TIMEOUT: integer(30, 1, 600),
  /** Tries of a failed HTTP request beyond the first. */
  GDAL_HTTP_MAX_RETRY: integer(3, 0, 10),
  /** Pause before the first of them, seconds; then twice as long each time. GDAL's own default is 30. */
  GDAL_HTTP_RETRY_DELAY: z.coerce.number().min(0.01).max(30).default(0.3),
} as const

const schema = z.object(shape)

export type Config = z.output<typeof schema>

export type EmptyAnswer = Config['EMPTY_TILE']

export const settingNames = Object.keys(shape) as (keyof Config)[]

/** Thrown with one line per bad variable; values are not repeated, as one may be a secret. */
export class ConfigError extends Error {}

/**
 * Settings from an environment, parsed and with defaults. An empty variable counts as unset.
 * Throws ConfigError that names every bad variable.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = environment[name]?.trim()
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'))
  }
  const config = parsed.data
  if (config.QUEUE_REDIS_URL === config.CACHE_REDIS_URL) {
    throw new ConfigError(
      'QUEUE_REDIS_URL and CACHE_REDIS_URL are the same server: a queue may lose no key, a cache must',
    )
  }
  checkSignatures(config)
  return config
}

/** Throws ConfigError when the settings of signed containers contradict the others. */
function checkSignatures(config: Config): void {
  const accounts = storageAccounts(config)
  for (const name of config.PLANETARY_COMPUTER_ACCOUNTS.keys()) {
    if (accounts.has(name))
      throw new ConfigError('PLANETARY_COMPUTER_ACCOUNTS: an account is also one of AZURE_STORAGE_ACCOUNTS')
  }
  if (config.AZURE_SAS_CONTAINERS.length === 0) return
  if (!config.USE_AZURE_AUTH)
    throw new ConfigError('AZURE_SAS_CONTAINERS: signatures are obtained with a token; USE_AZURE_AUTH is false')
  if (config.AZURE_SAS_CONTAINERS.some((container) => !accounts.has(container.split('/')[0] ?? '')))
    throw new ConfigError('AZURE_SAS_CONTAINERS: an account is none of AZURE_STORAGE_ACCOUNTS')
}

/** libuv threads a worker needs: one per GDAL read under way, and as many again for sharp. */
export function threadPoolSize(config: Config): number {
  return config.WORKER_CONCURRENCY + config.BACKGROUND_CONCURRENCY + Math.max(4, availableParallelism())
}

/** Every account imagery may come from: those listed, and the default one at its public endpoint unless listed with another. */
export function storageAccounts(
  config: Pick<Config, 'AZURE_STORAGE_ACCOUNT' | 'AZURE_STORAGE_ACCOUNTS'>,
): ReadonlyMap<string, string> {
  const name = config.AZURE_STORAGE_ACCOUNT
  if (name === undefined || config.AZURE_STORAGE_ACCOUNTS.has(name)) return config.AZURE_STORAGE_ACCOUNTS
  return new Map([[name, `https://${name}.blob.core.windows.net`], ...config.AZURE_STORAGE_ACCOUNTS])
}
