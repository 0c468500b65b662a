import { type IdentityEndpoint, startIdentity } from '../../apps/stack/services/identity.ts'
import { loadImagery, registerSearch, tileTemplate } from './imagery.ts'
import { type LoadRun, runLoad } from './load-run.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { startApi, startWorkers } from './programs.ts'
import { median } from './summary.ts'
import { serveByToken } from './token-imagery.ts'
import { say, type Workspace } from './workspace.ts'

/** The provider asks for the next token at a quarter of so short a life, less up to a tenth. */
const TOKEN_LIFE_SECONDS = 40

/** How long a token is still taken after the next one is out; Infinity: what the others are compared with. */
const phases = [
  { name: 'any token', graceMs: Number.POSITIVE_INFINITY },
  { name: '2 s of grace', graceMs: 2_000 },
  { name: 'no grace', graceMs: 0 },
] as const

interface Phase {
  readonly name: string
  readonly tiles: number
  /** Answers that were no tile. */
  readonly failed: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly tokens: number
  readonly reads: number
  /** HEAD requests: a file is asked for its size when it is opened, and again after a read of it was refused twice. */
  readonly reopened: number
  readonly refused: number
}

/**
 * Renders under full load while each worker's token is replaced every 10 s and the storage refuses the old one with 401, as Azure does. Each
 * worker has a token of its own. Wanted: no answer that is no tile, no file opened anew, and a p99 like that without replacements.
 */
export async function benchRotation(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, options.tiles)
  let graceMs: number = Number.POSITIVE_INFINITY
  /** The moment each worker's token is over, by its identity's client; newest last. */
  const ended = new Map<string, number>()
  const identities = await Promise.all(
    Array.from({ length: options.workers }, async () => {
      let newest: string | null = null
      const identity = await startIdentity({
        tokenLifeSeconds: TOKEN_LIFE_SECONDS,
        onToken: (token) => {
          if (newest !== null) ended.set(newest, Date.now())
          newest = token
          ended.set(token, Number.POSITIVE_INFINITY)
        },
      })
      workspace.releasers.add('identity endpoint', () => identity.stop())
      return identity
    }),
  )
  const served = await serveByToken(options, workspace, imagery, (token) => {
    const end = ended.get(token)
    return end !== undefined && Date.now() <= end + graceMs
  })
  const settingOf = (identity: IdentityEndpoint) =>
    served.settingFor(identity, { AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential' })
  say(`starting the API and ${options.workers} workers, each with an identity of its own`)
  const plain = served.settingFor(identities[0]!, { USE_AZURE_AUTH: 'false', LOCAL_MODE: 'true' })
  const [api, ...workers] = await Promise.all([
    startApi(workspace, plain),
    ...identities.map(async (identity) => (await startWorkers(workspace, settingOf(identity), 1))[0]!),
  ])
  const search = await registerSearch(api.url, imagery)
  const processes = { workers: workers.map(({ pid }) => pid) }
  let key = 0
  const load = () =>
    runLoad(workspace, options, {
      template: tileTemplate(api.url, search, imagery, '', `scan_limit=${1_000 + key++}`),
      tiles: imagery.tiles,
      clients: options.clients[0] ?? 10,
      processes,
      mayFail: true,
    })
  await load()
  const results: Phase[] = []
  for (const phase of phases) {
    graceMs = phase.graceMs
    const before = { ...served.storage.counts, tokens: issued(), refused: served.refused() }
    const runs: LoadRun[] = []
    for (let run = 0; run < options.runs; run++) runs.push(await load())
    const mid = (pick: (run: LoadRun) => number) => median(runs.map(pick))
    const result: Phase = {
      name: phase.name,
      tiles: runs.reduce((sum, { requests }) => sum + requests, 0),
      failed: runs.reduce((sum, { failed }) => sum + failed, 0),
      perSecond: mid(({ perSecond }) => perSecond),
      p50: mid(({ p50 }) => p50),
      p99: mid(({ p99 }) => p99),
      tokens: issued() - before.tokens,
      reads: served.storage.counts.GET - before.GET,
      reopened: served.storage.counts.HEAD - before.HEAD,
      refused: served.refused() - before.refused,
    }
    say(JSON.stringify(result))
    results.push(result)
  }
  return { bench: 'rotation', imagery: imagery.name, phases: results, machine: await machineFacts() }

  function issued(): number {
    return identities.reduce((sum, identity) => sum + identity.tokensIssued(), 0)
  }
}
