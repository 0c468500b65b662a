import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from './certificate.ts'
import { startChild, waitUntilReady } from './child.ts'
import { onFreePort } from './ports.ts'

export interface AzuriteOptions {
  /** Its files and log; made when absent. */
  readonly folder: string
  /** Lose everything at the end: for tests. */
  readonly inMemory?: boolean
  readonly port?: number
  /** A name other machines know this one by, when they are to reach it; else it listens on 127.0.0.1. */
  readonly host?: string
  /** Storage account names: 3 to 24 lower-case letters and digits. */
  readonly accounts: readonly string[]
  readonly certificate: Certificate
  /** node_modules/azurite/dist/src/blob/main.js */
  readonly program: string
}

export interface Azurite {
  readonly port: number
  /** Account name to its blob endpoint, https://127.0.0.1:port/name, without a slash at the end. */
  readonly endpoints: Readonly<Record<string, string>>
  readonly pid: number
  readonly exited: Promise<unknown>
  stop(): Promise<void>
}

/**
 * Starts the Blob emulator over TLS. It asks for Entra ID tokens (checks claims, not the signature), as Azure does; the account keys it
 * must also have are random and told to nobody.
 */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  await mkdir(options.folder, { recursive: true })
  return onFreePort(options.port, (port) => startOn(port, options))
}

async function startOn(port: number, options: AzuriteOptions): Promise<Azurite> {
  const keys = options.accounts.map((account) => `${account}:${randomBytes(64).toString('base64')}`)
  const logFile = join(options.folder, 'azurite.log')
  const child = await startChild({
    name: 'Azurite',
    command: process.execPath,
    args: [
      [options.program],
      ['--blobHost', options.host === undefined ? '127.0.0.1' : '0.0.0.0', '--blobPort', String(port)],
      ['--cert', options.certificate.certFile, '--key', options.certificate.keyFile],
      ['--oauth', 'basic'],
      // The account is the first part of the path, whatever the host is called.
      ['--disableProductStyleUrl'],
      options.inMemory ? ['--inMemoryPersistence'] : ['--location', options.folder],
      // The SDK sends newer API versions than the emulator knows; it is told to take them.
      ['--skipApiVersionCheck', '--disableTelemetry', '--silent'],
      // Its default of 5 s closes idle connections under clients that pool them.
      ['--blobKeepAliveTimeout', '60'],
    ].flat(),
    env: { ...process.env, AZURITE_ACCOUNTS: keys.join(';') },
    cwd: options.folder,
    logFile,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
  })
  await waitUntilReady('Azurite', child, () => saysItListens(logFile), 60_000)
  const endpoints = Object.fromEntries(
    options.accounts.map((name) => [name, `https://${options.host ?? '127.0.0.1'}:${port}/${name}`]),
  )
  return { port, endpoints, pid: child.pid, exited: child.exited, stop: child.stop }
}

/** Its own word: a connection would prove only that something listens on the port. */
async function saysItListens(logFile: string): Promise<boolean> {
  return (await readFile(logFile, 'utf8')).includes('successfully listens')
}
