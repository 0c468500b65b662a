import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Run } from '../../src/prerender/run-resource.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export interface FakeApi {
  readonly url: string
  readonly asked: Asked[]
  close(): Promise<void>
}

/** An HTTP server that answers as told, and remembers what it was asked. */
export async function startFakeApi(answer: (asked: Asked) => { status: number; body: unknown }): Promise<FakeApi> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const sent = await text(request)
    const { method = '', url: path = '', headers } = request
    const one = { method, path, headers, body: sent === '' ? null : (JSON.parse(sent) as unknown) }
    asked.push(one)
    const { status, body } = answer(one)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const runId = 'mjuzs000-0a1b2c3d'

/** A run as the API describes it, `done` of its 98 000 tiles done. */
export function fakeRun(done: number, given: Partial<Run> = {}): Run {
  return {
    id: runId,
    state: 'running',
    layer: { kind: 'search', id: 'f'.repeat(32) },
    bbox: [-180, -85, 180, 85],
    zooms: [0, 3, 4, 5],
    tile_matrix_set: 'WebMercatorQuad',
    format: 'auto',
    render: {},
    force: false,
    tiles: { total: 98_000, done, rendered: done, empty: 0, present: 0, failed: 0 },
    jobs: { total: 6_125, done: Math.floor(done / 16), outstanding: 64 },
    percent: Math.floor((done / 98_000) * 10_000) / 100,
    tiles_per_second: 310,
    eta_seconds: Math.ceil((98_000 - done) / 310),
    created_at: '2026-01-01T00:00:00.000Z',
    finished_at: null,
    failures: [],
    ...given,
  }
}
