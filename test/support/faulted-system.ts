import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect } from 'vitest'
import { userCacheFolder } from '../../apps/stack/services/cache-folder.ts'
import { type PostgresService, startPostgres } from '../../apps/stack/services/postgres.ts'
import { type RedisOptions, type RedisService, startRedis } from '../../apps/stack/services/redis.ts'
import type { Run } from '../../src/prerender/run-resource.ts'
import { connectRedis, type Redis, whenReady } from '../../src/queue/connection.ts'
import { Releasers } from '../../src/release.ts'
import { createCollection } from './catalogue.ts'
import { ask } from './http.ts'
import { leftovers } from './leftovers.ts'
import { createMosaicImagery, type MosaicImagery } from './mosaic-imagery.ts'
import { metric, type Program, type System, startSystem, until } from './programs.ts'
import { uniqueName } from './services.ts'
import { startLink, type TcpLink } from './tcp-link.ts'
import { type Seen, Traffic, type TrafficOptions, troubles } from './traffic.ts'
import { startTroubledBlob, type TroubledBlob } from './troubled-blob.ts'

/** A server that a test takes down and brings up again at the same port, with the same data where it keeps any. */
export interface Restartable {
  readonly pid: number
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  start(): Promise<void>
}

/** Locks of jobs: short, so that a test need not wait long until a worker is taken for dead. */
export const LOCK_MS = 3_000

/** CACHE_TIMEOUT_MS of these systems: for tests of tiers that are slow, while a busy machine is none of them. */
const CACHE_MS = 1_000

/** So long Blob is waited for. */
export const BLOB_PATIENCE_MS = 4 * CACHE_MS

/** Two API processes and two workers on servers of their own, under load, for tests that break them one after the other. */
export interface FaultedSystem {
  readonly system: System
  readonly imagery: MosaicImagery
  readonly traffic: Traffic
  readonly queueRedis: Restartable
  readonly cacheRedis: Restartable
  readonly postgres: Restartable
  readonly blob: TroubledBlob
  /** Between the program and the queue's Redis. */
  linkOf(program: Program): TcpLink
  /** Those that run. */
  readonly apis: Program[]
  readonly workers: Program[]
  startApi(environment?: Record<string, string>): Promise<Program>
  startWorker(environment?: Record<string, string>): Promise<Program>
  /** SIGKILL; it is none of the running ones any more. */
  kill(program: Program): Promise<void>
  /** From now on what is missing is an edition that nobody has asked for. */
  missAnew(): number
  /** Starts a run over an edition that nobody has asked for; all its tiles count as asked for. */
  seed(): Promise<() => Promise<Run>>
  /** Resolves when so many more answers were seen that `which` accepts; RIGHT ones when it is absent. */
  answered(count: number, which?: (seen: Seen) => boolean): Promise<void>
  /** No more misses are asked for; resolves when no API process waits for one. */
  nobodyWaits(): Promise<void>
  /** True while the worker has a live job that it has not ended. */
  isRendering(worker: Program): Promise<boolean>
  /**
   * The fault is over: ends each test. Every tile that was ever asked for comes from every API process with the pixels of a direct render,
   * no wrong pixel was seen meanwhile, and no job, lock or waiter is left. Throws what is not so. `interrupted`: see `leftovers`.
   */
  expectAllWell(interrupted?: boolean): Promise<void>
  readonly search: string
  /** One more search of the mosaic's items, and the paths of its tiles. */
  register(query: object): Promise<(edition: number, tile: string) => string>
  /** A connection to the cache's or the queue's Redis as it runs now. */
  redis(server: 'queue' | 'cache'): Promise<Redis>
  release(): Promise<void>
}

export interface FaultedOptions extends Partial<Pick<TrafficOptions, 'clients' | 'thinkMs' | 'leavingOneIn'>> {
  readonly editions: number
  readonly environment?: Record<string, string>
}

export async function startFaultedSystem(options: FaultedOptions): Promise<FaultedSystem> {
  const releasers = new Releasers()
  try {
    return await start(options, releasers)
  } catch (error) {
    await releasers.release()
    throw error
  }
}

