import type { Context } from 'koa'
import type { TokenProvider } from '../../../src/auth/token-provider.ts'
import type { LayeredCache } from '../../../src/cache/layered-cache.ts'
import type { Config } from '../../../src/config.ts'
import type { ApiMetrics } from '../../../src/metrics.ts'
import type { Redis } from '../../../src/queue/connection.ts'
import type { RenderQueue } from '../../../src/queue/render-queue.ts'

/** A part that has not answered by then is reported as down: the page must answer within 100 ms also when a part is down. */
const PART_MS = 60

export interface StatusParts {
  readonly config: Config
  readonly authType: string
  readonly tokens: TokenProvider | null
  readonly cache: LayeredCache
  readonly queue: RenderQueue
  readonly queueRedis: Redis
  readonly cacheRedis: Redis
  /** Never throws. */
  readonly pingDatabase: (timeoutMs: number) => Promise<boolean>
  /** Without credentials. */
  readonly databaseUrl: string
  readonly metrics: ApiMetrics
  /** Sets the gauges that are read when somebody asks. */
  readonly gauges: () => void
}

/** GET /healthz: every part's state. 200 while tiles can be served at all, if only from cache. */
export function createHealthHandler(parts: StatusParts) {
  const { config, tokens } = parts
  return async (ctx: Context): Promise<void> => {
    const [database, queue, cache, jobs] = await Promise.all([
      parts.pingDatabase(PART_MS),
      isUp(parts.queueRedis.ping()),
      isUp(parts.cacheRedis.ping()),
      within(parts.queue.counts()),
    ])
    const token = tokens?.state()
    const healthy = database && queue && cache && token?.status !== 'expired' && token?.status !== 'none'
    ctx.set('Cache-Control', 'no-store')
    ctx.body = {
      status: healthy ? 'healthy' : 'degraded',
      azure_auth_enabled: config.USE_AZURE_AUTH,
      local_mode: config.LOCAL_MODE,
      auth_type: parts.authType,
      storage_account: config.AZURE_STORAGE_ACCOUNT ?? null,
      token_status: token?.status ?? 'disabled',
      token_expires_in_seconds: token?.expiresInSeconds ?? null,
      token_scope: tokens?.scope ?? null,
      database_status: database ? 'connected' : 'unavailable',
      database_url: parts.databaseUrl,
      queue_status: queue ? 'connected' : 'unavailable',
      queue_jobs: jobs,
      cache_status: cache ? 'connected' : 'unavailable',
      cache_tiers: parts.cache.states(),
    }
  }
}

/** GET /livez: the process answers. It asks no other part, so that a shared outage restarts nobody. */
export function liveHandler(ctx: Context): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { status: 'alive' }
}

/** GET /metrics in Prometheus' text format. */
export function createMetricsHandler({ metrics, queue, gauges }: Pick<StatusParts, 'metrics' | 'queue' | 'gauges'>) {
  return async (ctx: Context): Promise<void> => {
    gauges()
    const counts = await within(queue.counts())
    for (const [name, states] of Object.entries(counts ?? {})) {
      for (const [state, jobs] of Object.entries(states)) metrics.queueJobs.set({ queue: name, state }, jobs)
    }
    ctx.set('Cache-Control', 'no-store')
    ctx.set('Content-Type', metrics.registry.contentType)
    ctx.body = await metrics.registry.metrics()
  }
}

async function isUp(question: Promise<unknown>): Promise<boolean> {
  return (await within(question.then(() => true))) ?? false
}

/** The answer, or null when there is none in time or it failed. */
async function within<T>(question: Promise<T>): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), PART_MS)
  try {
    return await Promise.race([question.catch(() => null), late])
  } finally {
    clearTimeout(timer)
  }
}
