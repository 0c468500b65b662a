import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { startChild, waitUntilReady } from './child.ts'
import { applicationRole, clusterTemplate, templateDatabase, unpackCluster } from './cluster-template.ts'
import { onFreePort } from './ports.ts'
import { findPostgres, type PostgresPrograms, runProgram } from './postgres-programs.ts'

export interface PostgresOptions {
  /** Its cluster, log and password; made when absent. The `postgres` account must be able to reach it when we are root. */
  readonly folder: string
  readonly port?: number
  /** 0.10.0 when absent; scripts/setup.sh fetches the SQL. */
  readonly pgstacVersion?: string
  /** Data survives a crash of the machine. Off for tests: three times as fast. */
  readonly durable: boolean
  /** ~/.cache/tilepress: pgSTAC's SQL and prepared clusters. */
  readonly cacheFolder: string
  readonly maxConnections?: number
}

export interface PostgresService {
  readonly port: number
  readonly pid: number
  readonly exited: Promise<unknown>
  /** Connection URL of the application's role. */
  url(database: string): string
  /** Connection URL of the superuser. */
  adminUrl(database: string): string
  /** A database with PostGIS and an empty pgSTAC, unless it is there already. */
  createDatabase(name: string): Promise<void>
  /** Drops it and whoever is still connected. */
  dropDatabase(name: string): Promise<void>
  stop(): Promise<void>
}

/** Starts a private PostgreSQL with PostGIS and pgSTAC on 127.0.0.1. Throws one sentence when it can't. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresService> {
  const programs = await findPostgres()
  await mkdir(options.folder, { recursive: true })
  await chmod(options.folder, 0o755)
  if (!(await canReach(programs, options.folder))) {
    throw new Error(
      `The account ${programs.user} cannot enter ${options.folder}: choose a data folder under a path it can read.`,
    )
  }
  const cluster = join(options.folder, 'cluster')
  const password = await passwordIn(options.folder)
  if (!existsSync(cluster)) {
    const version = options.pgstacVersion ?? '0.10.0'
    await unpackCluster(programs, await clusterTemplate(programs, version, options.cacheFolder), cluster, password)
  }
  return onFreePort(options.port, (port) => startOn(port, programs, cluster, password, options))
}

/** True when PostgreSQL's account can enter the folder (root's home, for one, is closed to it). */
export async function canReach(programs: PostgresPrograms, folder: string): Promise<boolean> {
  return runProgram(programs, 'test', ['-x', folder]).then(
    () => true,
    () => false,
  )
}

async function startOn(
  port: number,
  programs: PostgresPrograms,
  cluster: string,
  password: string,
  options: PostgresOptions,
): Promise<PostgresService> {
  const url = (role: string, database: string) => `postgres://${role}:${password}@127.0.0.1:${port}/${database}`
  const adminUrl = (database: string) => url('postgres', database)
  const child = await startChild({
    name: 'PostgreSQL',
    command: programs.postgres,
    args: ['-D', cluster, ...settings(port, options).flatMap((setting) => ['-c', setting])],
    logFile: join(options.folder, 'postgres.log'),
    ...(programs.user && { user: programs.user }),
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 30_000,
  })
  // Only our server knows the password, so a foreign one on the port can't pass for it.
  await waitUntilReady('PostgreSQL', child, () => query(adminUrl('postgres'), 'SELECT 1').then(() => true), 120_000)
  return {
    port,
    pid: child.pid,
    exited: child.exited,
    url: (database) => url(applicationRole, database),
    adminUrl,
    createDatabase: async (name) => {
      const found = await query(adminUrl('postgres'), 'SELECT FROM pg_database WHERE datname = $1', [name])
      if (found > 0) return
      const quoted = pg.escapeIdentifier(name)
      await query(adminUrl('postgres'), `CREATE DATABASE ${quoted} TEMPLATE ${templateDatabase}`)
    },
    dropDatabase: async (name) => {
      await query(adminUrl('postgres'), `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`)
    },
    stop: child.stop,
  }
}

function settings(port: number, options: PostgresOptions): string[] {
  const common = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `max_connections=${options.maxConnections ?? 100}`,
    'shared_buffers=128MB',
    'random_page_cost=1.1',
    // Compiling a plan costs more than pgSTAC's small queries themselves.
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
  ]
  return options.durable
    ? common
    : [...common, 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off']
}

async function passwordIn(folder: string): Promise<string> {
  const file = join(folder, 'password')
  if (existsSync(join(folder, 'cluster'))) {
    return readFile(file, 'utf8').catch((cause) => {
      throw new Error(`${file} is missing: delete ${folder} to begin with an empty database.`, { cause })
    })
  }
  const password = randomBytes(24).toString('hex')
  await rm(file, { force: true })
  await writeFile(file, password, { mode: 0o600 })
  return password
}

/** One statement on a connection of its own; the number of rows. */
async function query(connectionString: string, text: string, values: string[] = []): Promise<number> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text, values)).rowCount ?? 0
  } finally {
    await client.end()
  }
}
