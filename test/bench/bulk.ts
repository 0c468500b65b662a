import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../../src/prerender/run-resource.ts'
import { cpuTimes, spent, warnWhenBusy } from './cpu-time.ts'
import { fillCatalogue, loadImagery, registerSearch } from './imagery.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { askForRun } from './prerender.ts'
import { startApi, startWorkers } from './programs.ts'
import { median, round, spread } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

const MAX_ZOOM = 6

/**
 * Pre-render runs over all of the imagery, zooms 0 to 6, through API, queue and workers into the cache. A run's tiles are asked for with a
 * `scan_limit` of its own, so no cache has them. The figure is tiles per second of CPU, that of queue and cache included: what a core does
 * when nothing else runs on it.
 */
export async function benchBulk(options: BenchOptions, workspace: Workspace): Promise<object> {
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
  const processes = {
    api: [api.pid],
    workers: workers.map(({ pid }) => pid),
    queueRedis: [servers.queueRedis.pid],
    cacheRedis: [servers.cacheRedis.pid],
    postgres: [servers.postgres.pid],
  }

  const prerender = async (scanLimit: number, maxzoom: number): Promise<Run> => {
    const parameters = `${imagery.query}&scan_limit=${scanLimit}`
    let run = await askForRun(`${api.url}/prerender-runs`, { search, minzoom: 0, maxzoom, parameters })
    while (run.state === 'running') {
      await sleep(50)
      run = await askForRun(`${api.url}/prerender-runs/${run.id}`)
    }
    const { total, failed, present } = run.tiles
    if (run.state !== 'done' || failed + present > 0)
      throw new Error(`a run of ${total} tiles ended ${run.state}, with ${failed} failed and ${present} present`)
    return run
  }

  say('warming up')
  await prerender(9_000, 3)
  const perSecond: number[] = []
  const perCore: number[] = []
  const cpuMs: Record<string, number>[] = []
  let tiles = 0
  for (let run = 1; run <= options.runs; run++) {
    const before = cpuTimes(processes)
    const started = performance.now()
    const { tiles: counts } = await prerender(9_000 + run, MAX_ZOOM)
    const seconds = (performance.now() - started) / 1_000
    // What this process used is the polling alone.
    const { msPerTile, othersCores } = spent(before, cpuTimes(processes), seconds, counts.total)
    const { load: _, ...used } = msPerTile
    tiles = counts.total
    perSecond.push(round(counts.total / seconds, 1))
    perCore.push(round(1_000 / Object.values(used).reduce((sum, ms) => sum + ms, 0), 1))
    cpuMs.push(used)
    say(
      `run ${run}: ${counts.total} tiles (${counts.empty} empty) in ${seconds.toFixed(1)} s, ${perSecond.at(-1)} tiles/s, ${perCore.at(-1)} per second of CPU; ` +
        `CPU ms/tile: ${Object.entries(used)
          .map(([name, ms]) => `${name} ${ms}`)
          .join(', ')}; others used ${othersCores} cores`,
    )
  }
  const names = Object.keys(cpuMs[0] ?? {})
  return {
    bench: 'bulk',
    unit: 'pre-rendered tiles per second of CPU, all processes',
    ours: median(perCore),
    reference: null,
    ratio: null,
    imagery: imagery.name,
    tiles,
    runs: options.runs,
    workers: options.workers,
    perCoreSecond: spread(perCore),
    perSecond: spread(perSecond),
    cpuMsPerTile: Object.fromEntries(names.map((name) => [name, median(cpuMs.map((used) => used[name] ?? 0))])),
    machine: await machineFacts(),
  }
}
