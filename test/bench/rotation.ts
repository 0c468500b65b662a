import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { certificateIn, findSystemBundle, trustEnvironment } from '../../apps/stack/services/certificate.ts'
import { startIdentity } from '../../apps/stack/services/identity.ts'
import { startStrictStorage } from '../support/strict-storage.ts'
import { fillCatalogue, loadImagery, movedTo, registerSearch, tileTemplate } from './imagery.ts'
import { type LoadRun, runLoad } from './load-run.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { startApi, startWorkers } from './programs.ts'
import { median } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

const ACCOUNT = 'imagery'
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
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly tokens: number
  readonly reads: number
  /** HEAD requests: a file is asked for its size when it is opened. */
  readonly opens: number
  readonly refused: number
}

/**
 * Renders under full load while each worker's token is replaced every 10 s and the storage refuses the old one with 401, as Azure does. Every
 * answer must be a tile. GDAL keeps as little as it can, so that tiles do read. Each worker has a token of its own.
 */
export async function benchRotation(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, options.tiles)
  const certificate = await certificateIn(workspace.folder, findSystemBundle(process.env.SSL_CERT_FILE))
  let graceMs: number = Number.POSITIVE_INFINITY
  let refused = 0
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
  const files = new Map<string, Buffer>()
  const storage = await startStrictStorage({
    certificateFolder: workspace.folder,
    file: (path) => {
      const name = path.split('/').at(-1) ?? ''
      if (!/^[\w.-]+$/.test(name)) return null
      if (!files.has(name)) files.set(name, readFileSync(join(imagery.folder, name)))
      return files.get(name) ?? null
    },
    accepts: (token) => {
      const end = ended.get(token)
      const good = end !== undefined && Date.now() <= end + graceMs
      if (!good) refused++
      return good
    },
  })
  workspace.releasers.add('storage', () => storage.close())
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  const href = (file: string) => `https://${ACCOUNT}.blob.core.windows.net/world/${file}`
  await fillCatalogue(servers.postgres.adminUrl('bench'), movedTo(imagery, href))
  const settingOf = (identity: (typeof identities)[number]) => ({
    databaseUrl: servers.postgres.url('bench'),
    servers,
    assetFolder: imagery.folder,
    options: {
      ...options,
      env: {
        USE_AZURE_AUTH: 'true',
        AZURE_STORAGE_ACCOUNTS: `${ACCOUNT}=${storage.endpoint}`,
        AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
        IDENTITY_ENDPOINT: identity.endpoint,
        IDENTITY_HEADER: identity.header,
        CPL_VSIL_CURL_CACHE_SIZE: '1048576',
        GDAL_CACHEMAX: '16',
        ...trustEnvironment(certificate),
        ...options.env,
      },
    },
  })
  say(`starting the API and ${options.workers} workers, each with an identity of its own`)
  const plain = { ...settingOf(identities[0]!), options: { ...options, env: { USE_AZURE_AUTH: 'false' } } }
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
    })
  await load()
  const results: Phase[] = []
  for (const phase of phases) {
    graceMs = phase.graceMs
    const before = { ...storage.counts, tokens: issued(), refused }
    const runs: LoadRun[] = []
    for (let run = 0; run < options.runs; run++) runs.push(await load())
    const mid = (pick: (run: LoadRun) => number) => median(runs.map(pick))
    const result: Phase = {
      name: phase.name,
      tiles: runs.reduce((sum, { requests }) => sum + requests, 0),
      perSecond: mid(({ perSecond }) => perSecond),
      p50: mid(({ p50 }) => p50),
      p99: mid(({ p99 }) => p99),
      tokens: issued() - before.tokens,
      reads: storage.counts.GET - before.GET,
      opens: storage.counts.HEAD - before.HEAD,
      refused: refused - before.refused,
    }
    say(JSON.stringify(result))
    results.push(result)
  }
  return { bench: 'rotation', imagery: imagery.name, phases: results, machine: await machineFacts() }

  function issued(): number {
    return identities.reduce((sum, identity) => sum + identity.tokensIssued(), 0)
  }
}
