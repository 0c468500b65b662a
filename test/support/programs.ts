import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ChildExit, startChild, waitUntilReady } from '../../apps/stack/services/child.ts'
import { onFreePort } from '../../apps/stack/services/ports.ts'
import { type RedisService, startRedis } from '../../apps/stack/services/redis.ts'
import { startTogether } from '../../apps/stack/services/together.ts'
import { connectRedis, whenReady } from '../../src/queue/connection.ts'
import { Releasers } from '../../src/release.ts'
import { secretsIn, textsOf } from './secrets.ts'
import {
  createContainer,
  createDatabase,
  programEnvironment,
  services,
  type TestContainer,
  type TestDatabase,
} from './services.ts'

/** One line of a program's log. `level` is pino's: 30 info, 40 warn, 50 error. */
export interface LogLine {
  readonly level: number
  readonly msg?: string
  readonly [field: string]: unknown
}

/** A running API or worker. */
export interface Program {
  readonly name: string
  readonly pid: number
  /** http://127.0.0.1:port: the API, or a worker's status page. */
  readonly url: string
  readonly exited: Promise<ChildExit>
  /** All that it wrote, to standard output and error. */
  output(): string
  logs(): LogLine[]
  /** SIGTERM, and how it ended. */
  stop(): Promise<ChildExit>
  /** SIGKILL. */
  kill(): Promise<void>
  /** True while the program, or a process it started, is there. */
  isAlive(): boolean
}

/** Programs on servers of their own (database, both Redis, tile container): a test may stop and flush them. */
export interface System {
  readonly database: TestDatabase
  readonly tiles: TestContainer
  readonly queueRedis: RedisService
  readonly cacheRedis: RedisService
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly programs: readonly Program[]
  startApi(environment?: Record<string, string>): Promise<Program>
  startWorker(environment?: Record<string, string>): Promise<Program>
  /** Warnings and errors with these fields are what the test wants to see; a RegExp is matched. */
  announce(fields: Readonly<Record<string, unknown>>): void
  /** Warnings, errors and whatever is no log line at all, of every program so far, but for what was announced. */
  unexpectedLogs(): string[]
  /** Stops every program that still runs, and throws when one does not end in good order. */
  stopPrograms(): Promise<void>
  /** Stops and removes all there is. For afterAll. */
  release(): Promise<void>
}

const root = resolve(import.meta.dirname, '../..')
const START_MS = 30_000
const STOP_MS = 20_000

/** Starts the servers, and no program yet. `aof`: the queue's Redis keeps its data over a restart. */
export async function startSystem(environment: Record<string, string> = {}, { aof = false } = {}): Promise<System> {
  const releasers = new Releasers()
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-e2e-'))
  releasers.add('folder', () => rm(folder, { recursive: true, force: true }))
  const { queueRedis, cacheRedis } = await startTogether({
    queueRedis: startRedis({ folder: join(folder, 'queue'), policy: 'noeviction', aof }),
    cacheRedis: startRedis({ folder: join(folder, 'cache'), policy: 'allkeys-lru', aof: false, maxMemory: '128mb' }),
  })
  releasers.add('queue', () => queueRedis.stop())
  releasers.add('cache', () => cacheRedis.stop())
  const temporary = join(folder, 'tmp')
  const [database, tiles] = await Promise.all([createDatabase(), createContainer(), mkdir(temporary)])
  releasers.add('database', () => database.drop())
  const common = {
    ...programEnvironment(database.url),
    QUEUE_REDIS_URL: queueRedis.url,
    CACHE_REDIS_URL: cacheRedis.url,
    TILE_CONTAINER_URL: tiles.url,
    HOST: '127.0.0.1',
    // A busy machine is no outage: only a test of outages wants to hear of a call that took long.
    CACHE_TIMEOUT_MS: '5000',
    // What a program that is killed leaves behind goes with the system.
    TMPDIR: temporary,
    ...environment,
  }
  const programs: Program[] = []
  const announced: Readonly<Record<string, unknown>>[] = []
  let started = 0
  const start = async (kind: 'api' | 'worker', own: Record<string, string>) => {
    const name = `${kind}-${++started}`
    const program = await startProgram(name, `apps/${kind}/main.ts`, { ...common, ...own }, folder)
    releasers.add(name, () => program.kill())
    programs.push(program)
    return program
  }
  return {
    database,
    tiles,
    queueRedis,
    cacheRedis,
    folder,
    environment: common,
    programs,
    startApi: (own = {}) => start('api', own),
    startWorker: (own = {}) => start('worker', own),
    announce: (fields) => announced.push(fields),
    unexpectedLogs: () => programs.flatMap((program) => unexpected(program, announced)),
    stopPrograms: async () => {
      const running = programs.filter((program) => program.isAlive())
      for (const [index, { code, signal }] of (await Promise.all(running.map((each) => each.stop()))).entries()) {
        if (code !== 0) throw new Error(`${running[index]?.name} ended with ${code ?? signal}`)
      }
    },
    // Every system of every test is looked through before it goes: a test of its own would see its own paths alone.
    release: async () => {
      const secrets = [
        ...[new URL(database.url).password, new URL(database.adminUrl).password],
        ...[environment.IDENTITY_HEADER ?? services().identity.header, environment.API_KEYS ?? ''],
      ]
      const leaks = await leaksOf(programs, [queueRedis.url, cacheRedis.url], tiles, secrets)
      await releasers.release()
      if (leaks.length > 0) throw new Error(`secrets were written down: ${leaks.slice(0, 5).join(', ')}`)
    },
  }
}

