import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import type { CannonResult, CannonTask } from './cannon.ts'
import { cpuTimes, spent, warnWhenBusy } from './cpu-time.ts'
import { fillCatalogue, type Imagery, loadImagery, registerSearch, tileTemplate, tileUrl } from './imagery.ts'
import { machineFacts } from './machine.ts'
import { startNginx } from './nginx.ts'
import type { BenchOptions } from './options.ts'
import { type Program, root, startApi, startProgram, startWorkers } from './programs.ts'
import { median, round, type Spread, spread } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

const run = promisify(execFile)

const CONNECTIONS = 32

/** More than connections, so that no two of them ask for the same tile at the same time. */
const TILES = 64

/** A usual size of a 256×256 photo tile. */
const WANTED_BYTES = 11_000

interface CachedTile {
  readonly path: string
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** One line of the result: a server, what it is asked, and what it must answer. */
interface Mode {
  readonly name: string
  readonly server: Program
  readonly requests: CannonTask['requests']
  readonly status: number
  /** X-Cache of its answers; a bare handler says what the tile said when it was copied. */
  readonly cache: string
}

/**
 * One API process with cached tiles: from memory, from Redis, and 304s; beside a bare Koa handler with the same bytes and headers, and nginx with
 * the same files where there is one.
 */
export async function benchHit(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, options.tiles)
  warnWhenBusy(say)
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  await fillCatalogue(servers.postgres.adminUrl('bench'), imagery)
  const setting = { databaseUrl: servers.postgres.url('bench'), servers, assetFolder: imagery.folder, options }
  say('starting the API with and without memory, and a worker')
  const [api, apiWithoutMemory, [worker]] = await Promise.all([
    startApi(workspace, setting),
    startApi(workspace, setting, { MEMORY_CACHE_MB: '0' }),
    startWorkers(workspace, setting, 1),
  ])
  const search = await registerSearch(api.url, imagery)
  const tiles = await cachedTiles(tileTemplate(api.url, search, imagery), imagery)
  await worker?.stop()
  const bytes = Math.round(tiles.reduce((sum, { body }) => sum + body.length, 0) / tiles.length)
  say(`${tiles.length} tiles of ${bytes} bytes on average`)

  const plain = tiles.map(({ path }) => ({ path }))
  const known = tiles.map(({ path, etag }) => ({ path, headers: { 'If-None-Match': etag } }))
  const modes: Mode[] = [
    { name: 'memory', server: api, requests: plain, status: 200, cache: 'HIT-MEMORY' },
    { name: 'redis', server: apiWithoutMemory, requests: plain, status: 200, cache: 'HIT-REDIS' },
    { name: 'notModified', server: api, requests: known, status: 304, cache: 'HIT-MEMORY' },
    { name: 'redisNotModified', server: apiWithoutMemory, requests: known, status: 304, cache: 'HIT-REDIS' },
  ]
  if (options.reference) {
    const keys = await redisKeys(servers.cacheRedis.url, tiles)
    const bare = await startBareKoa(workspace, tiles, '', {})
    const bareRedis = await startBareKoa(workspace, tiles, servers.cacheRedis.url, keys)
    modes.unshift({ name: 'bareKoa', server: bare, requests: plain, status: 200, cache: 'MISS' })
    const nginx = await startNginx(workspace, tiles)
    if (nginx) modes.unshift({ name: 'nginx', server: nginx, requests: plain, status: 200, cache: 'MISS' })
    else say('there is no nginx here to compare with')
    modes.push({ name: 'bareKoaRedis', server: bareRedis, requests: plain, status: 200, cache: 'MISS' })
  }
  const figures = await measure(workspace, options, modes)
  const perSecond = (name: string) => figures[name]?.perSecond.median ?? null
  const [ours, reference] = [perSecond('memory') ?? 0, perSecond('bareKoa')]
  return {
    bench: 'hit',
    unit: `answers/s of one API process, from memory, ${CONNECTIONS} connections`,
    ours,
    reference,
    ratio: reference && round(ours / reference),
    nginx: perSecond('nginx'),
    redisRatio: reference && round((perSecond('redis') ?? 0) / (perSecond('bareKoaRedis') ?? 1)),
    imagery: imagery.name,
    bytes,
    runs: options.runs,
    seconds: options.seconds,
    figures,
    machine: await machineFacts(),
  }
}

/** Tiles near the wanted size, rendered and in the cache. Asked for as JPEG, so that all are photos. */
async function cachedTiles(template: string, imagery: Imagery): Promise<CachedTile[]> {
  const all: CachedTile[] = []
  for (const tile of imagery.tiles.slice(0, 400)) {
    const url = tileUrl(template, tile)
    const response = await fetch(url)
    const body = Buffer.from(await response.arrayBuffer())
    if (response.status !== 200) continue
    const { pathname, search } = new URL(url)
    const own = ['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', 'server-timing']
    const headers = Object.fromEntries([...response.headers].filter(([name]) => !own.includes(name)))
    all.push({ path: pathname + search, etag: response.headers.get('etag') ?? '', headers, body })
  }
  const distance = ({ body }: CachedTile) => Math.abs(body.length - WANTED_BYTES)
  return all.toSorted((a, b) => distance(a) - distance(b)).slice(0, TILES)
}

