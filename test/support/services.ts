import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import type { ServiceFacts } from './service-facts.ts'

export type { ServiceFacts } from './service-facts.ts'

/**
 * The servers of this run: one PostgreSQL, two Redis, one Blob emulator, one identity endpoint, shared by every test of the project
 * `services` (test/integration, test/e2e, test/conformance). Take a database, a key prefix and a container of your own from the functions
 * below. A test that stops, fills or reconfigures a server starts another one with apps/stack/services: a Redis takes 40 ms, a PostgreSQL
 * 1 s, a Blob emulator 1 s.
 */
export function services(): ServiceFacts {
  return inject('services')
}

/** Letters and digits that no other test has: for key prefixes, queue, container and collection names. */
export function uniqueName(stem = 't'): string {
  return `${stem}${randomBytes(6).toString('hex')}`
}

export interface TestDatabase {
  readonly name: string
  /** As API and workers connect: may read and write the catalogue. */
  readonly url: string
  readonly adminUrl: string
  /** One statement as the superuser. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Drops it, and whoever is still connected. For afterAll. */
  drop(): Promise<void>
}

/** A database with PostGIS and an empty pgSTAC 0.10.0: 0.1 s. */
export async function createDatabase(): Promise<TestDatabase> {
  const { postgres } = services()
  const name = uniqueName('db_')
  await runOnce(`${postgres.adminUrl}postgres`, `CREATE DATABASE ${name} TEMPLATE ${postgres.template}`)
  const adminUrl = postgres.adminUrl + name
  return {
    name,
    url: postgres.applicationUrl + name,
    adminUrl,
    query: (text, values) => runOnce(adminUrl, text, values),
    drop: async () => {
      await runOnce(`${postgres.adminUrl}postgres`, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function runOnce<Row extends pg.QueryResultRow>(
  connectionString: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

/** A token for storage from the run's identity endpoint, asked for as the SDK does. */
export async function storageToken(): Promise<string> {
  const { identity } = services()
  const url = `${identity.endpoint}?api-version=2019-08-01&resource=${encodeURIComponent('https://storage.azure.com')}`
  const response = await fetch(url, { headers: { 'x-identity-header': identity.header } })
  return ((await response.json()) as { access_token: string }).access_token
}

export interface TestContainer {
  readonly account: 'tilepressa' | 'tilepressb'
  readonly name: string
  /** https://127.0.0.1:port/account/container, without a slash at the end. */
  readonly url: string
  /** What a catalogue would hold for a blob: https://account.blob.core.windows.net/container/path. */
  href(path: string): string
  upload(path: string, body: Uint8Array, contentType?: string): Promise<void>
  /** Names and metadata of its blobs (the first 5,000), as the storage lists them. */
  list(): Promise<string>
}

/** An empty container in one of the two storage accounts; it goes away with the run. */
export async function createContainer(account: 'tilepressa' | 'tilepressb' = 'tilepressa'): Promise<TestContainer> {
  const name = uniqueName('c')
  const url = `${services().storage[account]}/${name}`
  await put(`${url}?restype=container`)
  return {
    account,
    name,
    url,
    href: (path) => `https://${account}.blob.core.windows.net/${name}/${path}`,
    upload: (path, body, contentType = 'application/octet-stream') =>
      put(`${url}/${path}`, body, { 'x-ms-blob-type': 'BlockBlob', 'content-type': contentType }),
    list: async () => {
      const headers = { authorization: `Bearer ${await storageToken()}`, 'x-ms-version': '2021-08-06' }
      const answer = await fetch(`${url}?restype=container&comp=list&include=metadata`, { headers })
      if (!answer.ok) throw new Error(`The container's list was answered with ${answer.status}.`)
      return await answer.text()
    },
  }
}

async function put(url: string, body?: Uint8Array, headers: Record<string, string> = {}): Promise<void> {
  const authorization = `Bearer ${await storageToken()}`
  const response = await fetch(url, {
    method: 'PUT',
    headers: { authorization, 'x-ms-version': '2021-08-06', ...headers },
    ...(body && { body: new Uint8Array(body) }),
  })
  if (!response.ok) throw new Error(`PUT ${new URL(url).pathname} was answered with ${response.status}.`)
}

/**
 * The environment of an API or worker process on the run's servers, as the local stack sets it; add PORT and what the test is about.
 * @param databaseUrl from createDatabase
 */
export function programEnvironment(databaseUrl: string): Record<string, string> {
  const facts = services()
  const { tilepressa, tilepressb } = facts.storage
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    DATABASE_URL: databaseUrl,
    QUEUE_REDIS_URL: facts.queueRedisUrl,
    CACHE_REDIS_URL: facts.cacheRedisUrl,
    USE_AZURE_AUTH: 'true',
    LOCAL_MODE: 'true',
    AZURE_STORAGE_ACCOUNT: 'tilepressa',
    AZURE_STORAGE_ACCOUNTS: `tilepressa=${tilepressa},tilepressb=${tilepressb}`,
    TILE_CONTAINER_URL: `${tilepressa}/tiles`,
    IDENTITY_ENDPOINT: facts.identity.endpoint,
    IDENTITY_HEADER: facts.identity.header,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    NODE_EXTRA_CA_CERTS: facts.caBundle,
    CURL_CA_BUNDLE: facts.caBundle,
    SSL_CERT_FILE: facts.caBundle,
  }
}
