import { join } from 'node:path'
import { readConfig, threadPoolSize } from '../../src/config.ts'
import { type ChildOptions, startChild, waitUntilReady } from './services/child.ts'
import { freePort } from './services/ports.ts'
import { type Supervised, supervise } from './supervise.ts'

export interface ProgramsOptions {
  readonly checkout: string
  readonly logs: string
  /** The whole environment but for ports: what src/config.ts reads. */
  readonly env: NodeJS.ProcessEnv
  readonly host: string
  /** Of the API. */
  readonly port: number
  readonly workers: number
  readonly say: (text: string) => void
  /** Gives up what is starting. */
  readonly signal: AbortSignal
}

export interface Programs {
  /** http://host:port of the API. */
  readonly url: string
  /** Settles with a sentence when one of them was given up. */
  readonly lost: Promise<string>
  stop(): Promise<void>
}

/** Starts one API and the workers, each when it answers. Throws one sentence when one does not. */
export async function startPrograms(options: ProgramsOptions): Promise<Programs> {
  const running: Supervised[] = []
  const stop = async () => {
    await Promise.all(running.map((program) => program.stop()))
  }
  const reachable = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host
  const url = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${options.port}`
  const start = async (program: ChildOptions, healthUrl: string) => {
    const child = await startChild(program)
    await waitUntilReady(program.name, child, () => isHealthy(healthUrl), 60_000, options.signal)
    running.push(supervise(child, program, options.say))
  }
  const starting = await Promise.allSettled([
    start(apiOptions(options), `${url}/healthz`),
    ...Array.from({ length: options.workers }, async (_, index) => {
      const port = await freePort()
      await start(workerOptions(options, index + 1, port), `http://127.0.0.1:${port}/healthz`)
    }),
  ])
  const failed = starting.find((one) => one.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  return { url, lost: Promise.race(running.map((program) => program.lost)), stop }
}

function apiOptions({ checkout, logs, env, host, port }: ProgramsOptions): ChildOptions {
  return {
    name: 'The API',
    command: process.execPath,
    args: [join(checkout, 'apps/api/main.ts')],
    env: { ...env, PORT: String(port), HOST: host },
    logFile: join(logs, 'api.log'),
    stopSignal: 'SIGTERM',
    // Its own grace of 15 s for requests under way comes first.
    stopTimeoutMs: 20_000,
  }
}

function workerOptions({ checkout, logs, env }: ProgramsOptions, number: number, port: number): ChildOptions {
  return {
    name: `Worker ${number}`,
    command: process.execPath,
    args: [join(checkout, 'apps/worker/main.ts')],
    // libuv reads the size of its pool once, before any line of ours runs.
    env: { ...env, WORKER_PORT: String(port), UV_THREADPOOL_SIZE: String(threadPoolSize(readConfig(env))) },
    logFile: join(logs, `worker-${number}.log`),
    stopSignal: 'SIGTERM',
    // Its own grace of 20 s for renders under way comes first.
    stopTimeoutMs: 25_000,
  }
}

async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.arrayBuffer()
  return response.ok
}
