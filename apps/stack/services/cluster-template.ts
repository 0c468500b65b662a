import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startChild, waitUntilReady } from './child.ts'
import { type PostgresPrograms, runProgram } from './postgres-programs.ts'

const run = promisify(execFile)

/** Raise it when what goes into a template changes, so that nobody gets an old one from the cache. */
const templateRevision = 1

/** The database with PostGIS and pgSTAC that every other one is copied from. */
export const templateDatabase = 'pgstac_template'

/** The role that API and workers log in with: it may read and write the catalogue, and nothing else. */
export const applicationRole = 'tilepress'

/**
 * The archive of a stopped cluster with pgSTAC loaded, from the per-user cache or made now (initdb and the migration: 10 s,
 * unpacking it later: 1 s).
 */
export async function clusterTemplate(
  programs: PostgresPrograms,
  pgstacVersion: string,
  cacheFolder: string,
): Promise<string> {
  const folder = join(cacheFolder, 'clusters')
  const archive = join(folder, `postgresql-${programs.major}-pgstac-${pgstacVersion}-r${templateRevision}.tar`)
  if (existsSync(archive)) return archive
  const migration = join(cacheFolder, 'pgstac', `pgstac.${pgstacVersion}.sql`)
  if (!existsSync(migration)) {
    throw new Error(
      `The SQL of pgSTAC ${pgstacVersion} is not in ${join(cacheFolder, 'pgstac')}: run scripts/setup.sh.`,
    )
  }
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(tmpdir(), 'tilepress-template-'))
  try {
    await chmod(work, 0o755)
    await makeCluster(programs, work, migration)
    const half = `${archive}.${process.pid}`
    await run('tar', ['-cf', half, '-C', work, 'cluster'])
    await rename(half, archive)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return archive
}

async function makeCluster(programs: PostgresPrograms, work: string, migration: string): Promise<void> {
  const home = join(work, 'home')
  await mkdir(home)
  if (programs.user) await run('chown', [programs.user, work, home])
  const data = join(work, 'cluster')
  const locale = ['--encoding', 'UTF8', '--locale', 'C.UTF-8']
  await runProgram(programs, programs.initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', ...locale])
  // No TCP: only this user can reach the socket in a folder of its own.
  const server = await startChild({
    name: 'PostgreSQL (template)',
    command: programs.postgres,
    args: ['-D', data, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${home}`, '-c', 'fsync=off'],
    logFile: join(work, 'postgres.log'),
    ...(programs.user && { user: programs.user }),
    stopSignal: 'SIGINT',
    stopTimeoutMs: 60_000,
  })
  const psql = (database: string, ...args: string[]) =>
    runProgram(programs, programs.psql, [
      '-X',
      '-q',
      '-h',
      home,
      '-U',
      'postgres',
      '-d',
      database,
      '-v',
      'ON_ERROR_STOP=1',
      ...args,
    ])
  try {
    await waitUntilReady(
      'PostgreSQL (template)',
      server,
      async () => (await psql('postgres', '-c', 'SELECT 1')) !== '',
      60_000,
    )
    await psql('postgres', '-c', `CREATE DATABASE ${templateDatabase}`)
    const sql = join(home, 'pgstac.sql')
    await run('cp', [migration, sql])
    await run('chmod', ['644', sql])
    await psql(templateDatabase, '-f', sql)
    await psql(templateDatabase, '-c', rolesSql)
  } finally {
    await server.stop()
  }
}

/** pgSTAC's own roles carry the rights; search_path is a login role's and is not inherited. */
const rolesSql = `
  CREATE ROLE ${applicationRole} LOGIN;
  GRANT pgstac_read, pgstac_ingest TO ${applicationRole};
  ALTER ROLE ${applicationRole} SET search_path TO pgstac, public;
  ALTER ROLE postgres SET search_path TO pgstac, public;
  UPDATE pg_database SET datistemplate = true WHERE datname = '${templateDatabase}';
`

/** Unpacks a template as `folder` with new passwords for its two roles and no other way in. */
export async function unpackCluster(
  programs: PostgresPrograms,
  archive: string,
  folder: string,
  password: string,
): Promise<void> {
  const half = `${folder}.new`
  await rm(half, { recursive: true, force: true })
  await mkdir(half)
  await run('tar', ['-xpf', archive, '-C', half, '--strip-components=1', ...(programs.user ? ['--same-owner'] : [])])
  await run('chmod', ['700', half])
  await writeFile(join(half, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n')
  if (programs.user) await run('chown', ['-R', programs.user, half])
  const input = ['postgres', applicationRole].map((role) => `ALTER ROLE ${role} PASSWORD '${password}';\n`).join('')
  await runProgram(programs, programs.postgres, ['--single', '-D', half, 'postgres'], { input })
  await rename(half, folder)
}
