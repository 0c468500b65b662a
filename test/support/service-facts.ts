/** What a test needs to know to talk to the servers of the run. Plain data: it crosses a process boundary. */
export interface ServiceFacts {
  readonly postgres: {
    readonly port: number
    /** Connection URL of the superuser, without a database. */
    readonly adminUrl: string
    /** Connection URL of the application's role, without a database. */
    readonly applicationUrl: string
    /** The database that createDatabase copies. */
    readonly template: string
  }
  /** noeviction, append-only file. */
  readonly queueRedisUrl: string
  /** allkeys-lru, 256 MB. */
  readonly cacheRedisUrl: string
  /** Blob endpoints of the storage accounts, https://127.0.0.1:port/account. */
  readonly storage: { readonly tilepressa: string; readonly tilepressb: string }
  readonly identity: { readonly endpoint: string; readonly header: string }
  /** A bundle with the certificate of the Blob emulator and the machine's own authorities. */
  readonly caBundle: string
}

declare module 'vitest' {
  interface ProvidedContext {
    services: ServiceFacts
  }
}
