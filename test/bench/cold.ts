import { certificateIn, findSystemBundle, trustEnvironment } from '../../apps/stack/services/certificate.ts'
import { startIdentity } from '../../apps/stack/services/identity.ts'
import { fillCatalogue, loadImagery, movedTo, registerSearch, tileTemplate, tileUrl } from './imagery.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { type Program, startApi, startWorkers } from './programs.ts'
import { referenceRelease, startReference } from './reference.ts'
import { type SlowStorage, startSlowStorage, type Traffic } from './slow-storage.ts'
import { round, spread } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

/** What lies between a region's machines and its storage. */
const LATENCY_MS = 30
const ACCOUNT = 'imagery'

interface Sample extends Traffic {
  readonly tile: string
  readonly firstByteMs: number
}

interface Side {
  readonly name: string
  readonly samples: Sample[]
  /** A server whose renderer has never seen a file. */
  start(): Promise<{ readonly template: string; stop(): Promise<void> }>
}

/**
 * The first tile of a worker just started, its imagery in a storage whose every answer takes 30 ms: time to the first byte, requests and
 * bytes, beside a reference just started. Ours reads as from Azure: by account, with a token.
 */
export async function benchCold(options: BenchOptions, workspace: Workspace): Promise<object> {
  const imagery = await loadImagery(workspace, options.world, Math.min(options.tiles, 7))
  const certificate = await certificateIn(workspace.folder, findSystemBundle(process.env.SSL_CERT_FILE))
  const storage = await startSlowStorage(imagery.folder, LATENCY_MS, certificate)
  workspace.releasers.add('storage', () => storage.close())
  const identity = await startIdentity()
  workspace.releasers.add('identity endpoint', () => identity.stop())
  const servers = await startServers(workspace)
  const databaseWith = async (name: string, href: (file: string) => string) => {
    await servers.postgres.createDatabase(name)
    await fillCatalogue(servers.postgres.adminUrl(name), movedTo(imagery, href))
    return servers.postgres.url(name)
  }
  const setting = {
    databaseUrl: await databaseWith('ours', (file) => `https://${ACCOUNT}.blob.core.windows.net/world/${file}`),
    servers,
    assetFolder: imagery.folder,
    options: {
      ...options,
      env: {
        USE_AZURE_AUTH: 'true',
        AZURE_STORAGE_ACCOUNT: ACCOUNT,
        AZURE_STORAGE_ACCOUNTS: `${ACCOUNT}=${storage.url}`,
        AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
        IDENTITY_ENDPOINT: identity.endpoint,
        IDENTITY_HEADER: identity.header,
        ...trustEnvironment(certificate),
        ...options.env,
      },
    },
  }
  const api = await startApi(workspace, setting)
  const search = await registerSearch(api.url, imagery)
  const ours: Side = {
    name: 'tilepress',
    samples: [],
    start: async () => {
      const [worker] = (await startWorkers(workspace, setting, 1)) as [Program]
      return { template: tileTemplate(api.url, search, imagery), stop: worker.stop }
    },
  }
  const sides = [ours]
  if (options.reference) {
    const databaseUrl = await databaseWith('reference', (file) => `${storage.url}/world/${file}`)
    sides.push({
      name: referenceRelease,
      samples: [],
      start: async () => {
        const reference = await startReference(workspace, databaseUrl, 1, { GDAL_HTTP_UNSAFESSL: 'YES' })
        const id = await registerSearch(reference.url, imagery)
        return { template: tileTemplate(reference.url, id, imagery), stop: reference.stop }
      },
    })
  }
  for (const tile of imagery.tiles) {
    for (const side of sides) {
      const server = await side.start()
      const sample = await measure(server.template, tile, storage)
      await server.stop()
      side.samples.push(sample)
      say(
        `${side.name} ${tile}: ${sample.firstByteMs} ms, ${sample.heads} HEAD, ${sample.gets} GET, ${sample.bytes} bytes`,
      )
    }
  }
  return {
    bench: 'cold',
    imagery: imagery.name,
    latencyMs: LATENCY_MS,
    ...(await machineFacts()),
    sides: sides.map(({ name, samples }) => ({
      name,
      firstByteMs: spread(samples.map(({ firstByteMs }) => firstByteMs)),
      samples,
    })),
  }
}

async function measure(template: string, tile: string, storage: SlowStorage): Promise<Sample> {
  storage.takeTraffic()
  const started = performance.now()
  const response = await fetch(tileUrl(template, tile))
  const firstByteMs = round(performance.now() - started, 1)
  const { length } = await response.bytes()
  if (!response.ok || length === 0) throw new Error(`${tile} was answered with ${response.status}`)
  return { tile, firstByteMs, ...storage.takeTraffic() }
}
