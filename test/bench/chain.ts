import { startIdentity } from '../../apps/stack/services/identity.ts'
import { HttpConnection } from './http-connection.ts'
import { loadImagery, registerSearch, tileTemplate } from './imagery.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { startApi, startWorkers } from './programs.ts'
import { serveByToken } from './token-imagery.ts'
import { say, type Workspace } from './workspace.ts'

/** The SDK takes a token with less than 5 min left for one that is over, so that it asks anew whenever we ask it. */
const TOKEN_LIFE_SECONDS = 360
/** Two tiles a second: what counts is the time, not the load. */
const PAUSE_MS = 500

/**
 * A worker that signs in as it would in Azure, by the whole chain of DefaultAzureCredential, while tiles are asked for over more than two
 * lives of a token. Storage takes a token until its end and not a moment longer.
 */
export async function benchChain(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, options.tiles)
  const ends = new Map<string, number>()
  const identity = await startIdentity({
    tokenLifeSeconds: TOKEN_LIFE_SECONDS,
    onToken: (token) => {
      ends.set(token, Date.now() + TOKEN_LIFE_SECONDS * 1_000)
      say(`token ${ends.size} after ${Math.round((performance.now() - started) / 1_000)} s`)
    },
  })
  workspace.releasers.add('identity endpoint', () => identity.stop())
  const served = await serveByToken(options, workspace, imagery, (token) => (ends.get(token) ?? 0) > Date.now())
  const started = performance.now()
  const [api, [worker]] = await Promise.all([
    startApi(workspace, served.settingFor(identity, { USE_AZURE_AUTH: 'false', LOCAL_MODE: 'true' })),
    startWorkers(workspace, served.settingFor(identity), 1),
  ])
  const search = await registerSearch(api.url, imagery)
  const connection = await HttpConnection.open(new URL(api.url))
  const times: number[] = []
  const codes: Record<string, number> = {}
  let leastSeconds = Number.POSITIVE_INFINITY
  const until = started + options.minutes * 60_000
  for (let round = 0; performance.now() < until; round++) {
    const template = tileTemplate('', search, imagery, '', `scan_limit=${1_000 + round}`)
    for (const tile of imagery.tiles) {
      if (performance.now() >= until) break
      const [z = '', x = '', y = ''] = tile.split('/')
      const asked = performance.now()
      const answer = await connection.get(template.replace('{z}', z).replace('{x}', x).replace('{y}', y))
      times.push(performance.now() - asked)
      codes[answer.status] = (codes[answer.status] ?? 0) + 1
      const { token } = (await (await fetch(`${worker!.url}/healthz`)).json()) as {
        token: { expiresInSeconds: number | null }
      }
      leastSeconds = Math.min(leastSeconds, token.expiresInSeconds ?? leastSeconds)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
  connection.close()
  const sorted = times.toSorted((a, b) => a - b)
  const quantile = (share: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1))
  return {
    bench: 'chain',
    imagery: imagery.name,
    minutes: options.minutes,
    tokenLifeSeconds: TOKEN_LIFE_SECONDS,
    tiles: times.length,
    codes,
    ...{ p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) },
    tokens: identity.tokensIssued(),
    leastSecondsLeft: leastSeconds,
    refused: served.refused(),
    reads: served.storage.counts.GET,
    // One client needs one handle a file.
    reopened: served.storage.counts.HEAD - served.files(),
    machine: await machineFacts(),
  }
}
