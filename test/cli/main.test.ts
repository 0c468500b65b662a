import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { type FakeApi, fakeRun, runId, startFakeApi } from './fake-api.ts'

const main = resolve(import.meta.dirname, '../../apps/cli/main.ts')

let api: FakeApi | null = null

afterEach(async () => {
  await api?.close()
  api = null
})

/** Starts the program with nothing in its environment but what is given. */
function start(args: readonly string[], environment: Record<string, string>) {
  const child = spawn(process.execPath, [main, ...args], { env: environment, stdio: 'pipe' })
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([out, said, [exitCode]]) => ({ out, said, exitCode: exitCode as number | null }),
  )
  return { child, ended }
}

describe('the program tilepress', () => {
  test('takes address and key from the environment and a search from standard input', async () => {
    api = await startFakeApi(() => ({ status: 200, body: { id: 'abc' } }))
    const { child, ended } = start(['search', 'register', '-'], {
      TILEPRESS_URL: `${api.url}/`,
      TILEPRESS_API_KEY: 'k',
    })
    child.stdin.end('{"collections": ["c"]}')
    expect(await ended).toEqual({ out: 'abc\n', said: '', exitCode: 0 })
    expect(api.asked[0]).toMatchObject({ path: '/searches/register', body: { collections: ['c'] } })
    expect(api.asked[0]?.headers['x-api-key']).toBe('k')
  })

  test('ends with 1 and one line when no server is there, and with 2 for a wrong command', async () => {
    const environment = { TILEPRESS_URL: 'http://127.0.0.1:1' }
    const [absent, wrong] = await Promise.all([
      start(['health'], environment).ended,
      start(['helth'], environment).ended,
    ])
    expect(absent).toMatchObject({ exitCode: 1, out: '' })
    expect(absent.said.trimEnd().split('\n')).toHaveLength(1)
    expect(wrong).toMatchObject({ exitCode: 2, out: '' })
  })

  test('leaves a run at work on Ctrl-C', async () => {
    let child: ReturnType<typeof start>['child'] | null = null
    api = await startFakeApi(() => {
      setTimeout(() => child?.kill('SIGINT'), 50)
      return { status: 200, body: fakeRun(1) }
    })
    const watch = start(['prerender', 'watch', runId], { TILEPRESS_URL: api.url })
    child = watch.child
    const { exitCode, said } = await watch.ended
    expect(exitCode).toBe(130)
    expect(said).toContain('The run goes on.')
  })
})
