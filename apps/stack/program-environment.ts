import { type Certificate, trustEnvironment } from './services/certificate.ts'

/** Where the servers are that an API or a worker needs. */
export interface ServerAddresses {
  readonly databaseUrl: string
  readonly queueRedisUrl: string
  readonly cacheRedisUrl: string
  /** Storage account name to blob endpoint; the first is that of /vsiaz/ hrefs and of the tiles. */
  readonly accounts: Readonly<Record<string, string>>
  readonly identity: { readonly endpoint: string; readonly header: string }
  readonly certificate: Pick<Certificate, 'bundleFile'>
}

/**
 * What API and workers are told: what they would be told in Azure's App Service or Container Apps, but for endpoints of this machine and the certificate
 * to trust. Names are those of src/config.ts and of the SDK.
 */
export function programEnvironment(servers: ServerAddresses): Record<string, string> {
  const accounts = Object.entries(servers.accounts)
  const [firstName, firstEndpoint] = accounts[0] ?? ['', '']
  const hosts = [firstEndpoint, servers.identity.endpoint].map((url) => new URL(url).hostname)
  const direct = [...new Set([...hosts, 'localhost'])].join(',')
  return {
    DATABASE_URL: servers.databaseUrl,
    QUEUE_REDIS_URL: servers.queueRedisUrl,
    CACHE_REDIS_URL: servers.cacheRedisUrl,
    USE_AZURE_AUTH: 'true',
    LOCAL_MODE: 'true',
    AZURE_STORAGE_ACCOUNT: firstName,
    AZURE_STORAGE_ACCOUNTS: accounts.map(([name, endpoint]) => `${name}=${endpoint}`).join(','),
    TILE_CONTAINER_URL: `${firstEndpoint}/tiles`,
    IDENTITY_ENDPOINT: servers.identity.endpoint,
    IDENTITY_HEADER: servers.identity.header,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    ...trustEnvironment(servers.certificate),
    // curl and the SDK would ask a proxy even for this machine.
    NO_PROXY: direct,
    no_proxy: direct,
  }
}
