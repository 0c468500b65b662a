import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'

/** What `cannon.ts FILE` reads from the file. */
export interface CannonTask {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly requests: readonly { readonly path: string; readonly headers?: Readonly<Record<string, string>> }[]
  readonly status: number
}

/** What it prints. Milliseconds are whole: autocannon has no finer ones. */
export interface CannonResult {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Answers that had another status, and errors. */
  readonly bad: number
  readonly requests: number
}

/**
 * Requests over open connections, each going round the list from a place of its own: two that asked for the same tile at once would be
 * served by one look into the cache.
 */
async function fire({ url, connections, seconds, requests, status }: CannonTask): Promise<CannonResult> {
  const step = requests.length / connections
  let client = 0
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (each) => {
      const from = Math.floor(step * client++)
      each.setRequests([...requests.slice(from), ...requests.slice(0, from)].map((one) => ({ ...one, headers: { ...one.headers } })))
    },
  })
  const counts = result.statusCodeStats as Readonly<Record<string, { readonly count: number }>> | undefined
  const good = counts?.[status]?.count ?? 0
  return {
    perSecond: Math.round(good / result.duration),
    p50: result.latency.p50,
    p99: result.latency.p99,
    bad: result.errors + result.timeouts + result['1xx'] + result['2xx'] + result['3xx'] + result['4xx'] + result['5xx'] - good,
    requests: good,
  }
}

if (import.meta.main) {
  const task = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as CannonTask
  console.log(JSON.stringify(await fire(task)))
}
