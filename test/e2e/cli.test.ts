import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../../src/prerender/run-resource.ts'
import { ask, decode } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { uniqueName } from '../support/services.ts'
import { createTwoAccounts } from '../support/two-accounts.ts'

const main = resolve(import.meta.dirname, '../../apps/cli/main.ts')
const collection = uniqueName('cli-')
const key = uniqueName('key')

let system: System
let api: Program
let search: string

beforeAll(async () => {
  system = await startSystem({ API_KEYS: key, LOCAL_MODE: 'false' })
  await createTwoAccounts(system.database, collection)
  ;[api] = await Promise.all([system.startApi(), system.startWorker()])
})
afterAll(() => system?.release())

async function tilepress(args: readonly string[], options: { input?: string; apiKey?: string } = {}) {
  const env = { TILEPRESS_URL: api.url, TILEPRESS_API_KEY: options.apiKey ?? key }
  const child = spawn(process.execPath, [main, ...args], { env, stdio: 'pipe' })
  child.stdin.end(options.input ?? '')
  const [out, said, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, said, exitCode: exitCode as number }
}

describe('the CLI and the running service', () => {
  test('agree on the health of the service', async () => {
    // A part that a busy machine keeps from answering within 60 ms is shown as down for the moment.
    const health = () => tilepress(['health'])
    await expect.poll(health, { timeout: 15_000 }).toMatchObject({
      exitCode: 0,
      said: '',
      out: expect.stringContaining('status: healthy'),
    })
  })

  test('register a search', async () => {
    const { out, exitCode } = await tilepress(['search', 'register', '-'], {
      input: JSON.stringify({ collections: [collection] }),
    })
    expect(exitCode).toBe(0)
    search = out.trim()
    expect((await ask(api, `/searches/${search}/info`)).status).toBe(200)
  })

  test('render all tiles of a box ahead, which then come from the cache', async () => {
    const args = ['--search', search, '--bbox', '0,0,11,11', '--zooms', '4-7', '--assets', 'rgb', '--format', 'png']
    const { out, said, exitCode } = await tilepress(['prerender', 'start', ...args, '--json'])
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: expect.stringContaining('22 tiles') })
    const run = JSON.parse(out) as Run
    expect(run).toMatchObject({
      state: 'done',
      layer: { kind: 'search', id: search },
      tiles: { total: 22, done: 22, rendered: 22, failed: 0 },
      percent: 100,
    })
    const tile = await ask(api, `/searches/${search}/tiles/WebMercatorQuad/5/16/15.png?assets=rgb`)
    expect(tile.status).toBe(200)
    expect(tile.headers['x-cache']).not.toMatch(/miss/i)
    expect((await decode(tile.body)).at(205, 200)).toEqual([110, 120, 130, 255])
  })

  test('find on a second run that every tile is there', async () => {
    const args = ['--search', search, '--bbox', '0,0,11,11', '--zooms', '4-7', '--assets', 'rgb', '--format', 'png']
    const { out, exitCode } = await tilepress(['prerender', 'start', ...args])
    expect(exitCode).toBe(0)
    expect(out).toContain('0 rendered, 0 empty, 22 were there, 0 failed')
  })

  test('tell which tiles failed, and why', async () => {
    // No item has this asset.
    system.announce({ code: 'ASSET_NAME_INVALID' })
    const args = ['--collection', collection, '--bbox', '-0.5,0,11,11', '--zooms', '5', '--assets', 'nothing']
    const { out, said, exitCode } = await tilepress(['prerender', 'start', ...args])
    expect(exitCode).toBe(1)
    expect(said).toContain('2 tiles failed')
    expect(out).toMatch(/^ {2}5\/16\/15 {2}ASSET_NAME_INVALID {2}/m)
  })

  test('list, show and cancel runs', async () => {
    const args = ['--search', search, '--zooms', '0-9', '--bbox', '-180,-80,180,80', '--assets', 'rgb']
    const id = (await tilepress(['prerender', 'start', ...args, '--detach'])).out.trim()
    const cancelled = await tilepress(['prerender', 'cancel', id])
    expect(cancelled).toMatchObject({ exitCode: 0, said: expect.stringContaining('is cancelled') })
    const status = await tilepress(['prerender', 'status', id])
    expect(status).toMatchObject({ exitCode: 0, out: expect.stringContaining('state     cancelled') })
    const list = (await tilepress(['prerender', 'list'])).out.trim().split('\n')
    expect(list).toHaveLength(5)
    expect(list[1]).toContain(id)
  })

  test('refuse bad input in one line', async () => {
    const start = ['prerender', 'start', '--zooms', '3', '--assets', 'rgb']
    const unknown = await tilepress([...start, '--search', '0'.repeat(32)])
    expect(unknown).toMatchObject({ exitCode: 1, out: '', said: expect.stringMatching(/\(SEARCH_NOT_FOUND\)\n$/) })
    const parameter = await tilepress([...start, '--search', search, '--rescale', 'x'])
    expect(parameter).toMatchObject({ exitCode: 1, said: expect.stringMatching(/rescale .*\(PARAMETER_INVALID\)\n$/) })
    const large = await tilepress([...start, '--zooms', '0-20', '--bbox', '-180,-80,180,80', '--search', search])
    expect(large).toMatchObject({ exitCode: 1, said: expect.stringMatching(/tiles.*\(RUN_TOO_LARGE\)\n$/) })
    const closed = await tilepress(['prerender', 'cancel', 'mjuzs000-0a1b2c3d'], { apiKey: 'wrong' })
    expect(closed).toMatchObject({ exitCode: 1, said: expect.stringContaining('--key-file') })
    const run = await tilepress(['prerender', 'status', 'mjuzs000-0a1b2c3d'])
    expect(run).toMatchObject({ exitCode: 1, said: expect.stringContaining('(RUN_NOT_FOUND)') })
  })
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})
