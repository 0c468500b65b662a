import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ChildOptions, startChild, waitUntilReady } from '../../apps/stack/services/child.ts'
import { supervise } from '../../apps/stack/supervise.ts'
import { isRunning } from '../support/stack.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tilepress-child-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let count = 0
/** A program of one line of JavaScript. */
function program(source: string, options: Partial<ChildOptions> = {}): ChildOptions {
  return {
    name: 'The program',
    command: process.execPath,
    args: ['-e', source],
    logFile: join(folder, `${++count}.log`),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    ...options,
  }
}
const forever = 'setInterval(() => {}, 1000)'

describe('a child process', () => {
  test('ends in its own good order when it is asked to', async () => {
    const options = program(
      `process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); console.log('up'); ${forever}`,
    )
    const child = await startChild(options)
    await waitUntilReady('The program', child, async () => (await readFile(options.logFile, 'utf8')) !== '', 10_000)
    await child.stop()
    expect(await child.exited).toEqual({ code: 0, signal: null })
    expect(await child.lastWords()).toBe('bye')
  })

  test('is killed with all it started when it does not listen', async () => {
    const deaf = "process.on('SIGTERM', () => {})"
    const options = program(
      `${deaf}; const { spawn } = require('node:child_process');
       const below = spawn(process.execPath, ['-e', ${JSON.stringify(`${deaf}; ${forever}`)}]); console.log(below.pid); ${forever}`,
      { stopTimeoutMs: 300 },
    )
    const child = await startChild(options)
    await waitUntilReady(
      'The program',
      child,
      async () => (await readFile(options.logFile, 'utf8')).endsWith('\n'),
      10_000,
    )
    const below = Number(await child.lastWords())
    await child.stop()
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' })
    await vi.waitFor(() => expect(isRunning(below)).toBe(false))
  })

  test('that ends while it starts is told with its last words, and a JSON log as a person would say it', async () => {
    const line = JSON.stringify({ level: 60, msg: 'it could not start', err: 'no room' })
    const child = await startChild(
      program(`console.log('first'); console.log(${JSON.stringify(line)}); process.exit(1)`),
    )
    const waiting = waitUntilReady('The program', child, async () => false, 10_000)
    await expect(waiting).rejects.toThrow('The program ended while it was starting: it could not start: no room')
  })

  test('that never answers is stopped and told', async () => {
    const child = await startChild(program(forever))
    const waiting = waitUntilReady('The program', child, async () => false, 200)
    await expect(waiting).rejects.toThrow('The program did not answer within 0 s')
    expect((await child.exited).signal).toBe('SIGTERM')
  })

  test('whose command is missing is one sentence', async () => {
    const command = join(folder, 'no-such-program')
    const start = async () => {
      const child = await startChild(program('', { command }))
      await waitUntilReady('The program', child, async () => false, 10_000)
    }
    await expect(start()).rejects.toThrow(/^The program .*no-such-program/)
  })

  test('under supervision is started again when it dies, and left alone when it is stopped', async () => {
    const tally = join(folder, 'tally')
    await writeFile(tally, '')
    const options = program(`require('node:fs').appendFileSync(${JSON.stringify(tally)}, 'x'); ${forever}`)
    const first = await startChild(options)
    const said: string[] = []
    const supervised = supervise(first, options, (text) => said.push(text))
    await vi.waitFor(async () => expect(await readFile(tally, 'utf8')).toBe('x'), 10_000)
    process.kill(first.pid, 'SIGKILL')
    await vi.waitFor(async () => expect(await readFile(tally, 'utf8')).toBe('xx'), 10_000)
    expect(said).toEqual(['The program ended (SIGKILL): it left no message. Starting it again in 0.5 s.'])
    await supervised.stop()
    expect(await readFile(tally, 'utf8')).toBe('xx')
    expect(said).toHaveLength(1)
  })
})
