import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { warnWhenBusy } from './cpu-time.ts'
import { fillCatalogue, loadImagery, registerSearch, tileTemplate } from './imagery.ts'
import { runLoad } from './load-run.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { programEnvironment, root, startApi, startProgram, startWorkers } from './programs.ts'
import { median, round, spread } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

const run = promisify(execFile)

/** Tiles of one measurement: enough for a median. */
const TILES = 400

const FLOOR_JOBS = 1_000

/**
 * What a missing tile costs beyond its render, one at a time: the median through HTTP, caches, queue, worker and pub/sub less the median of
 * the same tiles rendered in a process without any of it. Beside it the floor: BullMQ from add to the news of a job that does nothing.
 */
export async function benchQueue(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, Math.min(options.tiles, TILES))
  warnWhenBusy(say)
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  await fillCatalogue(servers.postgres.adminUrl('bench'), imagery)
  const setting = { databaseUrl: servers.postgres.url('bench'), servers, assetFolder: imagery.folder, options }
  say('starting the API and one worker')
  const [api, workers] = await Promise.all([startApi(workspace, setting), startWorkers(workspace, setting, 1)])
  const search = await registerSearch(api.url, imagery)
  const processes = { api: [api.pid], workers: workers.map(({ pid }) => pid) }
  const throughQueue = (tiles: readonly string[], key: number) =>
    runLoad(workspace, options, {
      template: tileTemplate(api.url, search, imagery, '', `scan_limit=${key}`),
      tiles,
      clients: 1,
      processes,
    })

  const list = join(workspace.folder, 'in-process-tiles.txt')
  await writeFile(list, `${[...imagery.otherTiles, ...imagery.tiles].join('\n')}\n`)
  const inProcess = async () => {
    const args = [
      join(root, 'test/bench/in-process.ts'),
      search,
      imagery.query,
      list,
      String(imagery.otherTiles.length),
    ]
    const { stdout } = await run(process.execPath, args, { cwd: root, env: programEnvironment(setting) })
    return median(JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as number[])
  }

  await throughQueue(imagery.otherTiles, 9_000)
  const [missMs, hitMs, renderMs, floorMs]: [number[], number[], number[], number[]] = [[], [], [], []]
  const floor = await startFloor(workspace, servers.queueRedis.url)
  for (let key = 9_001; key <= 9_000 + options.runs; key++) {
    missMs.push((await throughQueue(imagery.tiles, key)).p50)
    hitMs.push((await throughQueue(imagery.tiles, key)).p50)
    renderMs.push(await inProcess())
    floorMs.push(await floor())
    say(
      `run ${key - 9_000}: p50 of a miss ${missMs.at(-1)} ms, of a render in process ${renderMs.at(-1)} ms, of a hit ${hitMs.at(-1)} ms, of a job that does nothing ${round(floorMs.at(-1)!)} ms`,
    )
  }
  const ours = round(median(missMs) - median(renderMs))
  return {
    bench: 'queue',
    unit: 'ms that HTTP, caches, queue and pub/sub add to the median render, one client',
    ours,
    reference: round(median(floorMs)),
    ratio: round(ours / median(floorMs)),
    imagery: imagery.name,
    tiles: imagery.tiles.length,
    runs: options.runs,
    missMs: spread(missMs),
    renderMs: spread(renderMs),
    hitMs: spread(hitMs),
    bullmqFloorMs: spread(floorMs.map((ms) => round(ms, 3))),
    machine: await machineFacts(),
  }
}

/** Starts a worker that does nothing; the function returned tells the median time from adding a job to the news of it. */
async function startFloor(workspace: Workspace, redisUrl: string): Promise<() => Promise<number>> {
  const env = (port: number) => ({ PATH: process.env.PATH ?? '', PORT: String(port), REDIS_URL: redisUrl })
  await startProgram(workspace, { name: 'no-op worker', file: 'test/bench/no-op-worker.ts', env })
  const [commands, subscriber] = [new Redis(redisUrl, { maxRetriesPerRequest: null }), new Redis(redisUrl)]
  const queue = new Queue('no-op', {
    connection: commands,
    prefix: '{bench}',
    defaultJobOptions: { removeOnComplete: true },
  })
  workspace.releasers.add('queue of the no-op worker', async () => {
    await queue.close()
    commands.disconnect()
    subscriber.disconnect()
  })
  let done = (): void => undefined
  subscriber.on('message', () => done())
  await subscriber.subscribe('done')
  return async () => {
    const times: number[] = []
    for (let job = 0; job < FLOOR_JOBS; job++) {
      const { promise, resolve } = Promise.withResolvers<void>()
      done = resolve
      const started = performance.now()
      await queue.add('render', { job })
      await promise
      times.push(performance.now() - started)
    }
    return median(times)
  }
}
