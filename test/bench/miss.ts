import { warnWhenBusy } from './cpu-time.ts'
import { fillCatalogue, type Imagery, loadImagery, registerSearch, tileTemplate } from './imagery.ts'
import { type LoadRun, runLoad } from './load-run.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { startApi, startWorkers } from './programs.ts'
import { referenceRelease, startReference } from './reference.ts'
import { median, round, type Spread, spread } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

interface Side {
  readonly name: string
  readonly template: (run: number) => string
  readonly processes: Readonly<Record<string, readonly number[]>>
  /** What X-Cache may say. */
  readonly cache: readonly string[]
}

/** Medians over the runs of one side with one number of clients; milliseconds but for perSecond. */
interface Figures {
  readonly perSecond: Spread
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly cpuMsPerTile: Readonly<Record<string, number>>
  readonly othersCores: number
}

/**
 * Every tile of the list once, in its order, that no cache has: each run asks with another `scan_limit` (which changes the tiles' keys and
 * nothing else), so the processes stay warm and their caches cold, as the reference's stay. Sides take turns.
 */
export async function benchMiss(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, options.tiles)
  warnWhenBusy(say)
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  await fillCatalogue(servers.postgres.adminUrl('bench'), imagery)
  const setting = { databaseUrl: servers.postgres.url('bench'), servers, assetFolder: imagery.folder, options }
  say(`starting the API and ${options.workers} workers`)
  const [api, workers] = await Promise.all([
    startApi(workspace, setting),
    startWorkers(workspace, setting, options.workers),
  ])
  const search = await registerSearch(api.url, imagery)
  const ours: Side = {
    name: 'tilepress',
    template: (run) => tileTemplate(api.url, search, imagery, '', `scan_limit=${9_000 + run}`),
    processes: {
      api: [api.pid],
      workers: workers.map(({ pid }) => pid),
      queueRedis: [servers.queueRedis.pid],
      cacheRedis: [servers.cacheRedis.pid],
      postgres: [servers.postgres.pid],
    },
    // A tile that its neighbour's job has just rendered is in Redis: no cache had it when the run began, as each run has keys of its own.
    cache: ['MISS', 'COALESCED', 'HIT-REDIS'],
  }
  const sides = options.reference ? [await referenceSide(), ours] : [ours]
  const runs = await measure(workspace, options, imagery, sides)
  const oursFigures = figuresOf(runs, ours, options.clients)
  const referenceFigures = sides[0] === ours ? null : figuresOf(runs, sides[0]!, options.clients)
  const [first = 10] = options.clients
  const [mine, theirs] = [
    oursFigures[first]?.perSecond.median ?? 0,
    referenceFigures?.[first]?.perSecond.median ?? null,
  ]
  return {
    bench: 'miss',
    unit: `tiles/s at ${first} clients`,
    ours: mine,
    reference: theirs,
    ratio: theirs && round(mine / theirs),
    p95Ratio: referenceFigures && round((oursFigures[first]?.p95 ?? 0) / (referenceFigures[first]?.p95 ?? 1), 3),
    imagery: imagery.name,
    tiles: imagery.tiles.length,
    runs: options.runs,
    workers: options.workers,
    oursByClients: oursFigures,
    referenceByClients: referenceFigures,
    referenceRelease: referenceFigures && referenceRelease,
    machine: await machineFacts(),
  }

  async function referenceSide(): Promise<Side> {
    const reference = await startReference(workspace, setting.databaseUrl, options.workers)
    const id = await registerSearch(reference.url, imagery)
    if (id !== search) throw new Error(`the same search is ${search} here and ${id} there`)
    return {
      name: 'reference',
      template: () => tileTemplate(reference.url, search, imagery),
      processes: { reference: [reference.pid], postgres: [servers.postgres.pid] },
      cache: ['-'],
    }
  }
}

type Runs = ReadonlyMap<string, readonly LoadRun[]>

async function measure(
  workspace: Workspace,
  options: BenchOptions,
  imagery: Imagery,
  sides: readonly Side[],
): Promise<Runs> {
  const runs = new Map<string, LoadRun[]>()
  let key = 0
  say(`warming up with ${imagery.otherTiles.length} tiles that the list has not`)
  for (const { template, processes } of sides) {
    await runLoad(workspace, options, { template: template(key++), tiles: imagery.otherTiles, clients: 4, processes })
  }
  for (let run = 1; run <= options.runs; run++) {
    for (const clients of options.clients) {
      for (const side of sides) {
        const result = await runLoad(workspace, options, {
          ...side,
          template: side.template(key++),
          tiles: imagery.tiles,
          clients,
        })
        const other = Object.keys(result.cache).filter((from) => !side.cache.includes(from))
        if (other.length > 0) throw new Error(`${side.name} answered from ${other.join(', ')}: that measures no miss`)
        const name = runName(side, clients)
        runs.set(name, [...(runs.get(name) ?? []), result])
        say(lineOf(run, side, result))
      }
    }
  }
  return runs
}

const runName = (side: Side, clients: number) => `${side.name}/${clients}`

function figuresOf(runs: Runs, side: Side, clientCounts: readonly number[]): Record<number, Figures> {
  const figures = clientCounts.map((clients) => {
    const all = runs.get(runName(side, clients)) ?? []
    const mid = (pick: (run: LoadRun) => number) => median(all.map(pick))
    const groups = Object.keys(all[0]?.cpu.msPerTile ?? {})
    return [
      clients,
      {
        perSecond: spread(all.map(({ perSecond }) => perSecond)),
        p50: mid(({ p50 }) => p50),
        p95: mid(({ p95 }) => p95),
        p99: mid(({ p99 }) => p99),
        cpuMsPerTile: Object.fromEntries(groups.map((group) => [group, mid(({ cpu }) => cpu.msPerTile[group] ?? 0)])),
        othersCores: Math.max(...all.map(({ cpu }) => cpu.othersCores)),
      },
    ]
  })
  return Object.fromEntries(figures)
}

function lineOf(run: number, side: Side, { clients, perSecond, p50, p95, p99, kB, cpu }: LoadRun): string {
  const cpuTimes = Object.entries(cpu.msPerTile).map(([name, ms]) => `${name} ${ms}`)
  const others = cpu.othersCores > 0.1 ? `; others used ${cpu.othersCores} cores` : ''
  return (
    `run ${run} ${side.name.padEnd(9)} ${String(clients).padStart(3)} clients ${perSecond.toFixed(1).padStart(7)} tiles/s ` +
    `p50 ${p50} p95 ${p95} p99 ${p99} ms  ${kB} kB  CPU ms/tile: ${cpuTimes.join(', ')}${others}`
  )
}