async function start(options: FaultedOptions, releasers: Releasers): Promise<FaultedSystem> {
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-faulted-'))
  await chmod(folder, 0o755)
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  const imagery = await createMosaicImagery(options.editions)
  releasers.add('imagery', () => imagery.close())
  const startOwnPostgres = (port?: number) =>
    startPostgres({
      folder: join(folder, 'postgres'),
      durable: false,
      cacheFolder: userCacheFolder(process.env),
      ...(port ? { port } : {}),
    })
  const postgres = restartable<PostgresService>(await startOwnPostgres(), (old) =>
    insisting(() => startOwnPostgres(old.port)),
  )
  releasers.add('postgres', () => postgres.stop())
  const system = await startSystem(
    {
      ASSET_PREFIXES: imagery.storage.prefix,
      RENDER_LOCK_MS: String(LOCK_MS),
      // Longer than any fault here: who waits gets his tile.
      RENDER_DEADLINE_MS: '40000',
      RENDER_ATTEMPTS: '5',
      ERROR_TTL_SECONDS: '1',
      CACHE_TIMEOUT_MS: String(CACHE_MS),
      GDAL_HTTP_MAX_RETRY: '1',
      ...options.environment,
    },
    { aof: true },
  )
  releasers.add('system', () => system.release())
  const redisOf = (
    name: 'queue' | 'cache',
    first: RedisService,
    more: Pick<RedisOptions, 'policy' | 'aof' | 'maxMemory'>,
  ) => {
    const service = restartable(first, () =>
      startRedis({ folder: join(system.folder, name), port: first.port, ...more }),
    )
    releasers.add(name, () => service.stop())
    return service
  }
  const queueRedis = redisOf('queue', system.queueRedis, { policy: 'noeviction', aof: true })
  const cacheRedis = redisOf('cache', system.cacheRedis, { policy: 'allkeys-lru', aof: false, maxMemory: '128mb' })
  const blob = await startTroubledBlob(new URL(system.tiles.url).origin, process.env.TILEPRESS_TEST_CERTIFICATE ?? '')
  releasers.add('blob', () => blob.close())

  await postgres.service().createDatabase('catalogue')
  const admin = new pg.Pool({ connectionString: postgres.service().adminUrl('catalogue'), max: 1 })
  const collection = uniqueName('mosaic-')
  await createCollection(
    { query: async (text, values) => (await admin.query(text, values ? [...values] : [])).rows },
    collection,
    imagery.items,
  ).finally(() => admin.end())

  const common = {
    DATABASE_URL: postgres.service().url('catalogue'),
    TILE_CONTAINER_URL: blob.via(system.tiles.url),
    ...options.environment,
  }
  const links = new Map<Program, TcpLink>()
  const apis: Program[] = []
  const workers: Program[] = []
  const linked = async (
    running: Program[],
    start: (environment: Record<string, string>) => Promise<Program>,
    environment: Record<string, string> = {},
  ) => {
    const link = await startLink(Number(new URL(system.queueRedis.url).port))
    releasers.add('link', () => link.close())
    const program = await start({ ...common, QUEUE_REDIS_URL: link.via(system.queueRedis.url), ...environment })
    links.set(program, link)
    running.push(program)
    return program
  }
  const startApi = (environment?: Record<string, string>) => linked(apis, system.startApi, environment)
  const startWorker = (environment?: Record<string, string>) => linked(workers, system.startWorker, environment)
  const [api] = await Promise.all([startApi(), startApi(), startWorker(), startWorker()])
  const register = async (query: object = {}) => {
    const body = { collections: [collection], ...query }
    return (await ask(api, '/searches/register', { method: 'POST', body })).json<{ id: string }>().id
  }
  const pathIn = (id: string) => (edition: number, tile: string) =>
    `/searches/${id}/tiles/WebMercatorQuad/${tile}.png?${new URLSearchParams(parametersOf(edition))}`
  // Where the files' names are used up, another limit that cuts nothing makes the tiles new to the caches.
  const parametersOf = (edition: number) => ({
    assets: `e${edition % options.editions}`,
    scan_limit: String(10_000 - Math.floor(edition / options.editions)),
  })
  const search = await register()
  const traffic = new Traffic({
    apis: () => apis,
    path: pathIn(search),
    tiles: imagery.tiles,
    expected: imagery.expected,
    warm: 0,
    clients: options.clients ?? 6,
    thinkMs: options.thinkMs ?? 60,
    ...(options.leavingOneIn ? { leavingOneIn: options.leavingOneIn } : {}),
  })
  releasers.add('traffic', () => traffic.stop())
  const redis = async (server: 'queue' | 'cache') => {
    const { url } = server === 'queue' ? system.queueRedis : system.cacheRedis
    const connection = connectRedis(url, 'fail-fast', { timeoutMs: 10_000, onError: () => undefined })
    await whenReady(connection, 10_000)
    return connection
  }
  let edition = 0
  const newEdition = () => {
    edition++
    return edition
  }
  const comesRight = async (from: Program, [number, tile]: readonly [number, string]) => {
    await until(
      `e${number} ${tile} of ${from.name} is right`,
      async () => {
        const { end } = await traffic.ask(from, number, tile)
        if (end === 'WRONG') throw new Error(`e${number} ${tile} of ${from.name} is another picture`)
        return end === 'RIGHT'
      },
      60_000,
    )
  }
  // What is asked for in all that follows, and is in every cache.
  for (const from of apis) await inTurns(imagery.tiles, 12, (tile) => comesRight(from, [0, tile]))
  const nobodyWaits = async () => {
    traffic.miss(0)
    const waits = (from: Program) => metric(from, 'tilepress_tiles_waited_for')
    const most = async () => Math.max(...(await Promise.all(apis.map(waits))))
    await until('nobody waits for a tile', async () => (await most()) === 0, 60_000)
  }
  let lookedAt = new Set<string>()
  return {
    system,
    imagery,
    traffic,
    queueRedis,
    cacheRedis,
    postgres,
    blob,
    linkOf: (program) => links.get(program) ?? unknown(program),
    apis,
    workers,
    startApi,
    startWorker,
    missAnew: () => {
      const next = newEdition()
      traffic.miss(next)
      return next
    },
    seed: async () => {
      const next = newEdition()
      const body = { search, bbox: imagery.bbox, zooms: [5], format: 'png', parameters: parametersOf(next) }
      const answer = await ask(apis[0]!, '/prerender-runs', { method: 'POST', body })
      expect(answer.status, answer.text).toBe(202)
      const { id } = answer.json<Run>()
      for (const tile of imagery.tiles) traffic.count(next, tile)
      return async () => (await ask(apis[0]!, `/prerender-runs/${id}`)).json<Run>()
    },
    redis,
    kill: async (program) => {
      for (const running of [apis, workers]) if (running.includes(program)) running.splice(running.indexOf(program), 1)
      await program.kill()
    },
    answered: async (count, which = ({ end }) => end === 'RIGHT') => {
      const from = traffic.seen.length
      const enough = () => traffic.seen.slice(from).filter(which).length >= count
      await until(`${count} answers`, enough, 60_000)
    },
    isRendering: async (worker) => {
      const taken = await metric(worker, 'tilepress_queue_wait_seconds_count', { queue: 'live' })
      const failed = await metric(worker, 'tilepress_render_failures_total')
      return taken - failed > (await metric(worker, 'tilepress_rendered_tiles_total'))
    },
    nobodyWaits,
    search,
    register: async (query) => pathIn(await register(query)),
    expectAllWell: async (interrupted = false) => {
      traffic.miss(0)
      for (const from of apis) {
        const open = traffic.asked.filter(([number, tile]) => !lookedAt.has(`${from.name} ${number} ${tile}`))
        await inTurns(open, 12, (one) => comesRight(from, one))
        lookedAt = new Set([...lookedAt, ...open.map(([number, tile]) => `${from.name} ${number} ${tile}`)])
      }
      expect(troubles(traffic.seen).WRONG ?? 0, 'wrong pictures').toBe(0)
      await nobodyWaits()
      const connection = await redis('queue')
      try {
        // A list of waiters ends when its tile is announced, at the latest 10 s after the last wait for it.
        await expect.poll(() => leftovers(connection, interrupted), { timeout: 40_000, interval: 100 }).toEqual([])
      } finally {
        connection.disconnect()
      }
    },
    release: () => releasers.release(),
  }
}

/** After a kill the backends are there for another moment, and keep a new server from starting. */
async function insisting<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      if (attempt === 20) throw error
      await sleep(250)
    }
  }
}

/** All of them, so many at a time. */
async function inTurns<T>(all: readonly T[], atATime: number, each: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values()
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      for (const one of rest) await each(one)
    }),
  )
}

function unknown(program: Program): never {
  throw new Error(`${program.name} has no link`)
}

function restartable<
  Service extends { readonly pid: number; readonly exited: Promise<unknown>; stop(): Promise<void> },
>(first: Service, again: (old: Service) => Promise<Service>): Restartable & { service(): Service } {
  let service = first
  return {
    get pid() {
      return service.pid
    },
    service: () => service,
    stop: () => service.stop(),
    kill: async () => {
      process.kill(service.pid, 'SIGKILL')
      await service.exited
    },
    start: async () => {
      service = await again(service)
    },
  }
}
