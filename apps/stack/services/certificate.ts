import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  /** The machine's authorities and our certificate in one file, for programs that read one bundle only. */
  readonly bundleFile: string
}

/**
 * A self-signed certificate for 127.0.0.1 and localhost in `folder`; one that is there and good for another day is kept.
 * @param systemBundle the machine's bundle of authorities, when it has one
 * @param host another name to make it out to
 */
export async function certificateIn(
  folder: string,
  systemBundle: string | undefined,
  host = 'localhost',
): Promise<Certificate> {
  await mkdir(folder, { recursive: true })
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  const bundleFile = join(folder, 'ca-bundle.pem')
  if (!(await isGood(certFile, keyFile))) await makeCertificate(certFile, keyFile, host)
  const authorities = systemBundle === undefined ? '' : `${(await readFile(systemBundle, 'utf8')).trimEnd()}\n`
  await writeFile(bundleFile, authorities + (await readFile(certFile, 'utf8')))
  return { certFile, keyFile, bundleFile }
}

/**
 * What makes a program trust the certificate. Both must be in its environment when it starts: Node reads NODE_EXTRA_CA_CERTS
 * once, and GDAL 3.6 lets SSL_CERT_FILE win over CURL_CA_BUNDLE while 3.12 does it the other way round, so both are set.
 */
export function trustEnvironment(certificate: Pick<Certificate, 'bundleFile'>): Record<string, string> {
  return {
    NODE_EXTRA_CA_CERTS: certificate.bundleFile,
    CURL_CA_BUNDLE: certificate.bundleFile,
    SSL_CERT_FILE: certificate.bundleFile,
  }
}

/** Where the common Linux distributions keep their bundle; `preferred` (an environment's own choice) goes first. */
export function findSystemBundle(preferred: string | undefined): string | undefined {
  const places = [
    preferred,
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/cert.pem',
  ]
  return places.find((place) => place !== undefined && existsSync(place))
}

async function isGood(certFile: string, keyFile: string): Promise<boolean> {
  if (!existsSync(certFile) || !existsSync(keyFile)) return false
  return run('openssl', ['x509', '-in', certFile, '-noout', '-checkend', String(24 * 3600)]).then(
    () => true,
    () => false,
  )
}

async function makeCertificate(certFile: string, keyFile: string, host: string): Promise<void> {
  const names = ['IP:127.0.0.1', ...new Set(['DNS:localhost', `DNS:${host}`])].join(',')
  const subject = ['-subj', '/CN=Tilepress local storage', '-addext', `subjectAltName=${names}`]
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile]
  await run('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '365', ...subject]).catch((cause) => {
    throw new Error(`openssl could not make a certificate: ${lastLine(cause)}`, { cause })
  })
}

function lastLine(cause: unknown): string {
  return String(cause).trim().split('\n').at(-1) ?? ''
}
