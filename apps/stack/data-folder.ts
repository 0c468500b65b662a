import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canReach } from './services/postgres.ts'
import { findPostgres } from './services/postgres-programs.ts'

export interface DataFolder {
  readonly path: string
  readonly logs: string
  /** PostgreSQL's files: inside, unless its account can't go there. */
  readonly postgres: string
  /** Gives the folder free for another stack. */
  release(): Promise<void>
}

/** Makes the folder and claims it. Throws one sentence when another stack has it. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const logs = join(path, 'logs')
  await mkdir(logs, { recursive: true }).catch((cause) => {
    throw new Error(`The data folder ${path} can't be made: ${cause.message}. Choose another with DATA_DIR.`, { cause })
  })
  await chmod(path, 0o755)
  const lock = join(path, 'stack.pid')
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (owner > 0 && owner !== process.pid && (await isStack(owner))) {
    throw new Error(
      `Another stack (process ${owner}) uses ${path}: stop it, or start with another folder: DATA_DIR=.data2 npm start`,
    )
  }
  await writeFile(lock, String(process.pid))
  const postgres = await postgresFolder(path)
  return { path, logs, postgres, release: () => rm(lock, { force: true }) }
}

/** A process id may since have gone to another program. */
async function isStack(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('apps/stack/main.ts')
}

/**
 * PostgreSQL refuses to run as root, and the account it then runs under can't enter a data folder below a home that is closed, such as
 * /root. Then its files are in /var/lib/tilepress; they go with the data folder: without its note they are begun anew.
 */
async function postgresFolder(dataFolder: string): Promise<string> {
  if (await canReach(await findPostgres(), dataFolder)) return join(dataFolder, 'postgres')
  const elsewhere = join('/var/lib/tilepress', createHash('sha256').update(dataFolder).digest('hex').slice(0, 12))
  const note = join(dataFolder, 'postgres-is-in')
  if (!existsSync(note)) {
    await rm(elsewhere, { recursive: true, force: true })
    await mkdir(elsewhere, { recursive: true })
    await writeFile(note, elsewhere)
  }
  return elsewhere
}
