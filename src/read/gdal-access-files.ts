import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** OAuth on Blob storage needs a service version of 2017-11-09 or later; this is the one GDAL's own /vsiaz/ sends. */
const STORAGE_VERSION = '2019-12-12'

/**
 * What opens storage, in files that GDAL reads on every request, so that a new token or signature reaches datasets that are already open
 * without any change of GDAL's configuration or of a dataset's name:
 *
 * - the token, as a file of request headers (`header_file=`; cpl_http.cpp, CPLHTTPSetOptions);
 * - a signature a container, as the answer of a Planetary Computer token endpoint (`pc_collection=`; cpl_vsil_curl.cpp,
 *   ManagePlanetaryComputerSigning), which GDAL appends to the URL when it sends it. libcurl reads the answer from a file as well as
 *   from a server; an expiry in the past makes it look again each time, which takes it 0.1 ms.
 */
export class GdalAccessFiles {
  readonly headerFile: string
  /** For VSICURL_PC_SAS_TOKEN_URL. */
  readonly signatureUrl: string
  readonly #folder: string

  /** Also removes the files of processes of this host that were killed: a token must not lie about. */
  constructor() {
    const stem = `tilepress-${hostname()}-`
    for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(stem))) {
      if (!isAlive(Number(name.slice(stem.length).split('-')[0])))
        rmSync(join(tmpdir(), name), { recursive: true, force: true })
    }
    this.#folder = mkdtempSync(join(tmpdir(), `${stem}${process.pid}-`))
    this.headerFile = join(this.#folder, 'headers')
    this.signatureUrl = `${pathToFileURL(join(this.#folder, 'signatures')).href}/`
  }

  writeToken(token: string): void {
    replaceFile(this.headerFile, `Authorization: Bearer ${token}\nx-ms-version: ${STORAGE_VERSION}\n`)
  }

  /**
   * @param container `account/container`, both checked by the resolver
   * @param signature a SAS, without the question mark. What GDAL appends begins with a parameter that says nothing: the URL may have a
   *   query of our own already (`?_r=1`), and then GDAL's question mark becomes part of that one's value.
   */
  writeSignature(container: string, signature: string): void {
    const path = this.#signatureFile(container)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    replaceFile(path, JSON.stringify({ 'msft:expiry': '1970-01-01T00:00:00Z', token: `_=&${signature}` }))
  }

  removeSignature(container: string): void {
    rmSync(this.#signatureFile(container), { force: true })
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #signatureFile(container: string): string {
    return join(this.#folder, 'signatures', container)
  }
}

/** In one step: a reader sees the old file or the new one, never a part. */
function replaceFile(path: string, text: string): void {
  const next = `${path}.next`
  writeFileSync(next, text, { mode: 0o600 })
  renameSync(next, path)
}

/** EPERM: it lives, as another user's. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH'
  }
}
