import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isRunning, launchStack, type RunningStack, stackFolder, startStack } from '../support/stack.ts'

interface Health {
  readonly status: string
  readonly auth_type: string
  readonly token_status: string
  readonly database_status: string
}

let folder: Awaited<ReturnType<typeof stackFolder>>
let stack: RunningStack

beforeAll(async () => {
  folder = await stackFolder()
  stack = await startStack(folder.path)
}, 240_000)
afterAll(async () => {
  await stack?.interrupt()
  await folder?.remove()
})

describe('the local stack', () => {
  test('says where the maps, the documentation and the health page are', async () => {
    const addresses = [...stack.output().matchAll(/http:\S+/g)].map(([address]) => address)
    expect(addresses).toHaveLength(4)
    expect(addresses.filter((address) => address.includes('/map.html'))).toHaveLength(2)
    for (const address of addresses) expect((await fetch(address)).status).toBe(200)
  })

  test('runs API and workers with a token of the managed-identity endpoint', async () => {
    const health = async () => (await (await fetch(`${stack.url}/healthz`)).json()) as Health
    // A part that a busy machine keeps from answering within 60 ms is shown as down for the moment.
    await expect.poll(health, { timeout: 10_000 }).toMatchObject({
      status: 'healthy',
      auth_type: 'default_azure_credential',
      token_status: 'valid',
      database_status: 'connected',
    })
  })

  test('serves a tile that mixes both storage accounts, and tells no token and no password in its logs', async () => {
    // The seam between 2024-09-21 west (tilepressb) and east (tilepressa) runs through it.
    const query = 'assets=image|bidx=1,2,3&rescale=0,3000'
    const tile = await fetch(
      `${stack.url}/searches/${stack.search('namangan-imagery')}/tiles/WebMercatorQuad/11/1431/767.png?${query}`,
    )
    expect(tile.status).toBe(200)
    expect(tile.headers.get('x-cache')).toBe('MISS')
    const password = readFileSync(join(folder.path, 'postgres/password'), 'utf8')
    const logs = readdirSync(join(folder.path, 'logs')).map((name) => join(folder.path, 'logs', name))
    const said = [stack.output(), ...logs.map((file) => readFileSync(file, 'utf8'))].join('\n')
    expect(said).not.toMatch(/eyJ[A-Za-z0-9_-]{20,}/)
    expect(said).not.toContain(password)
  })

  test('starts a worker that died again', async () => {
    const worker = stack
      .processes()
      .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('apps/worker/main.ts'))
    process.kill(worker as number, 'SIGKILL')
    await vi.waitFor(() => expect(stack.output()).toMatch(/Worker 1 ended \(SIGKILL\).* Starting it again/), 10_000)
    const query = 'assets=visual'
    await vi.waitFor(
      async () => {
        const path = `/searches/${stack.search('blue-marble')}/tiles/WebMercatorQuad/2/1/1?${query}`
        expect((await fetch(stack.url + path)).status).toBe(200)
      },
      { timeout: 25_000, interval: 500 },
    )
  })

  test('a port in use is one sentence and the way out', async () => {
    const other = await stackFolder()
    try {
      const { child, output } = await launchStack(other.path, { PORT: String(stack.port) })
      expect((await child.exited).code).toBe(1)
      expect(output().trim()).toBe(
        `Port ${stack.port} of 127.0.0.1 is in use by another program. Stop that program, or choose another port: PORT=${stack.port + 1} npm start`,
      )
    } finally {
      await other.remove()
    }
  })

  test('a data folder in use is one sentence and the way out', async () => {
    const { child, output } = await launchStack(folder.path, { PORT: '0' })
    expect((await child.exited).code).toBe(1)
    expect(output()).toMatch(/^\s*PORT is "0", and must be a whole number from 1 to 65535\.\s*$/)
    const second = await launchStack(folder.path, { PORT: String(stack.port + 1) })
    expect((await second.child.exited).code).toBe(1)
    expect(second.output()).toContain(`Another stack (process ${stack.pid}) uses ${folder.path}`)
  })

  test('Ctrl-C ends every process it started, and a later start takes up its data', async () => {
    const started = stack.processes()
    expect(started.length).toBeGreaterThan(6)
    expect(await stack.interrupt()).toEqual({ code: 0, signal: null })
    expect(started.filter(isRunning)).toEqual([])

    const search = stack.search('namangan-imagery')
    const began = performance.now()
    stack = await startStack(folder.path)
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(stack.output()).not.toContain('Sample imagery')
    expect((await fetch(`${stack.url}/searches/${search}/info`)).status).toBe(200)
  }, 60_000)

  test('leaves nothing behind when it is killed', async () => {
    const started = stack.processes()
    stack.kill('SIGKILL')
    await stack.exited
    await vi.waitFor(() => expect(started.filter(isRunning)).toEqual([]), { timeout: 30_000, interval: 100 })
  }, 60_000)
})
