import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

/** OAuth on Blob storage needs a service version of 2017-11-09 or later; this is the one GDAL's own /vsiaz/ sends. */
const STORAGE_VERSION = '2019-12-12'

/**
 * The file from which GDAL takes its request headers. GDAL reads it on every request (cpl_http.cpp, CPLHTTPSetOptions), so a new
 * token reaches datasets that are already open, without any change of GDAL's configuration.
 */
export class GdalHeaderFile {
  readonly path: string
  readonly #folder: string

  /** Also removes the files of processes of this host that were killed: a token must not lie about. */
  constructor() {
    const stem = `tilepress-${hostname()}-`
    for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(stem))) {
      if (!isAlive(Number(name.slice(stem.length).split('-')[0])))
        rmSync(join(tmpdir(), name), { recursive: true, force: true })
    }
    this.#folder = mkdtempSync(join(tmpdir(), `${stem}${process.pid}-`))
    this.path = join(this.#folder, 'headers')
  }

  /** Replaces the token in one step: a reader sees the old file or the new one, never a part. */
  write(token: string): void {
    const next = `${this.path}.next`
    writeFileSync(next, `Authorization: Bearer ${token}\nx-ms-version: ${STORAGE_VERSION}\n`, { mode: 0o600 })
    renameSync(next, this.path)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** EPERM: it lives, as another user's. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH'
  }
}
