import { readFileSync } from 'node:fs'
import { HttpConnection } from './http-connection.ts'

/**
 * Closed-loop load on a tile server, a program of its own so that it does not share a process with what it measures: every client asks for
 * the next tile of the list as soon as it has the last one.
 *
 *   load.ts URL_TEMPLATE TILE_LIST [clients=10] [count=all] [offset=0]
 *
 * The template has {z}, {x} and {y}; the list is a file of z/x/y lines. Prints one line of JSON, a LoadResult.
 */
export interface LoadResult {
  readonly requests: number
  readonly clients: number
  readonly seconds: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  /** Answers by status. */
  readonly codes: Readonly<Record<string, number>>
  /** Answers by X-Cache, `-` without. */
  readonly cache: Readonly<Record<string, number>>
  readonly kB: number
}

async function load(template: string, tiles: readonly string[], clients: number): Promise<LoadResult> {
  const url = new URL(template)
  // Braces are encoded in a URL's path.
  const paths = template.slice(url.origin.length)
  const connections = await Promise.all(Array.from({ length: clients }, () => HttpConnection.open(url)))
  const codes: Record<string, number> = {}
  const cache: Record<string, number> = {}
  const times: number[] = []
  const queue = tiles.values()
  let bytes = 0
  const client = async (connection: HttpConnection) => {
    for (const tile of queue) {
      const [z = '', x = '', y = ''] = tile.split('/')
      const asked = performance.now()
      const answer = await connection.get(paths.replace('{z}', z).replace('{x}', x).replace('{y}', y))
      times.push(performance.now() - asked)
      codes[answer.status] = (codes[answer.status] ?? 0) + 1
      cache[answer.cache] = (cache[answer.cache] ?? 0) + 1
      bytes += answer.bytes
    }
  }
  const started = performance.now()
  await Promise.all(connections.map(client))
  const seconds = (performance.now() - started) / 1_000
  for (const connection of connections) connection.close()
  const sorted = Float64Array.from(times).sort()
  const quantile = (share: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(2))
  return {
    requests: times.length,
    clients,
    seconds: Number(seconds.toFixed(2)),
    perSecond: Number((times.length / seconds).toFixed(1)),
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    max: quantile(1),
    codes,
    cache,
    kB: Math.round(bytes / 1_024),
  }
}

if (import.meta.main) {
  const [template, list, clients = '10', count = 'Infinity', offset = '0'] = process.argv.slice(2)
  if (template === undefined || list === undefined)
    throw new Error('usage: load.ts URL_TEMPLATE TILE_LIST [clients] [count] [offset]')
  const tiles = readFileSync(list, 'utf8').trim().split('\n')
  const result = await load(template, tiles.slice(Number(offset), Number(offset) + Number(count)), Number(clients))
  console.log(JSON.stringify(result))
}
