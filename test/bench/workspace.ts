import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { userCacheFolder } from '../../apps/stack/services/cache-folder.ts'
import { type PostgresService, startPostgres } from '../../apps/stack/services/postgres.ts'
import { type RedisService, startRedis } from '../../apps/stack/services/redis.ts'
import { startTogether } from '../../apps/stack/services/together.ts'
import type { Releasers } from '../../src/release.ts'

/** A bench's folder and what must be undone at its end. */
export interface Workspace {
  readonly folder: string
  /** Kept between benches: ~/.cache/tilepress. */
  readonly cacheFolder: string
  readonly releasers: Releasers
}

export async function createWorkspace(releasers: Releasers): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'tilepress-bench-'))
  releasers.add('temporary folder', () => rm(folder, { recursive: true, force: true }))
  // PostgreSQL runs under an account of its own when we are root, and must be able to enter.
  await chmod(folder, 0o755)
  return { folder, cacheFolder: userCacheFolder(process.env), releasers }
}

export interface Servers {
  readonly postgres: PostgresService
  readonly queueRedis: RedisService
  readonly cacheRedis: RedisService
}

/** PostgreSQL with pgSTAC and both Redis, as the local stack has them. */
export async function startServers({ folder, cacheFolder, releasers }: Workspace): Promise<Servers> {
  say('starting PostgreSQL and two Redis')
  const servers = await startTogether({
    postgres: startPostgres({ folder: join(folder, 'postgres'), durable: true, cacheFolder }),
    queueRedis: startRedis({ folder: join(folder, 'queue-redis'), policy: 'noeviction', aof: true }),
    cacheRedis: startRedis({
      folder: join(folder, 'cache-redis'),
      policy: 'allkeys-lru',
      aof: false,
      maxMemory: '1gb',
    }),
  })
  for (const [name, server] of Object.entries(servers)) releasers.add(name, () => server.stop())
  return servers
}

/** A line for people: standard output is for the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
