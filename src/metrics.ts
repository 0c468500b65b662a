import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds: hits take microseconds, misses up to the deadline. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** What an API process counts. Labels come from route patterns and code lists, never from URLs. */
export function createApiMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'tilepress_http_requests_total',
      help: 'Answers by route and status',
      labelNames: ['route', 'status'],
      registers,
    }),
    tiles: new Counter({
      name: 'tilepress_tiles_total',
      help: 'Tiles by where they came from',
      labelNames: ['cache'],
      registers,
    }),
    tileSeconds: new Histogram({
      name: 'tilepress_tile_seconds',
      help: 'Time to a tile by where it came from',
      labelNames: ['cache'],
      buckets: SECONDS,
      registers,
    }),
    queries: new Counter({
      name: 'tilepress_queries_total',
      help: 'Answers to queries by kind and where they came from',
      labelNames: ['kind', 'cache'],
      registers,
    }),
    querySeconds: new Histogram({
      name: 'tilepress_query_seconds',
      help: 'Time to the answer of a query by kind',
      labelNames: ['kind'],
      buckets: SECONDS,
      registers,
    }),
    errors: new Counter({
      name: 'tilepress_errors_total',
      help: 'Errors answered by code',
      labelNames: ['code'],
      registers,
    }),
    tierFailures: new Counter({
      name: 'tilepress_cache_tier_failures_total',
      help: 'Failed calls of a cache tier',
      labelNames: ['tier', 'operation'],
      registers,
    }),
    queueJobs: new Gauge({
      name: 'tilepress_queue_jobs',
      help: 'Jobs by queue and state',
      labelNames: ['queue', 'state'],
      registers,
    }),
    refused: new Counter({
      name: 'tilepress_refused_jobs_total',
      help: 'Missing tiles and queries that the live queue did not take, by reason: limit, deadline',
      labelNames: ['reason'],
      registers,
    }),
    dropped: new Counter({
      name: 'tilepress_dropped_jobs_total',
      help: 'Jobs that went out of the live queue before they began, as their last client had left',
      registers,
    }),
    liveWait: new Gauge({
      name: 'tilepress_live_wait_seconds',
      help: 'Estimated wait at the end of the live queue',
      registers,
    }),
    waiting: new Gauge({ name: 'tilepress_tiles_waited_for', help: 'Missing tiles that requests wait for', registers }),
    memoryBytes: new Gauge({ name: 'tilepress_memory_cache_bytes', help: 'Bytes of tiles in memory', registers }),
  }
}

export type ApiMetrics = ReturnType<typeof createApiMetrics>

/** What a worker counts. */
export function createWorkerMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    tiles: new Counter({
      name: 'tilepress_rendered_tiles_total',
      help: 'Tiles by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    stageSeconds: new Histogram({
      name: 'tilepress_render_stage_seconds',
      help: 'Time of a tile by stage',
      labelNames: ['stage'],
      buckets: SECONDS,
      registers,
    }),
    answers: new Counter({
      name: 'tilepress_answered_queries_total',
      help: 'Queries by kind and outcome',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    answerSeconds: new Histogram({
      name: 'tilepress_query_answer_seconds',
      help: 'Time a worker took for a query by kind',
      labelNames: ['kind'],
      buckets: SECONDS,
      registers,
    }),
    queueSeconds: new Histogram({
      name: 'tilepress_queue_wait_seconds',
      help: 'Time a job waited',
      labelNames: ['queue'],
      buckets: SECONDS,
      registers,
    }),
    failures: new Counter({
      name: 'tilepress_render_failures_total',
      help: 'Failed attempts by code',
      labelNames: ['code', 'final'],
      registers,
    }),
    truncated: new Counter({
      name: 'tilepress_truncated_tiles_total',
      help: 'Tiles whose item list was cut by a limit',
      labelNames: ['limit'],
      registers,
    }),
    tierFailures: new Counter({
      name: 'tilepress_cache_tier_failures_total',
      help: 'Failed calls of a cache tier',
      labelNames: ['tier', 'operation'],
      registers,
    }),
  }
}

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>
