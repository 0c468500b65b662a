import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type System, startSystem, until } from '../support/programs.ts'
import { uniqueName } from '../support/services.ts'

const root = resolve(import.meta.dirname, '../..')
const secret = uniqueName('secret')

let system: System
let occupied: Server

beforeAll(async () => {
  system = await startSystem()
  occupied = createServer()
  await new Promise<void>((listening) => occupied.listen(0, '127.0.0.1', listening))
})
afterAll(async () => {
  occupied?.close()
  await system?.release()
})

/** Starts a program that should refuse to, and waits for its end. */
async function refuse(kind: 'api' | 'worker', environment: Record<string, string>) {
  const child = spawn(process.execPath, [resolve(root, `apps/${kind}/main.ts`)], {
    env: { ...system.environment, PORT: '0', WORKER_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((settle) => child.once('close', settle))
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: number; msg: string; err: string })
  expect(errors).toBe('')
  expect(output).not.toContain(secret)
  expect(readdirSync(system.environment.TMPDIR ?? '')).toEqual([])
  const last = lines.at(-1)
  expect(last).toMatchObject({ level: 60, msg: expect.stringContaining('could not start'), err: expect.any(String) })
  return { code, reason: last?.err ?? '' }
}

describe.each(['api', 'worker'] as const)('the %s', (kind) => {
  test('names every setting that it cannot use, without its value, and ends with 78', async () => {
    const { code, reason } = await refuse(kind, {
      DB_POOL_SIZE: secret,
      ERROR_TTL_SECONDS: '3600',
      DATABASE_URL: `postgres://user:${secret}@[no-host/db`,
      AZURE_STORAGE_ACCOUNTS: `tilepressa=http://${secret}`,
    })
    expect(code).toBe(78)
    for (const name of ['DB_POOL_SIZE', 'ERROR_TTL_SECONDS', 'DATABASE_URL', 'AZURE_STORAGE_ACCOUNTS']) {
      expect(reason).toMatch(new RegExp(`^${name}: `, 'm'))
    }
  })

  test('refuses a queue in a Redis that evicts', async () => {
    const swapped = { QUEUE_REDIS_URL: system.cacheRedis.url, CACHE_REDIS_URL: system.queueRedis.url }
    const { code, reason } = await refuse(kind, swapped)
    expect(code).toBe(78)
    expect(reason).toMatch(/QUEUE_REDIS_URL.*allkeys-lru.*noeviction/)
  })

  test('says which port is taken', async () => {
    const { port } = occupied.address() as AddressInfo
    const { code, reason } = await refuse(kind, { PORT: String(port), WORKER_PORT: String(port), HOST: '127.0.0.1' })
    expect(code).toBe(1)
    expect(reason).toContain(String(port))
  })
})

test('a worker that is told to end while it waits for Redis ends in good order and leaves no token behind', async () => {
  // An address that takes no connection and refuses none, as a host that is gone: the worker waits 30 s for it.
  const silent = createTcpServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const env = { ...system.environment, QUEUE_REDIS_URL: `redis://127.0.0.1:${port}` }
  const child = spawn(process.execPath, [resolve(root, 'apps/worker/main.ts')], { env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  const files = () => readdirSync(system.environment.TMPDIR ?? '', { recursive: true })
  await until('it has its token', () => files().some((name) => String(name).endsWith('headers')))
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(files()).toEqual([])
  silent.close()
})
