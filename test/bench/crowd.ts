import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { warnWhenBusy } from './cpu-time.ts'
import { HttpConnection } from './http-connection.ts'
import { fillCatalogue, type Imagery, loadImagery, registerSearch, tileTemplate } from './imagery.ts'
import type { LoadResult } from './load.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { root, startApi, startWorkers } from './programs.ts'
import { median, round } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

const run = promisify(execFile)

/** Clients of the crowd, each with a missing tile of its own; from two programs. */
const CROWD = 2_000

/** Clients of cached tiles, and how many tiles those are. */
const HIT_CLIENTS = 4
const HIT_TILES = 64

const QUIET_MS = 3_000

/** Milliseconds of hits. */
interface Hits {
  readonly hits: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

interface Row {
  readonly quiet: Hits
  readonly beside: Hits
  /** How long the crowd was there. */
  readonly seconds: number
  /** Its answers by status, and the slowest. */
  readonly codes: Readonly<Record<string, number>>
  readonly slowestMs: number
}

/**
 * Cached tiles from memory while 2,000 clients wait for as many missing tiles before one worker. The figure is the p95 of the hits from the
 * crowd's first request to its last answer over the quiet one.
 */
export async function benchCrowd(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, options.tiles)
  warnWhenBusy(say)
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  await fillCatalogue(servers.postgres.adminUrl('bench'), imagery)
  const setting = { databaseUrl: servers.postgres.url('bench'), servers, assetFolder: imagery.folder, options }
  say('starting the API and one worker')
  const [api] = await Promise.all([startApi(workspace, setting), startWorkers(workspace, setting, 1)])
  const search = await registerSearch(api.url, imagery)
  let key = 9_000
  const template = () => tileTemplate(api.url, search, imagery, '', `scan_limit=${key++}`)
  /** The load generator to its end; any status is an answer. */
  const load = async (url: string, tiles: readonly string[], clients: number): Promise<LoadResult> => {
    const list = join(workspace.folder, `tiles-${Math.random()}.txt`)
    await writeFile(list, `${tiles.join('\n')}\n`)
    const { stdout } = await run(process.execPath, [join(root, 'test/bench/load.ts'), url, list, String(clients)])
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as LoadResult
  }
  const hot = template()
  const hotTiles = imagery.tiles.slice(0, HIT_TILES)
  say('warming up')
  await load(template(), imagery.otherTiles, 4)
  await load(hot, hotTiles, 4)
  const rows: Row[] = []
  for (let number = 1; number <= options.runs; number++) {
    const quiet = await hitsWhile(hot, hotTiles, sleep(QUIET_MS))
    const started = performance.now()
    const halves = [0, 1].map(() => load(template(), crowdTiles(imagery), CROWD / 2))
    const crowd = Promise.all(halves)
    const beside = await hitsWhile(hot, hotTiles, crowd)
    const seconds = (performance.now() - started) / 1_000
    const results = await crowd
    const codes: Record<string, number> = {}
    for (const { codes: each } of results) {
      for (const [code, count] of Object.entries(each)) codes[code] = (codes[code] ?? 0) + count
    }
    const others = Object.keys(codes).filter((code) => !['200', '204', '503'].includes(code))
    if (others.length > 0) throw new Error(`the crowd was answered ${JSON.stringify(codes)}`)
    const last = Math.max(...results.map(({ max }) => max))
    rows.push({ quiet, beside, seconds: round(seconds, 1), codes, slowestMs: last })
    say(`run ${number}: ${JSON.stringify(rows.at(-1))}`)
  }
  const mid = (pick: (row: Row) => number) => median(rows.map(pick))
  return {
    bench: 'crowd',
    unit: 'p95 of hits beside 2,000 clients of missing tiles and one worker, over the quiet one',
    ours: round(mid(({ beside }) => beside.p95) / mid(({ quiet }) => quiet.p95)),
    reference: null,
    ratio: null,
    imagery: imagery.name,
    runs: rows,
    machine: await machineFacts(),
  }
}

/** Asks for the tiles in turn, as fast as they come, until `end`; milliseconds. Throws when one is not answered as a hit. */
async function hitsWhile(template: string, tiles: readonly string[], end: Promise<unknown>): Promise<Hits> {
  const url = new URL(template)
  const paths = tiles.map((tile) => {
    const [z = '', x = '', y = ''] = tile.split('/')
    return template.slice(url.origin.length).replace('{z}', z).replace('{x}', x).replace('{y}', y)
  })
  let isOver = false
  const over = end.finally(() => {
    isOver = true
  })
  const times: number[] = []
  const client = async (_: unknown, first: number) => {
    const connection = await HttpConnection.open(url)
    for (let i = first; !isOver; i++) {
      const asked = performance.now()
      const { status, cache } = await connection.get(paths[i % paths.length] ?? '')
      times.push(performance.now() - asked)
      if (!['200', '204'].includes(String(status)) || !cache.startsWith('HIT'))
        throw new Error(`a hit was ${status} ${cache}`)
    }
    connection.close()
  }
  await Promise.all([over, ...Array.from({ length: HIT_CLIENTS }, client)])
  const sorted = Float64Array.from(times).sort()
  const quantile = (share: number) => round(sorted[Math.floor(share * sorted.length)] ?? Number.NaN)
  return {
    hits: times.length,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    max: round(sorted.at(-1) ?? 0),
  }
}

/** As many different tiles as half of the crowd has clients. */
function crowdTiles({ tiles, otherTiles }: Imagery): string[] {
  const all = [...tiles, ...otherTiles].slice(0, CROWD / 2)
  if (all.length < CROWD / 2)
    throw new Error(`the imagery has ${all.length} tiles, of ${CROWD / 2} that the crowd needs`)
  return all
}
