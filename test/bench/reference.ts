import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startChild, waitUntilReady } from '../../apps/stack/services/child.ts'
import { onFreePort } from '../../apps/stack/services/ports.ts'
import type { Program } from './programs.ts'
import { say, type Workspace } from './workspace.ts'

const run = promisify(execFile)

/** The server that Tilepress is measured against, as `pip install` brings it. */
export const referenceRelease = 'titiler-pgstac==3.2.0'

/** GDAL's options that its documentation recommends, and its own defaults spelled out. */
const settings = {
  DB_MIN_CONN_SIZE: '1',
  DB_MAX_CONN_SIZE: '10',
  MOSAIC_CONCURRENCY: '5',
  GDAL_CACHEMAX: '512',
  GDAL_DISABLE_READDIR_ON_OPEN: 'EMPTY_DIR',
  GDAL_INGESTED_BYTES_AT_OPEN: '32768',
  GDAL_HTTP_MERGE_CONSECUTIVE_RANGES: 'YES',
  VSI_CACHE: 'TRUE',
}

/** Starts titiler-pgstac on the database, with as many processes as told; installs it first where it is not yet. */
export async function startReference(
  workspace: Workspace,
  databaseUrl: string,
  processes: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const environment = await installedReference(workspace.cacheFolder)
  say(`starting ${referenceRelease} with ${processes} processes`)
  const database = new URL(databaseUrl)
  return onFreePort(undefined, async (port) => {
    const child = await startChild({
      name: referenceRelease,
      command: join(environment, 'bin/uvicorn'),
      args: [
        'titiler.pgstac.main:app',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--workers',
        String(processes),
        '--log-level',
        'warning',
      ],
      env: {
        ...{ PATH: process.env.PATH, HOME: process.env.HOME },
        ...settings,
        ...env,
        PGHOST: database.hostname,
        PGPORT: database.port,
        PGUSER: decodeURIComponent(database.username),
        PGPASSWORD: decodeURIComponent(database.password),
        PGDATABASE: database.pathname.slice(1),
      },
      cwd: workspace.folder,
      logFile: join(workspace.folder, `reference-${port}.log`),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 15_000,
    })
    workspace.releasers.add(referenceRelease, () => child.stop())
    const url = `http://127.0.0.1:${port}`
    await waitUntilReady(referenceRelease, child, async () => (await fetch(`${url}/healthz`)).ok, 120_000)
    return { pid: child.pid, url, stop: () => child.stop() }
  })
}

/** A virtual environment in the user's cache. uvicorn comes last, in a step of its own: where it is, all the rest is. */
async function installedReference(cacheFolder: string): Promise<string> {
  const folder = join(cacheFolder, referenceRelease.replace('==', '-'))
  if (existsSync(join(folder, 'bin/uvicorn'))) return folder
  say(`installing ${referenceRelease} in ${folder}`)
  await mkdir(cacheFolder, { recursive: true })
  await run('python3', ['-m', 'venv', '--clear', folder])
  for (const packages of [[referenceRelease, 'psycopg[binary,pool]'], ['uvicorn']]) {
    await run(join(folder, 'bin/pip'), ['install', '-q', '--disable-pip-version-check', ...packages])
  }
  return folder
}
