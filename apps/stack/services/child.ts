import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { userCacheFolder } from './cache-folder.ts'

export interface ChildOptions {
  /** The name people know it by; begins every error sentence. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Standard output and error go here; a file, not a pipe, so that the child outlives a parent that was killed long enough to stop in order. */
  readonly logFile: string
  /** Kept from the last run instead of starting the log anew. */
  readonly appendLog?: boolean
  /** The whole environment; the parent's own when absent. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Another account to run as; only root may ask for it. */
  readonly user?: string
  /** Asks the child to end in good order. */
  readonly stopSignal: NodeJS.Signals
  /** Milliseconds after which stop() kills the child and what it started. */
  readonly stopTimeoutMs: number
}

export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Child {
  readonly pid: number
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<ChildExit>
  /** The log's last line that says something. */
  lastWords(): Promise<string>
  /** Ends the process and waits for it; safe to call twice. */
  stop(): Promise<void>
}

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))

/**
 * Starts a program in a session of its own, so that Ctrl-C reaches only us and we end things in order. Where setpriv exists
 * (Linux), the kernel sends `stopSignal` should this process die without a word (kill -9): no orphan survives.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openSync(options.logFile, options.appendLog ? 'a' : 'w', 0o600)
  let child: ChildProcess
  try {
    const [command, ...args] = withPrivileges(options)
    child = spawn(command as string, args, {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: options.cwd ?? '/',
      env: { ...compileCache(options.command), ...(options.env ?? process.env) },
    })
  } finally {
    closeSync(log)
  }
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: 127, signal: null }))
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) =>
      reject(new Error(`${options.name} could not be started: ${cause.message}.`, { cause })),
    )
  })
  const pid = child.pid as number
  let stopping: Promise<void> | undefined
  return {
    pid,
    exited,
    lastWords: () => lastLine(options.logFile),
    stop: () => {
      stopping ??= stopChild(pid, exited, options)
      return stopping
    },
  }
}

/** Node keeps what it compiled from one start to the next: half of the CPU time that an API or a worker takes to start, 0.5 s. */
function compileCache(command: string): NodeJS.ProcessEnv {
  return command === process.execPath ? { NODE_COMPILE_CACHE: join(userCacheFolder(process.env), 'compiled') } : {}
}

/**
 * Waits until `ready` says true. Throws one sentence when the child ends first or `timeoutMs` pass; an aborted signal stops the child and throws.
 */
export async function waitUntilReady(
  name: string,
  child: Child,
  ready: () => Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const ended = child.exited.then(() => 'ended' as const)
  const deadline = performance.now() + timeoutMs
  while (true) {
    const state = await Promise.race([ended, ready().catch(() => false)])
    if (state === 'ended') throw new Error(`${name} ended while it was starting: ${await child.lastWords()}`)
    if (signal?.aborted) await child.stop()
    signal?.throwIfAborted()
    if (state) return
    if (performance.now() > deadline) {
      await child.stop()
      throw new Error(`${name} did not answer within ${Math.round(timeoutMs / 1000)} s: ${await child.lastWords()}`)
    }
    await sleep(20)
  }
}

function withPrivileges(options: ChildOptions): string[] {
  const plain = [options.command, ...options.args]
  if (setpriv === undefined) {
    if (options.user)
      throw new Error(`${options.name} must run as ${options.user}, which needs the program setpriv (util-linux).`)
    return plain
  }
  const signal = options.stopSignal.replace(/^SIG/, '')
  const identity = options.user ? ['--reuid', options.user, '--regid', options.user, '--clear-groups'] : []
  return [setpriv, '--pdeathsig', signal, ...identity, '--', ...plain]
}

async function stopChild(pid: number, exited: Promise<ChildExit>, options: ChildOptions): Promise<void> {
  const timer = new AbortController()
  signalProcess(pid, options.stopSignal)
  const late = sleep(options.stopTimeoutMs, 'late' as const, { signal: timer.signal }).catch(() => 'ended' as const)
  if ((await Promise.race([exited, late])) === 'late') {
    signalProcess(-pid, 'SIGKILL')
    await exited
  }
  timer.abort()
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function lastLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return spoken(lines.at(-1)?.trim() ?? 'it left no message').slice(0, 400)
}

/** A line of a JSON log as a person would say it. */
function spoken(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: string | { message?: string } }
    const error = typeof err === 'string' ? err : err?.message
    return [msg, error].filter((part) => part !== undefined).join(': ') || line
  } catch {
    return line
  }
}
