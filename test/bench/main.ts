import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Releasers } from '../../src/release.ts'
import { type BenchOptions, parseOptions, usage } from './options.ts'
import { root } from './programs.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

type Bench = (options: BenchOptions, workspace: Workspace) => Promise<object>

/** Loaded when asked for: one bench should not pay, or fail, for another's libraries. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  miss: async () => (await import('./miss.ts')).benchMiss,
  hit: async () => (await import('./hit.ts')).benchHit,
  queue: async () => (await import('./queue.ts')).benchQueue,
  bulk: async () => (await import('./bulk.ts')).benchBulk,
  crowd: async () => (await import('./crowd.ts')).benchCrowd,
  seed: async () => (await import('./seed.ts')).benchSeed,
  memory: async () => (await import('./memory.ts')).benchMemory,
  cold: async () => (await import('./cold.ts')).benchCold,
  rotation: async () => (await import('./rotation.ts')).benchRotation,
  chain: async () => (await import('./chain.ts')).benchChain,
  parity: async () => (await import('./parity.ts')).benchParity,
}

/** Runs one bench in a temporary folder with servers of its own, which are stopped however it ends; the result is the last line. */
async function run(load: () => Promise<Bench>, options: BenchOptions): Promise<void> {
  const releasers = new Releasers()
  let interrupted = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted) return
      interrupted = true
      process.stderr.write('stopping\n')
      releasers.release().finally(() => process.exit(130))
    })
  }
  try {
    const bench = await load()
    const result = await bench(options, await createWorkspace(releasers))
    await releasers.release()
    process.stdout.write(`${JSON.stringify(result)}\n`)
  } catch (error) {
    if (interrupted) return
    await releasers.release().catch((leftover) => process.stderr.write(`${leftover}\n`))
    process.stderr.write(`bench failed: ${error instanceof Error ? error.message : error}\n`)
    if (process.env.BENCH_DEBUG) console.error(error)
    process.exitCode = 1
  }
}

/** `render` measures the renderer alone and has its own program and options. */
function runRender(args: string[]): void {
  const child = spawn(process.execPath, [join(root, 'test/bench/render.ts'), ...args], { stdio: 'inherit' })
  process.on('SIGINT', () => {})
  child.once('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

const [name = '--help', ...rest] = process.argv.slice(2)
if (name === '--help' || name === '-h' || rest.includes('--help')) process.stdout.write(usage)
else if (name === 'render' && existsSync(join(root, 'test/bench/render.ts'))) runRender(rest)
else if (!Object.hasOwn(benches, name)) {
  process.stderr.write(`there is no bench "${name}"\n\n${usage}`)
  process.exitCode = 2
} else {
  try {
    await run(benches[name]!, parseOptions(rest))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    process.exitCode = 2
  }
}