/** Secrets in what the programs wrote, in their figures, in both Redis (keys, jobs, records, tiles' headers), in Blob names and metadata. */
async function leaksOf(
  programs: readonly Program[],
  redisUrls: readonly string[],
  tiles: TestContainer,
  secrets: readonly string[],
) {
  const texts = programs.map((program) => program.output())
  texts.push(await tiles.list())
  for (const program of programs.filter((each) => each.isAlive())) {
    const metrics = await fetch(`${program.url}/metrics`).catch(() => null)
    if (metrics) texts.push(await metrics.text().catch(() => ''))
  }
  for (const url of redisUrls) {
    const redis = connectRedis(url, 'fail-fast', { timeoutMs: 10_000, onError: () => {} })
    // A test may have stopped the server: then it holds nothing.
    const there = await whenReady(redis, 300).then(
      () => true,
      () => false,
    )
    if (there) texts.push(...(await textsOf(redis)))
    redis.disconnect()
  }
  return texts.flatMap((text) => secretsIn(text, secrets))
}

function startProgram(name: string, main: string, env: Record<string, string>, folder: string): Promise<Program> {
  return onFreePort(undefined, async (port) => {
    const logFile = join(folder, `${name}.log`)
    const child = await startChild({
      name,
      command: process.execPath,
      args: [join(root, main)],
      env: { ...env, PORT: String(port), WORKER_PORT: String(port) },
      cwd: root,
      logFile,
      stopSignal: 'SIGTERM',
      stopTimeoutMs: STOP_MS,
    })
    const url = `http://127.0.0.1:${port}`
    await waitUntilReady(name, child, async () => (await fetch(`${url}/livez`)).ok, START_MS)
    let kept: string | null = null
    const output = () => kept ?? readFileSync(logFile, 'utf8')
    const program: Program = {
      name,
      pid: child.pid,
      url,
      exited: child.exited,
      output,
      logs: () =>
        output()
          .split('\n')
          .flatMap((line) => parseLine(line) ?? []),
      stop: async () => {
        await child.stop()
        kept ??= output()
        return child.exited
      },
      kill: async () => {
        signal(child.pid, 'SIGKILL')
        await child.exited
        kept ??= output()
      },
      isAlive: () => signal(-child.pid, 0),
    }
    return program
  })
}

function unexpected(program: Program, announced: readonly Readonly<Record<string, unknown>>[]): string[] {
  return program
    .output()
    .split('\n')
    .filter((text) => {
      const line = parseLine(text)
      if (line === null) return text.trim() !== ''
      return line.level >= 40 && !announced.some((fields) => hasFields(line, fields))
    })
    .map((text) => `${program.name}: ${text}`)
}

function hasFields(line: LogLine, fields: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(fields).every(([name, value]) =>
    value instanceof RegExp ? value.test(String(line[name])) : line[name] === value,
  )
}

function parseLine(text: string): LogLine | null {
  try {
    const line: unknown = JSON.parse(text)
    return typeof line === 'object' && line !== null && 'level' in line ? (line as LogLine) : null
  } catch {
    return null
  }
}

/** False when there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** A program's Prometheus metric, summed over the series that have these labels; 0 when there is none. */
export async function metric(
  program: Program,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(`${program.url}/metrics`)).text()
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return text
    .split('\n')
    .map((line) => /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line))
    .filter((found) => found?.[1] === name && wanted.every((label) => found[2]?.split(',').includes(label)))
    .reduce((sum, found) => sum + Number(found?.[3]), 0)
}

/** Resolves when `state` is true; looks every 20 ms, and says what it waited for when it gives up. */
export async function until(what: string, state: () => Promise<boolean> | boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await state())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`)
    await sleep(20)
  }
}
