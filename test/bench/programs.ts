import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Child, startChild, waitUntilReady } from '../../apps/stack/services/child.ts'
import { onFreePort } from '../../apps/stack/services/ports.ts'
import type { BenchOptions } from './options.ts'
import type { Servers, Workspace } from './workspace.ts'

/** The repository's. */
export const root = resolve(import.meta.dirname, '../..')

export interface Program {
  readonly pid: number
  /** http://127.0.0.1:port */
  readonly url: string
  stop(): Promise<void>
}

export interface ProgramSetting {
  readonly databaseUrl: string
  readonly servers: Servers
  readonly assetFolder: string
  readonly options: Pick<BenchOptions, 'env' | 'profile' | 'nodeFlags'>
}

/** Settings of API and workers on a bench's servers: files of the imagery's folder, no Blob, no token. */
export function programEnvironment({
  databaseUrl,
  servers,
  assetFolder,
  options,
}: ProgramSetting): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    DATABASE_URL: databaseUrl,
    QUEUE_REDIS_URL: servers.queueRedis.url,
    CACHE_REDIS_URL: servers.cacheRedis.url,
    USE_AZURE_AUTH: 'false',
    LOCAL_MODE: 'true',
    ASSET_PREFIXES: `${assetFolder}/`,
    ...options.env,
  }
}

/** Starts the API on a free port. */
export function startApi(
  workspace: Workspace,
  setting: ProgramSetting,
  env: Record<string, string> = {},
): Promise<Program> {
  const own = (port: number) => ({ ...programEnvironment(setting), HOST: '127.0.0.1', PORT: String(port), ...env })
  return startProgram(workspace, {
    name: 'API',
    file: 'apps/api/main.ts',
    env: own,
    flags: nodeFlags(setting.options, 'API'),
  })
}

/** Starts render workers side by side. */
export function startWorkers(workspace: Workspace, setting: ProgramSetting, count: number): Promise<Program[]> {
  const own = (port: number) => ({ ...programEnvironment(setting), WORKER_PORT: String(port) })
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      startProgram(workspace, {
        name: `worker ${index + 1}`,
        file: 'apps/worker/main.ts',
        env: own,
        flags: nodeFlags(setting.options, `worker-${index + 1}`),
      }),
    ),
  )
}

/** Keeps names apart. */
let profiles = 0

function nodeFlags({ profile, nodeFlags }: ProgramSetting['options'], name: string): string[] {
  if (profile === undefined) return [...nodeFlags]
  return [
    ...nodeFlags,
    '--cpu-prof',
    `--cpu-prof-dir=${resolve(profile)}`,
    `--cpu-prof-name=${name}-${Date.now()}-${profiles++}.cpuprofile`,
  ]
}

interface ProgramFile {
  /** Begins every error sentence. */
  readonly name: string
  /** In the repository. */
  readonly file: string
  readonly env: (port: number) => Record<string, string>
  /** Of Node. */
  readonly flags?: readonly string[]
}

/** Starts a Node program that answers GET /livez on the port it is given, and stops it at the bench's end. */
export async function startProgram(
  workspace: Workspace,
  { name, file, env, flags = [] }: ProgramFile,
): Promise<Program> {
  return onFreePort(undefined, async (port) => {
    const logFile = join(workspace.folder, `${name.replace(' ', '-')}-${port}.log`)
    const child: Child = await startChild({
      name,
      command: process.execPath,
      args: [...flags, join(root, file)],
      env: env(port),
      cwd: root,
      logFile,
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 30_000,
    })
    workspace.releasers.add(name, async () => {
      await child.stop()
      await tellLog(name, logFile)
    })
    const url = `http://127.0.0.1:${port}`
    await waitUntilReady(name, child, async () => (await fetch(`${url}/livez`)).ok, 30_000)
    return { pid: child.pid, url, stop: () => child.stop() }
  })
}

/** A bench whose programs complain has not measured what it says. */
async function tellLog(name: string, file: string): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  if (lines.length > 0)
    process.stderr.write(`${name} logged ${lines.length} lines, the first: ${lines[0]?.slice(0, 800)}\n`)
}
