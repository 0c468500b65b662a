import { afterEach, describe, expect, test } from 'vitest'
import type { CliContext } from '../../apps/cli/context.ts'
import { runCli } from '../../apps/cli/program.ts'
import { type Asked, type FakeApi, fakeRun, runId, startFakeApi } from './fake-api.ts'

let api: FakeApi | null = null

afterEach(async () => {
  await api?.close()
  api = null
})

type Answer = { status: number; body: unknown }

interface Outcome {
  readonly exitCode: number
  readonly out: string
  readonly said: string
  readonly drawn: string
  readonly asked: readonly Asked[]
}

async function run(
  args: readonly string[],
  answer: (asked: Asked) => Answer,
  given: Partial<CliContext> = {},
): Promise<Outcome> {
  api = await startFakeApi(answer)
  return runAt(api.url, args, given)
}

async function runAt(url: string, args: readonly string[], given: Partial<CliContext> = {}): Promise<Outcome> {
  const [out, said, drawn]: string[][] = [[], [], []]
  const exitCode = await runCli(args, {
    url,
    apiKey: null,
    environment: {},
    out: (text) => out?.push(text),
    say: (text) => said?.push(text),
    terminal: null,
    read: async () => expect.unreachable('nothing to read'),
    interrupted: new AbortController().signal,
    ...given,
    ...(given.terminal && { terminal: { columns: given.terminal.columns, write: (text) => drawn?.push(text) } }),
  })
  const text = (lines: string[] | undefined) => (lines ?? []).join('\n')
  return { exitCode, out: text(out), said: text(said), drawn: (drawn ?? []).join(''), asked: api?.asked ?? [] }
}

const done = fakeRun(98_000, { state: 'done', eta_seconds: null, finished_at: '2026-01-01T00:05:17.000Z' })

