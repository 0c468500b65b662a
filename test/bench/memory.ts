import { readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fillCatalogue, type Imagery, loadImagery, registerSearch, tileTemplate } from './imagery.ts'
import { runLoad } from './load-run.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { startApi, startWorkers } from './programs.ts'
import { round } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

/** Sets of the imagery under names of their own: with 15 files each, several times what a worker keeps open. */
const SETS = 30
const TILES_A_RUN = 200
const CLIENTS = 8

interface Sample {
  readonly seconds: number
  readonly renders: number
  /** Resident, of the worker. */
  readonly megabytes: number
}

/**
 * A worker that renders tiles of files which change all the time, and its resident memory. Each run of tiles is of another set of files, and
 * of a `scan_limit` that no run had, so that every tile is rendered.
 */
export async function benchMemory(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, options.tiles)
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  const folder = join(workspace.folder, 'sets')
  const sets = await Promise.all(Array.from({ length: SETS }, (_, index) => linkedSet(imagery, folder, index)))
  for (const set of sets) await fillCatalogue(servers.postgres.adminUrl('bench'), set)
  const setting = { databaseUrl: servers.postgres.url('bench'), servers, assetFolder: folder, options }
  const [api, [worker]] = await Promise.all([startApi(workspace, setting), startWorkers(workspace, setting, 1)])
  if (!worker) throw new Error('there is no worker')
  const searches = await Promise.all(sets.map((set) => registerSearch(api.url, set)))

  const samples: Sample[] = []
  const started = performance.now()
  let renders = 0
  for (let run = 0; renders < options.renders; run++) {
    const tiles = Array.from(
      { length: Math.min(TILES_A_RUN, options.renders - renders) },
      (_, index) => imagery.tiles[(run * TILES_A_RUN + index) % imagery.tiles.length]!,
    )
    const template = tileTemplate(
      api.url,
      searches[run % SETS]!,
      imagery,
      '',
      `scan_limit=${1_000 + Math.floor(run / SETS)}`,
    )
    const { cache } = await runLoad(workspace, options, { template, tiles, clients: CLIENTS, processes: {} })
    renders += cache.MISS ?? 0
    const sample = {
      seconds: round((performance.now() - started) / 1_000, 1),
      renders,
      megabytes: round(residentBytes(worker.pid) / 2 ** 20, 1),
    }
    samples.push(sample)
    if (run % 10 === 9) say(`${renders} renders, ${sample.megabytes} MB`)
  }
  const third = (number: number) =>
    mean(samples.filter((sample) => Math.min(2, Math.floor((3 * (sample.renders - 1)) / renders)) === number))
  const [first, middle, last] = [third(0), third(1), third(2)]
  const base = resolve(options.plot ?? join(workspace.folder, 'memory'))
  const lines = samples.map((sample) => [sample.seconds, sample.renders, sample.megabytes].join(','))
  await writeFile(`${base}.csv`, ['seconds,renders,megabytes', ...lines, ''].join('\n'))
  await writeFile(`${base}.svg`, plot(samples))
  return {
    bench: 'memory',
    unit: 'resident memory of a worker, mean of the last third of the renders over that of the middle third',
    ours: round(last / middle, 3),
    reference: null,
    ratio: null,
    imagery: imagery.name,
    renders,
    files: SETS * imagery.items.length,
    megabytesByThird: [first, middle, last].map((megabytes) => round(megabytes, 1)),
    most: Math.max(...samples.map(({ megabytes }) => megabytes)),
    machine: await machineFacts(),
  }
}

/** The imagery once more: links under other names, which are other files to everything that opens them, and a collection of their own. */
async function linkedSet(imagery: Imagery, parent: string, index: number): Promise<Imagery> {
  const folder = join(parent, String(index))
  await mkdir(folder, { recursive: true })
  const id = `${imagery.collection.id}-${index}`
  const items = imagery.items.map((item) => {
    const { assets } = item as { assets: Record<string, { href: string }> }
    const moved = Object.entries(assets).map(([name, asset]) => {
      return [name, { ...asset, href: join(folder, asset.href.split('/').at(-1) ?? '') }]
    })
    return { ...item, collection: id, assets: Object.fromEntries(moved) as typeof assets }
  })
  const hrefs = imagery.items.flatMap((item) =>
    Object.values((item as { assets: Record<string, { href: string }> }).assets),
  )
  for (const { href } of hrefs) await symlink(href, join(folder, href.split('/').at(-1) ?? ''))
  return { ...imagery, folder, collection: { ...imagery.collection, id }, items }
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1_024
}

function mean(samples: readonly Sample[]): number {
  return samples.reduce((sum, { megabytes }) => sum + megabytes, 0) / samples.length
}

/** Memory over renders. */
function plot(samples: readonly Sample[]): string {
  const [width, height, margin] = [800, 300, 50]
  const renders = samples.at(-1)?.renders ?? 1
  const most = Math.max(...samples.map(({ megabytes }) => megabytes)) * 1.1
  const points = samples.map((sample) => {
    const x = margin + (sample.renders / renders) * (width - 2 * margin)
    const y = height - margin - (sample.megabytes / most) * (height - 2 * margin)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  })
  const [right, bottom] = [width - margin, height - margin]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>Resident memory of a worker over its renders</title>
<rect width="${width}" height="${height}" fill="white"/>
<path d="M${margin},${margin} V${bottom} H${right}" fill="none" stroke="gray"/>
<polyline points="${points.join(' ')}" fill="none" stroke="steelblue" stroke-width="1.5"/>
<text x="${margin}" y="${margin - 8}">${Math.round(most)} MB resident</text>
<text x="${right}" y="${bottom + 18}" text-anchor="end">${renders} renders</text>
</svg>
`
}
