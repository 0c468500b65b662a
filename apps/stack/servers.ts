import { join } from 'node:path'
import type { DataFolder } from './data-folder.ts'
import type { ServerAddresses } from './program-environment.ts'
import { startAzurite } from './services/azurite.ts'
import { certificateIn, findSystemBundle } from './services/certificate.ts'
import { startIdentity } from './services/identity.ts'
import { startPostgres } from './services/postgres.ts'
import { startRedis } from './services/redis.ts'
import { startTogether } from './services/together.ts'
import type { StackSettings } from './settings.ts'

const database = 'tilepress'
const accounts = ['tilepressa', 'tilepressb'] as const

export interface Servers {
  readonly addresses: ServerAddresses
  /** Settles with a sentence when one of them ended by itself. */
  readonly lost: Promise<string>
  stop(): Promise<void>
}

/** Starts PostgreSQL with pgSTAC, the two Redis, the Blob emulator and the identity endpoint, all with their data in the folder. */
export async function startServers(options: {
  readonly settings: StackSettings
  readonly data: DataFolder
  readonly checkout: string
  readonly cacheFolder: string
  /** The machine's bundle of authorities, when the environment names one. */
  readonly systemBundle: string | undefined
}): Promise<Servers> {
  const { settings, data, checkout, cacheFolder } = options
  const certificate = await certificateIn(join(data.path, 'certificate'), findSystemBundle(options.systemBundle))
  const on = (port: number | undefined) => (port === undefined ? {} : { port })
  const running = await startTogether({
    postgres: startPostgres({ folder: data.postgres, durable: true, cacheFolder, ...on(settings.ports.postgres) }),
    queueRedis: startRedis({
      folder: join(data.path, 'queue-redis'),
      policy: 'noeviction',
      aof: true,
      ...on(settings.ports.queueRedis),
    }),
    cacheRedis: startRedis({
      folder: join(data.path, 'cache-redis'),
      policy: 'allkeys-lru',
      aof: false,
      maxMemory: '256mb',
      ...on(settings.ports.cacheRedis),
    }),
    azurite: startAzurite({
      folder: join(data.path, 'azurite'),
      accounts,
      certificate,
      program: join(checkout, 'node_modules/azurite/dist/src/blob/main.js'),
      ...on(settings.ports.azurite),
    }),
    identity: startIdentity(on(settings.ports.identity)),
  })
  const { postgres, queueRedis, cacheRedis, azurite, identity } = running
  const stop = async () => {
    await Promise.all(Object.values(running).map((server) => server.stop()))
  }
  await postgres.createDatabase(database).catch(async (error) => {
    await stop()
    throw error
  })
  const ended = (name: string, exited: Promise<unknown>, log: string) =>
    exited.then(() => `${name} ended by itself; its last words are in ${log}.`)
  return {
    addresses: {
      databaseUrl: postgres.url(database),
      queueRedisUrl: queueRedis.url,
      cacheRedisUrl: cacheRedis.url,
      accounts: azurite.endpoints,
      identity,
      certificate,
    },
    lost: Promise.race([
      ended('PostgreSQL', postgres.exited, join(data.postgres, 'postgres.log')),
      ended('The queue Redis', queueRedis.exited, join(data.path, 'queue-redis/redis.log')),
      ended('The cache Redis', cacheRedis.exited, join(data.path, 'cache-redis/redis.log')),
      ended('Azurite', azurite.exited, join(data.path, 'azurite/azurite.log')),
    ]),
    stop,
  }
}