describe('tilepress prerender start', () => {
  test('sends what the options say, with the tile URL’s own names', async () => {
    const args =
      '--collection c --bbox -10,35,30,60 --zooms 0,3-5 --assets b4 --assets b3|bidx=1 --rescale 0,1 --rescale 0,2 --nodata nan --colormap-name viridis --param scan_limit=5 --format webp --tms T --force --detach'
    const { exitCode, out, asked } = await run(['prerender', 'start', ...args.split(' ')], () => ({
      status: 202,
      body: fakeRun(0),
    }))
    expect(exitCode).toBe(0)
    expect(out).toBe(runId)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/prerender-runs' })
    expect(asked[0]?.body).toEqual({
      collection: 'c',
      bbox: [-10, 35, 30, 60],
      zooms: [0, 3, 4, 5],
      tile_matrix_set: 'T',
      format: 'webp',
      force: true,
      parameters: {
        assets: ['b4', 'b3|bidx=1'],
        rescale: ['0,1', '0,2'],
        nodata: ['nan'],
        colormap_name: ['viridis'],
        scan_limit: ['5'],
      },
    })
  })

  test('waits until the run ends and prints it, redrawing one line on a terminal', async () => {
    let looks = 0
    const { exitCode, out, said, drawn } = await run(
      ['prerender', 'start', '--search', 'f'.repeat(32), '--zooms', '3', '--assets', 'a'],
      ({ method }) => {
        if (method === 'POST') return { status: 202, body: fakeRun(0) }
        return { status: 200, body: looks++ === 0 ? fakeRun(12_345) : done }
      },
      { terminal: { columns: 80, write: () => undefined } },
    )
    expect(exitCode).toBe(0)
    expect(said).toBe(`Run ${runId}: 98 000 tiles in 6 125 jobs.`)
    expect(drawn).toBe(
      '\r12 345/98 000 tiles  12.59 %  310/s  eta 4m 37s\u001b[K\r98 000/98 000 tiles  100 %  310/s\u001b[K\n',
    )
    expect(out).toContain('state     done')
    expect(out).toContain('zooms     0,3-5')
  })

  test('says a plain line where stderr is no terminal, and prints JSON when asked', async () => {
    const { exitCode, out, said } = await run(
      ['prerender', 'start', '--search', 's', '--zooms', '3', '--assets', 'a', '--json'],
      ({ method }) => ({ status: 200, body: method === 'POST' ? fakeRun(0) : done }),
    )
    expect(exitCode).toBe(0)
    expect(JSON.parse(out)).toEqual(done)
    expect(said.split('\n')).toEqual([`Run ${runId}: 98 000 tiles in 6 125 jobs.`, '98 000/98 000 tiles  100 %  310/s'])
  })

  test('ends with exit code 1 when tiles failed, and tells which', async () => {
    const failures = [{ z: 3, x: 1, y: 2, code: 'ASSET_UNREADABLE', detail: 'asset a\u001b[2J is unreadable' }]
    const failed = { ...done, tiles: { ...done.tiles, rendered: 97_997, failed: 3 }, failures }
    const { exitCode, out, said } = await run(['prerender', 'watch', runId], () => ({ status: 200, body: failed }))
    expect(exitCode).toBe(1)
    expect(said).toContain('3 tiles failed')
    expect(out).toContain('failed, the first 1:\n  3/1/2  ASSET_UNREADABLE  asset a?[2J is unreadable')
  })

  test.each([
    [['--zooms', '3'], '--search and --collection'],
    [['--search', 's', '--collection', 'c', '--zooms', '3'], 'cannot be used with'],
    [['--search', 's'], '--zooms'],
    [['--search', 's', '--zooms', '5-3'], '0-8'],
    [['--search', 's', '--zooms', '3', '--bbox', '1,2,3'], 'west,south,east,north'],
    [['--search', 's', '--zooms', '3', '--param', 'x'], 'name=value'],
    [['--search', 's', '--zooms', '3', '--asset', 'x'], '--assets'],
  ])('refuses %j with exit code 2 before it asks the server', async (args, words) => {
    const { exitCode, out, said, asked } = await run(['prerender', 'start', ...args], () => ({ status: 500, body: {} }))
    expect(exitCode).toBe(2)
    expect(said).toContain(words)
    expect(out).toBe('')
    expect(asked).toEqual([])
  })

  test('repeats what the server says of a bad parameter', async () => {
    const { exitCode, said } = await run(['prerender', 'start', '--search', 's', '--zooms', '3'], () => ({
      status: 422,
      body: { detail: 'parameter assets is required', code: 'PARAMETER_INVALID' },
    }))
    expect(exitCode).toBe(1)
    expect(said).toBe('parameter assets is required (PARAMETER_INVALID)')
  })
})

