import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { startChild, waitUntilReady } from '../../apps/stack/services/child.ts'
import { onFreePort } from '../../apps/stack/services/ports.ts'
import type { Program } from './programs.ts'
import type { Workspace } from './workspace.ts'

const run = promisify(execFile)

export interface StaticTile {
  /** With its query, which nginx ignores. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Headers that nginx makes itself. */
const own = ['content-type', 'etag', 'last-modified', 'accept-ranges']

/** One nginx worker that serves the tiles as files, with the headers of the first of them; null where there is no nginx. */
export async function startNginx(workspace: Workspace, tiles: readonly StaticTile[]): Promise<Program | null> {
  const build = await run('nginx', ['-V']).catch(() => null)
  if (!build) return null
  const folder = join(workspace.folder, 'nginx')
  const files = join(folder, 'files')
  for (const { path, body } of tiles) {
    const file = join(files, decodeURIComponent(path.split('?')[0] ?? ''))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, body)
  }
  // Folders that a distribution's build makes under /var when it starts.
  const parts = [...build.stderr.matchAll(/--http-([a-z-]+)-temp-path=/g)].map(([, part = '']) => part)
  const temporary = parts.map((part) => `${part.replaceAll('-', '_')}_temp_path ${folder}/${part};`)
  const { 'content-type': type, ...headers } = tiles[0]?.headers ?? {}
  const added = Object.entries(headers)
    .filter(([name]) => !own.includes(name))
    .map(([name, value]) => `add_header ${name} '${value}';`)
  return onFreePort(undefined, async (port) => {
    const settings = [
      ...[
        'user root;',
        'daemon off;',
        'worker_processes 1;',
        `pid ${folder}/pid;`,
        'events { worker_connections 1024; }',
      ],
      ...['http {', 'access_log off;', 'sendfile on;', 'tcp_nopush on;', 'keepalive_requests 1000000000;'],
      ...[...temporary, 'open_file_cache max=10000;', `default_type ${type};`, ...added],
      ...[
        'server {',
        `listen 127.0.0.1:${port};`,
        `root ${files};`,
        "location = /livez { return 200 'alive'; }",
        '}',
        '}',
      ],
    ]
    await writeFile(join(folder, 'nginx.conf'), settings.join('\n'))
    const child = await startChild({
      name: 'nginx',
      command: 'nginx',
      args: ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
      env: { PATH: process.env.PATH ?? '' },
      logFile: join(folder, 'log'),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 5_000,
    })
    workspace.releasers.add('nginx', () => child.stop())
    const url = `http://127.0.0.1:${port}`
    await waitUntilReady('nginx', child, async () => (await fetch(`${url}/livez`)).ok, 10_000)
    return { pid: child.pid, url, stop: () => child.stop() }
  })
}