/** Keys of the tiles in Redis by path, found by their place at the end: a server that knows a key needs no rule to make it. */
async function redisKeys(url: string, tiles: readonly CachedTile[]): Promise<Record<string, string>> {
  const redis = new Redis(url)
  try {
    const keys = await redis.keys('*')
    return Object.fromEntries(
      tiles.map(({ path }) => {
        const { pathname } = new URL(path, 'http://localhost')
        const place = pathname.split('/').slice(-3).join('/')
        return [pathname, keys.find((key) => key.endsWith(`/${place}`)) ?? '']
      }),
    )
  } finally {
    redis.disconnect()
  }
}

function startBareKoa(
  workspace: Workspace,
  tiles: readonly CachedTile[],
  redisUrl: string,
  keys: Readonly<Record<string, string>>,
): Promise<Program> {
  const { headers, body } = tiles[0]!
  const answer = JSON.stringify({ headers, body: body.toString('base64') })
  const env = (port: number) => ({
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    PORT: String(port),
    ANSWER: answer,
    REDIS_URL: redisUrl,
    KEYS: JSON.stringify(keys),
  })
  return startProgram(workspace, {
    name: redisUrl === '' ? 'bare Koa' : 'bare Koa with Redis',
    file: 'test/bench/bare-koa.ts',
    env,
  })
}

interface Figures {
  readonly perSecond: Spread
  readonly p50: number
  readonly p99: number
  /** Microseconds of the server's CPU an answer. */
  readonly cpuMicroseconds: number
  readonly othersCores: number
}

async function measure(
  workspace: Workspace,
  options: BenchOptions,
  modes: readonly Mode[],
): Promise<Record<string, Figures>> {
  const results = new Map<string, (CannonResult & { cpuMicroseconds: number; othersCores: number })[]>()
  for (const mode of modes) {
    await checkCache(mode)
    await cannonade(workspace, { ...mode, seconds: 2 })
  }
  for (let round = 1; round <= options.runs; round++) {
    for (const mode of modes) {
      const result = await cannonade(workspace, { ...mode, seconds: options.seconds })
      results.set(mode.name, [...(results.get(mode.name) ?? []), result])
      const others = result.othersCores > 0.1 ? `; others used ${result.othersCores} cores` : ''
      say(
        `run ${round} ${mode.name.padEnd(16)} ${String(result.perSecond).padStart(6)} answers/s  p50 ${result.p50} p99 ${result.p99} ms  ` +
          `CPU ${result.cpuMicroseconds} µs an answer${others}`,
      )
    }
  }
  return Object.fromEntries(
    [...results].map(([name, all]) => [
      name,
      {
        perSecond: spread(all.map(({ perSecond }) => perSecond)),
        p50: median(all.map(({ p50 }) => p50)),
        p99: median(all.map(({ p99 }) => p99)),
        cpuMicroseconds: median(all.map(({ cpuMicroseconds }) => cpuMicroseconds)),
        othersCores: Math.max(...all.map(({ othersCores }) => othersCores)),
      },
    ]),
  )
}

/** Throws when a tile comes from elsewhere than the mode says. */
async function checkCache({ name, server, requests, status, cache }: Mode): Promise<void> {
  for (const { path, headers = {} } of requests) {
    const response = await fetch(server.url + path, { headers })
    await response.arrayBuffer()
    const from = response.headers.get('x-cache')
    if (response.status !== status || from !== cache)
      throw new Error(`${name} answered ${response.status} ${from}, not ${status} ${cache}`)
  }
}

async function cannonade(
  workspace: Workspace,
  { name, server, requests, status, seconds }: Mode & { seconds: number },
) {
  const task: CannonTask = { url: server.url, connections: CONNECTIONS, seconds, requests, status }
  const file = join(workspace.folder, 'cannon.json')
  await writeFile(file, JSON.stringify(task))
  const groups = { server: [server.pid] }
  const before = cpuTimes(groups)
  const started = performance.now()
  const { stdout } = await run(process.execPath, [join(root, 'test/bench/cannon.ts'), file], { cwd: root })
  const elapsed = (performance.now() - started) / 1_000
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as CannonResult
  if (result.bad > 0) throw new Error(`${name}: ${result.bad} answers were not ${status}`)
  const cpu = spent(before, cpuTimes(groups), elapsed, result.requests)
  // Redis is neither the server nor one of the others; what it uses shows as theirs.
  return {
    ...result,
    cpuMicroseconds: Math.round((cpu.msPerTile.server ?? 0) * 1_000),
    othersCores: cpu.othersCores,
  }
}
