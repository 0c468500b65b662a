import { warnWhenBusy } from './cpu-time.ts'
import { fillCatalogue, loadImagery, registerSearch, tileTemplate } from './imagery.ts'
import { type LoadRun, runLoad } from './load-run.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { askForRun } from './prerender.ts'
import { startApi, startWorkers } from './programs.ts'
import { median, round, spread } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

/** Of every zoom up to this: more than a measurement can use up. */
const MAX_ZOOM = 7

/**
 * Missing tiles that clients wait for, with nothing else to do and beside pre-render runs at full speed, in turns. The figure is the p95
 * beside the runs over the quiet one; the runs' own speed is told, with clients and without.
 */
export async function benchSeed(options: BenchOptions, workspace: Workspace): Promise<object> {
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
  const processes = { api: [api.pid], workers: workers.map(({ pid }) => pid), queueRedis: [servers.queueRedis.pid] }
  let key = 9_000
  const misses = (tiles: readonly string[], clients: number) =>
    runLoad(workspace, options, {
      template: tileTemplate(api.url, search, imagery, '', `scan_limit=${key++}`),
      tiles,
      clients,
      processes,
    })
  /** What `action` gives while runs keep the background queue full, and the tiles that they rendered in a second. */
  const whileSeeding = async <T>(action: () => Promise<T>): Promise<{ result: T; perSecond: number }> => {
    const parameters = `${imagery.query}&scan_limit=${key++}`
    const { id } = await askForRun(`${api.url}/prerender-runs`, { search, minzoom: 0, maxzoom: MAX_ZOOM, parameters })
    const done = async () => (await askForRun(`${api.url}/prerender-runs/${id}`)).tiles.done
    const before = await done()
    const started = performance.now()
    const result = await action()
    const seconds = (performance.now() - started) / 1_000
    const run = await askForRun(`${api.url}/prerender-runs/${id}`)
    if (run.state !== 'running') throw new Error('the run ended before the clients did: take fewer tiles')
    await askForRun(`${api.url}/prerender-runs/${id}/cancel`, {})
    return { result, perSecond: round((run.tiles.done - before) / seconds, 1) }
  }

  say('warming up')
  await misses(imagery.otherTiles, 4)
  const alone = await whileSeeding(() => new Promise((resolve) => setTimeout(resolve, 3_000)))
  say(`runs alone: ${alone.perSecond} tiles/s`)
  const rows = []
  for (const clients of options.clients) {
    const [quiet, beside, seeded]: [LoadRun[], LoadRun[], number[]] = [[], [], []]
    for (let run = 1; run <= options.runs; run++) {
      quiet.push(await misses(imagery.tiles, clients))
      const { result, perSecond } = await whileSeeding(() => misses(imagery.tiles, clients))
      beside.push(result)
      seeded.push(perSecond)
      const line = ({ perSecond, p50, p95, p99, cpu }: LoadRun) =>
        `${perSecond} tiles/s, p50 ${p50} p95 ${p95} p99 ${p99} ms (others used ${cpu.othersCores} cores)`
      say(`run ${run}, ${clients} clients, quiet: ${line(quiet.at(-1)!)}`)
      say(`run ${run}, ${clients} clients, seeding: ${line(result)}; the runs ${perSecond} tiles/s`)
    }
    const p95 = (runs: readonly LoadRun[]) => median(runs.map((run) => run.p95))
    rows.push({
      clients,
      quietP95Ms: p95(quiet),
      seedingP95Ms: p95(beside),
      ratio: round(p95(beside) / p95(quiet)),
      quietP50Ms: median(quiet.map(({ p50 }) => p50)),
      seedingP50Ms: median(beside.map(({ p50 }) => p50)),
      seededPerSecond: spread(seeded),
    })
  }
  return {
    bench: 'seed',
    unit: 'p95 of missing tiles beside pre-render runs at full speed, over the quiet one',
    ours: Math.max(...rows.map(({ ratio }) => ratio)),
    reference: null,
    ratio: null,
    imagery: imagery.name,
    tiles: imagery.tiles.length,
    runs: options.runs,
    workers: options.workers,
    seededAlonePerSecond: alone.perSecond,
    byClients: rows,
    machine: await machineFacts(),
  }
}
