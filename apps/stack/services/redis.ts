import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { startChild, waitUntilReady } from './child.ts'
import { onFreePort } from './ports.ts'

export interface RedisOptions {
  /** Its files (append-only file, log); made when absent. */
  readonly folder: string
  /** A free one when absent. */
  readonly port?: number
  /** A queue must never lose a key (noeviction), a cache must never refuse one (allkeys-lru); the policy is a server's, hence two servers. */
  readonly policy: 'noeviction' | 'allkeys-lru'
  /** Append-only file, synced every second: what a queue needs to survive a crash. */
  readonly aof: boolean
  /** As Redis writes it: 256mb. No limit when absent. */
  readonly maxMemory?: string
}

export interface RedisService {
  readonly port: number
  /** redis://127.0.0.1:port */
  readonly url: string
  readonly pid: number
  readonly exited: Promise<unknown>
  stop(): Promise<void>
}

/** Starts redis-server on 127.0.0.1. */
export async function startRedis(options: RedisOptions): Promise<RedisService> {
  await mkdir(options.folder, { recursive: true })
  return onFreePort(options.port, (port) => startOn(port, options))
}

async function startOn(port: number, options: RedisOptions): Promise<RedisService> {
  const name = `Redis (${options.policy})`
  const child = await startChild({
    name,
    command: 'redis-server',
    args: [
      ['--bind', '127.0.0.1'],
      ['--port', String(port)],
      ['--dir', options.folder],
      ['--save', ''],
      ['--appendonly', options.aof ? 'yes' : 'no'],
      ['--appendfsync', 'everysec'],
      ['--maxmemory-policy', options.policy],
      ['--maxmemory', options.maxMemory ?? '0'],
      ['--daemonize', 'no'],
      ['--loglevel', 'warning'],
    ].flat(),
    logFile: join(options.folder, 'redis.log'),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
  })
  await waitUntilReady(name, child, () => isOurs(port, child.pid), 30_000)
  return { port, url: `redis://127.0.0.1:${port}`, pid: child.pid, exited: child.exited, stop: child.stop }
}

/** Asks the server for its process id: another one may sit on the port; one that still reads its append-only file answers -LOADING. */
function isOurs(port: number, pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ host: '127.0.0.1', port }, () => socket.end('INFO server\r\nPING\r\n'))
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('data', (part) => {
      answer += part.toString()
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(answer.includes(`process_id:${pid}\r\n`) && answer.endsWith('+PONG\r\n')))
  })
}