describe('tilepress prerender', () => {
  test('status prints a run', async () => {
    const { exitCode, out, asked } = await run(['prerender', 'status', runId], () => ({
      status: 200,
      body: fakeRun(12_345),
    }))
    expect(exitCode).toBe(0)
    expect(asked[0]).toMatchObject({ method: 'GET', path: `/prerender-runs/${runId}` })
    expect(out).toContain('tiles     12 345 of 98 000, 12.59 %')
    expect(out).toContain('rate      310/s, 4m 37s left')
  })

  test('list prints a table, and JSON lines when asked', async () => {
    const body = { runs: [fakeRun(12_345), done].map(({ failures: _, ...summary }) => summary) }
    const table = await run(['prerender', 'list', '-n', '5'], () => ({ status: 200, body }))
    expect(table.asked[0]?.path).toBe('/prerender-runs?limit=5')
    expect(table.out.split('\n')).toHaveLength(3)
    expect(table.out.split('\n')[1]).toMatch(/^mjuzs000-0a1b2c3d {2}running {2}12\.59 % {2}98 000 /)
    const lines = await runAt(api!.url, ['prerender', 'list', '--json'])
    expect(lines.out.split('\n').map((line) => JSON.parse(line))).toEqual(body.runs)
  })

  test('cancel ends a run and says so', async () => {
    const { exitCode, said, asked } = await run(['prerender', 'cancel', runId], () => ({
      status: 200,
      body: fakeRun(10, { state: 'cancelled' }),
    }))
    expect(exitCode).toBe(0)
    expect(asked[0]).toMatchObject({ method: 'POST', path: `/prerender-runs/${runId}/cancel` })
    expect(said).toBe(`Run ${runId} is cancelled: 10 of 98 000 tiles were done.`)
  })

  test('watch goes on through a server that is away for a moment', async () => {
    let looks = 0
    const { exitCode } = await run(
      ['prerender', 'watch', runId],
      () =>
        looks++ === 0
          ? { status: 503, body: { detail: 'gone', code: 'QUEUE_UNAVAILABLE' } }
          : { status: 200, body: done },
      { terminal: { columns: 80, write: () => undefined } },
    )
    expect(exitCode).toBe(0)
    expect(looks).toBe(2)
  })

  test('watch of an unknown run fails at once', async () => {
    const body = { detail: 'there is no pre-render run x', code: 'RUN_NOT_FOUND' }
    const { exitCode, said } = await run(['prerender', 'watch', 'x'], () => ({ status: 404, body }))
    expect(exitCode).toBe(1)
    expect(said).toBe('there is no pre-render run x (RUN_NOT_FOUND)')
  })

  test('watch leaves the run at work on Ctrl-C and says how to go on', async () => {
    const interrupt = new AbortController()
    const { exitCode, said } = await run(
      ['prerender', 'watch', runId],
      () => {
        setTimeout(() => interrupt.abort(), 20)
        return { status: 200, body: fakeRun(1) }
      },
      { interrupted: interrupt.signal },
    )
    expect(exitCode).toBe(130)
    expect(said).toContain(`tilepress prerender watch ${runId}`)
    expect(said).toContain(`tilepress prerender cancel ${runId}`)
  })
})

describe('tilepress search register', () => {
  test('sends the file and prints the id', async () => {
    const { exitCode, out, asked } = await run(
      ['search', 'register', 'search.json'],
      () => ({ status: 200, body: { id: 'abc', links: [] } }),
      { read: async (path) => (path === 'search.json' ? '{"collections": ["c"]}' : '') },
    )
    expect(exitCode).toBe(0)
    expect(out).toBe('abc')
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/searches/register', body: { collections: ['c'] } })
  })

  test('refuses what is not JSON without asking', async () => {
    const { exitCode, said, asked } = await run(['search', 'register', '-'], () => ({ status: 200, body: {} }), {
      read: async () => 'collections: c',
    })
    expect(exitCode).toBe(1)
    expect(said).toContain('Standard input is not JSON')
    expect(asked).toEqual([])
  })
})

