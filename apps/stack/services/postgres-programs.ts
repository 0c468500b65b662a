import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Where PostgreSQL's programs are, and the account they must run under. */
export interface PostgresPrograms {
  /** Major version, such as 15. */
  readonly major: number
  readonly initdb: string
  readonly postgres: string
  readonly psql: string
  /** PostgreSQL refuses to run as root: then its own account; undefined = ours. */
  readonly user: string | undefined
}

/** The oldest release with everything pgSTAC 0.10 uses that Debian still ships. */
const oldestMajor = 15

/** Finds the newest PostgreSQL server that has PostGIS. Throws one sentence that says what to install. */
export async function findPostgres(): Promise<PostgresPrograms> {
  const root = '/usr/lib/postgresql'
  const majors = (await readdir(root).catch(() => []))
    .map(Number)
    .filter((major) => major >= oldestMajor && existsSync(join(root, String(major), 'bin/postgres')))
    .sort((a, b) => b - a)
  const major = majors.find((one) => existsSync(`/usr/share/postgresql/${one}/extension/postgis.control`))
  if (major === undefined) {
    const missing =
      majors[0] === undefined ? `PostgreSQL ${oldestMajor} or newer` : `PostGIS for PostgreSQL ${majors[0]}`
    throw new Error(
      `${missing} is not installed: run scripts/setup.sh, or apt-get install postgresql postgresql-postgis.`,
    )
  }
  const bin = join(root, String(major), 'bin')
  return {
    major,
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    psql: join(bin, 'psql'),
    user: process.getuid?.() === 0 ? 'postgres' : undefined,
  }
}

/** Runs one of the programs to its end under the right account. Throws one sentence with the last thing it said. */
export async function runProgram(
  programs: PostgresPrograms,
  command: string,
  args: readonly string[],
  options: { input?: string; cwd?: string } = {},
): Promise<string> {
  const line = programs.user
    ? ['setpriv', '--reuid', programs.user, '--regid', programs.user, '--clear-groups', '--', command, ...args]
    : [command, ...args]
  const [program, ...rest] = line
  const running = run(program as string, rest, { cwd: options.cwd ?? '/', maxBuffer: 64 * 1024 * 1024 })
  running.child.stdin?.on('error', () => {})
  running.child.stdin?.end(options.input ?? '')
  try {
    return (await running).stdout
  } catch (cause) {
    const stderr = (cause as { stderr?: string }).stderr ?? ''
    const said = stderr.split('\n').find((text) => /error|fatal/i.test(text)) ?? stderr.trim().split('\n').at(-1)
    throw new Error(`${command.split('/').at(-1)} failed: ${said || String(cause)}`, { cause })
  }
}
