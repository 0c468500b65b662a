import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { cpuTimes, type Spent, spent } from './cpu-time.ts'
import type { LoadResult } from './load.ts'
import type { BenchOptions } from './options.ts'
import { root } from './programs.ts'
import type { Workspace } from './workspace.ts'

const run = promisify(execFile)

export interface LoadRun extends LoadResult {
  readonly cpu: Spent
  /** Answers that were no tile. */
  readonly failed: number
}

export interface LoadTask {
  readonly template: string
  readonly tiles: readonly string[]
  readonly clients: number
  /** Processes whose CPU time is of interest, by name. */
  readonly processes: Readonly<Record<string, readonly number[]>>
  /** What is no tile is counted, and no reason to give up. */
  readonly mayFail?: boolean
}

/** Runs the load generator to its end in a process of its own. Throws when any answer was not a tile, unless it may. */
export async function runLoad(workspace: Workspace, options: BenchOptions, task: LoadTask): Promise<LoadRun> {
  const { template, tiles, clients, processes } = task
  const list = join(workspace.folder, 'tiles.txt')
  await writeFile(list, `${tiles.join('\n')}\n`)
  const program = options.load === undefined ? join(root, 'test/bench/load.ts') : resolve(options.load)
  const before = cpuTimes(processes)
  const { stdout } = await run(process.execPath, [program, template, list, String(clients)], { cwd: root })
  const after = cpuTimes(processes)
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as LoadResult
  const bad = Object.keys(result.codes).filter((code) => code !== '200' && code !== '204')
  if (bad.length > 0 && task.mayFail !== true)
    throw new Error(`${new URL(template).origin} answered ${JSON.stringify(result.codes)}, not all tiles`)
  const failed = bad.reduce((sum, code) => sum + (result.codes[code] ?? 0), 0)
  return { ...result, failed, cpu: spent(before, after, result.seconds, tiles.length) }
}
