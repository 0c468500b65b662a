import { join, resolve } from 'node:path'
import { programEnvironment } from '../program-environment.ts'
import { installedSamples, installSampleImagery } from '../sample-imagery.ts'
import { startAzurite } from '../services/azurite.ts'
import { certificateIn, findSystemBundle } from '../services/certificate.ts'
import { startIdentity } from '../services/identity.ts'
import { startTogether } from '../services/together.ts'

/**
 * What docker-compose.yml has in place of Azure: the Blob emulator and the managed-identity endpoint, with the sample imagery. Says `ready` when
 * the certificate, the servers and the samples are there.
 */
const checkout = resolve(import.meta.dirname, '../../..')
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())

function needed(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set.`)
  return value
}

const host = needed('AZURE_EMULATOR_HOST')
const folder = needed('DATA_DIR')
const certificate = await certificateIn(needed('CERTIFICATE_DIR'), findSystemBundle(undefined), host)
const running = await startTogether({
  azurite: startAzurite({
    folder: join(folder, 'azurite'),
    accounts: ['tilepressa', 'tilepressb'],
    certificate,
    host,
    port: 10_000,
    program: join(checkout, 'node_modules/azurite/dist/src/blob/main.js'),
  }),
  identity: startIdentity({ host, port: 8400, header: needed('IDENTITY_HEADER') }),
})
try {
  const samplesFile = join(folder, 'samples.json')
  if (!(await installedSamples(samplesFile))) {
    const addresses = {
      databaseUrl: needed('DATABASE_URL'),
      queueRedisUrl: needed('QUEUE_REDIS_URL'),
      cacheRedisUrl: needed('CACHE_REDIS_URL'),
      accounts: running.azurite.endpoints,
      identity: running.identity,
      certificate,
    }
    const env = { ...process.env, ...programEnvironment(addresses) }
    await installSampleImagery(samplesFile, { checkout, logs: folder, env, signal: stopping.signal })
  }
  console.log('ready')
  const asked = new Promise((done) => stopping.signal.addEventListener('abort', done))
  await Promise.race([asked, running.azurite.exited])
} finally {
  await Promise.all(Object.values(running).map((server) => server.stop()))
}
