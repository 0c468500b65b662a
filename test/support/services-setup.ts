import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startAzurite } from '../../apps/stack/services/azurite.ts'
import { userCacheFolder } from '../../apps/stack/services/cache-folder.ts'
import { certificateIn, findSystemBundle } from '../../apps/stack/services/certificate.ts'
import { templateDatabase } from '../../apps/stack/services/cluster-template.ts'
import { startIdentity } from '../../apps/stack/services/identity.ts'
import { startPostgres } from '../../apps/stack/services/postgres.ts'
import { startRedis } from '../../apps/stack/services/redis.ts'
import { startTogether } from '../../apps/stack/services/together.ts'
import './service-facts.ts'

const azuriteProgram = resolve(import.meta.dirname, '../../node_modules/azurite/dist/src/blob/main.js')

/** Starts one of each server for the whole run, on free ports and in a folder of its own, and ends them afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const certificateFolder = process.env.TILEPRESS_TEST_CERTIFICATE
  if (certificateFolder === undefined) {
    throw new Error(
      'Node must trust the test certificate when it starts: run `npm test -- test/integration`, not vitest itself.',
    )
  }
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-test-'))
  // PostgreSQL runs under an account of its own when we are root, and must be able to enter.
  await chmod(folder, 0o755)
  const clean = () => rm(folder, { recursive: true, force: true })
  const certificate = await certificateIn(certificateFolder, findSystemBundle(undefined))
  const running = await startTogether({
    postgres: startPostgres({
      folder: join(folder, 'postgres'),
      durable: false,
      cacheFolder: userCacheFolder(process.env),
      maxConnections: 300,
    }),
    queueRedis: startRedis({ folder: join(folder, 'queue-redis'), policy: 'noeviction', aof: true }),
    cacheRedis: startRedis({
      folder: join(folder, 'cache-redis'),
      policy: 'allkeys-lru',
      aof: false,
      maxMemory: '256mb',
    }),
    azurite: startAzurite({
      folder: join(folder, 'azurite'),
      inMemory: true,
      accounts: ['tilepressa', 'tilepressb'],
      certificate,
      program: azuriteProgram,
    }),
    identity: startIdentity(),
  }).catch(async (error) => {
    await clean()
    throw error
  })
  const endpoint = (account: string) => running.azurite.endpoints[account] as string
  project.provide('services', {
    postgres: {
      port: running.postgres.port,
      adminUrl: running.postgres.adminUrl(''),
      applicationUrl: running.postgres.url(''),
      template: templateDatabase,
    },
    queueRedisUrl: running.queueRedis.url,
    cacheRedisUrl: running.cacheRedis.url,
    storage: { tilepressa: endpoint('tilepressa'), tilepressb: endpoint('tilepressb') },
    identity: { endpoint: running.identity.endpoint, header: running.identity.header },
    caBundle: certificate.bundleFile,
  })
  return async () => {
    await Promise.all(Object.values(running).map((service) => service.stop()))
    await clean()
  }
}
