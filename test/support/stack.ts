import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { InstalledSamples } from '../../apps/stack/sample-imagery.ts'
import { type Child, type ChildExit, startChild, waitUntilReady } from '../../apps/stack/services/child.ts'
import { freePort } from '../../apps/stack/services/ports.ts'

/** The local stack as `npm start` runs it, in a data folder of its own. */
export interface RunningStack {
  readonly pid: number
  readonly port: number
  /** http://127.0.0.1:port */
  readonly url: string
  readonly exited: Promise<ChildExit>
  /** What a person saw on the terminal. */
  output(): string
  /** The searches it registered, by collection. */
  search(collection: string): string
  /** Ids of every process below it. */
  processes(): number[]
  /** Ctrl-C. */
  interrupt(): Promise<ChildExit>
  kill(signal: NodeJS.Signals): void
}

const main = resolve(import.meta.dirname, '../../apps/stack/main.ts')

/** A data folder that PostgreSQL's account can enter; `remove` is for afterAll. */
export async function stackFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tilepress-stack-'))
  await chmod(path, 0o755)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Starts the stack and gives it back when it says that it is ready; throws what it said when it ends before. */
export async function startStack(folder: string, environment: Record<string, string> = {}): Promise<RunningStack> {
  const port = await freePort()
  const stack = await launchStack(folder, { PORT: String(port), WORKERS: '1', ...environment })
  const ready = async () => stack.output().includes('Ctrl-C stops everything')
  await waitUntilReady('the stack', stack.child, ready, 180_000)
  const file = join(folder, 'samples.json')
  return {
    pid: stack.child.pid,
    port,
    url: `http://127.0.0.1:${port}`,
    exited: stack.child.exited,
    output: stack.output,
    search: (collection) => {
      const { searches } = JSON.parse(readFileSync(file, 'utf8')) as InstalledSamples
      const found = searches.find((search) => search.collection === collection)
      if (!found) throw new Error(`${collection} is none of the samples`)
      return found.id
    },
    processes: () => descendants(stack.child.pid),
    interrupt: async () => {
      await stack.child.stop()
      return stack.child.exited
    },
    kill: (signal) => void process.kill(stack.child.pid, signal),
  }
}

/** Starts the stack with this environment and waits for nothing. */
export async function launchStack(
  folder: string,
  environment: Record<string, string>,
): Promise<{ child: Child; output(): string }> {
  const logFile = join(folder, `terminal-${crypto.randomUUID()}.log`)
  const child = await startChild({
    name: 'the stack',
    command: process.execPath,
    args: [main],
    env: { ...process.env, DATA_DIR: folder, ...environment },
    logFile,
    stopSignal: 'SIGINT',
    stopTimeoutMs: 60_000,
  })
  return { child, output: () => readFileSync(logFile, 'utf8') }
}

/** True while the process is there and not just waiting to be reaped. */
export function isRunning(pid: number): boolean {
  return statOf(pid)?.state !== undefined && statOf(pid)?.state !== 'Z'
}

function descendants(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const children = all.map(Number).filter((one) => statOf(one)?.parent === pid)
  return children.flatMap((child) => [child, ...descendants(child)])
}

/** From /proc/<pid>/stat: the name in brackets may hold anything, what follows it does not. */
function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return state === undefined ? undefined : { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}