describe('tilepress', () => {
  test('sends the key of the environment, and rather that of a file', async () => {
    const answer = () => ({ status: 200, body: { status: 'healthy' } })
    const first = await run(['health'], answer, { apiKey: 'from-environment' })
    expect(first.asked[0]?.headers['x-api-key']).toBe('from-environment')
    const read = async () => 'from-file\n'
    await runAt(api!.url, ['health', '--key-file', 'k'], { apiKey: 'from-environment', read })
    expect(api?.asked[1]?.headers['x-api-key']).toBe('from-file')
  })

  test('never repeats a key', async () => {
    const read = async () => 'one-secret\ntwo-secret\n'
    const { exitCode, said } = await runAt('http://127.0.0.1:1', ['health', '--key-file', 'k'], { read })
    expect(exitCode).toBe(2)
    expect(said).not.toContain('secret')
  })

  test('says how to give a key when the server wants one', async () => {
    const body = { detail: 'this needs a valid key in the header X-API-Key', code: 'KEY_REQUIRED' }
    const { exitCode, said } = await run(['prerender', 'cancel', runId], () => ({ status: 401, body }))
    expect(exitCode).toBe(1)
    expect(said).toContain('TILEPRESS_API_KEY')
    expect(said).toContain('--key-file')
  })

  test('says in one sentence that no server is there', async () => {
    const { exitCode, out, said } = await runAt('http://127.0.0.1:1', ['health'])
    expect(exitCode).toBe(1)
    expect(out).toBe('')
    expect(said.split('\n')).toHaveLength(1)
    expect(said).toMatch(/^The server at http:\/\/127\.0\.0\.1:1 does not answer \(.+\): is it running\?/)
  })

  test('says that another server than Tilepress answers', async () => {
    const notFound = await run(['health'], () => ({ status: 404, body: 'not found' }))
    expect(notFound.said).toContain('answered 404')
    const other = await run(['prerender', 'status', runId], () => ({ status: 200, body: { hello: 'world' } }))
    expect(other).toMatchObject({ exitCode: 1, said: expect.stringContaining('is the address right?') })
  })

  test('health prints every part and fails unless all are well', async () => {
    const body = { status: 'degraded', database_status: 'unavailable', cache_tiers: { redis: 'open' } }
    const { exitCode, out } = await run(['health'], () => ({ status: 200, body }))
    expect(exitCode).toBe(1)
    expect(out).toBe('status: degraded\ndatabase_status: unavailable\ncache_tiers: {"redis":"open"}')
  })

  test('prints help to standard output, and a suggestion for a typo to standard error', async () => {
    const help = await runAt('http://127.0.0.1:1', ['prerender', 'start', '--help'])
    expect(help.exitCode).toBe(0)
    expect(help.out).toContain('Examples:')
    const typo = await runAt('http://127.0.0.1:1', ['prerender', 'stat'])
    expect(typo.exitCode).toBe(2)
    expect(typo.said).toMatch(/Did you mean .*start/)
    const nothing = await runAt('http://127.0.0.1:1', ['--url', 'ftp://x', 'health'])
    expect(nothing.exitCode).toBe(2)
  })
})

describe('tilepress invalidate', () => {
  const done = { scope: 'area', generation: 0, edition: 5, regions: 1 }

  test('sends a box and a range of zooms', async () => {
    const args = 'invalidate --collection c --bbox 70,40,72,41 --zooms 3-8'.split(' ')
    const { exitCode, said, asked } = await run(args, () => ({ status: 200, body: done }))
    expect([exitCode, said]).toEqual([0, 'The area is outdated.'])
    expect(asked[0]).toMatchObject({
      ...{ method: 'POST', path: '/collections/c/invalidate' },
      body: { bbox: [70, 40, 72, 41], minzoom: 3, maxzoom: 8 },
    })
  })

  test('makes a whole mosaic outdated only when told so', async () => {
    const all = await run(['invalidate', '--search', 'a', '--all'], () => ({
      status: 200,
      body: { ...done, scope: 'layer' },
    }))
    expect([all.exitCode, all.asked[0]?.body]).toEqual([0, {}])
    await api?.close()
    for (const wrong of ['', '--all --zooms 3', '--zooms 1,5']) {
      const args = ['invalidate', '--search', 'a', ...wrong.split(' ').filter(Boolean)]
      const { exitCode, asked } = await runAt('http://localhost:1', args)
      expect([exitCode, asked.length], wrong).toEqual([2, 1])
    }
  })
})

describe('tilepress refresh', () => {
  test('tells what has changed', async () => {
    const body = { scope: 'area', reason: null, items: 9, changes: { added: 2, changed: 0, deleted: null } }
    const args = 'refresh --search a --changed-since 2026-01-01T00:00:00Z --dry-run'.split(' ')
    const { out, asked } = await run(args, () => ({ status: 200, body }))
    expect(out).toBe('Tiles of these items are outdated: 2 added, 0 changed, ? deleted.')
    expect(asked[0]).toMatchObject({
      path: '/searches/a/refresh',
      body: { changed_since: '2026-01-01T00:00:00Z', dry_run: true },
    })
  })

  test('tells why all is outdated', async () => {
    const body = { scope: 'layer', reason: 'FIRST_LOOK', items: 9, changes: null }
    const { out } = await run(['refresh', '--search', 'a'], () => ({ status: 200, body }))
    expect(out).toBe('The whole mosaic is outdated (FIRST_LOOK).')
  })
})
