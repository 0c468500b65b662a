import type { Config } from '../config.ts'
import { type AuthType, azureCredential, type SignInPlace } from './azure-credential.ts'
import { TokenProvider } from './token-provider.ts'

/** What a token is for. Each has its scope, and so a token of its own; one for storage serves every account of the tenant. */
export type AzureResource = 'storage' | 'database' | 'redis'

/** The tokens of a process, null where a part is reached without. */
export interface AzureAccess extends Readonly<Record<AzureResource, TokenProvider | null>> {
  readonly authType: AuthType
  /** What PostgreSQL takes for a password, asked for at each new connection; undefined where the URL has one. */
  readonly databasePassword: (() => Promise<string>) | undefined
  close(): void
}

export interface AzureAccessOptions extends SignInPlace {
  /** Called with each new token before anybody gets it. */
  readonly onToken?: (resource: AzureResource, token: string) => void
  readonly onFailure: (resource: AzureResource, error: Error) => void
}

type Settings = Pick<
  Config,
  | 'USE_AZURE_AUTH'
  | 'LOCAL_MODE'
  | 'AZURE_TOKEN_SCOPE'
  | 'DATABASE_USE_AZURE_AUTH'
  | 'AZURE_DATABASE_SCOPE'
  | 'REDIS_USE_AZURE_AUTH'
  | 'AZURE_REDIS_SCOPE'
>

/** One credential for all; it asks for nothing yet. */
export function createAzureAccess(config: Settings, options: AzureAccessOptions): AzureAccess {
  const { onToken, onFailure } = options
  const wanted: Record<AzureResource, [used: boolean, scope: string]> = {
    storage: [config.USE_AZURE_AUTH, config.AZURE_TOKEN_SCOPE],
    database: [config.DATABASE_USE_AZURE_AUTH, config.AZURE_DATABASE_SCOPE],
    redis: [config.REDIS_USE_AZURE_AUTH, config.AZURE_REDIS_SCOPE],
  }
  if (!Object.values(wanted).some(([used]) => used)) {
    return {
      ...{ authType: 'none', storage: null, database: null, redis: null },
      ...{ databasePassword: undefined, close: () => undefined },
    }
  }
  const { credential, type } = azureCredential(config.LOCAL_MODE, options)
  const providerOf = (resource: AzureResource): TokenProvider | null => {
    const [used, scope] = wanted[resource]
    if (!used) return null
    return new TokenProvider({
      credential,
      scope,
      onChange: ({ token }) => onToken?.(resource, token),
      onFailure: (error) => onFailure(resource, error),
    })
  }
  const [storage, database, redis] = [providerOf('storage'), providerOf('database'), providerOf('redis')]
  return {
    authType: type,
    ...{ storage, database, redis },
    databasePassword: database === null ? undefined : async () => (await database.getToken()).token,
    close: () => {
      for (const tokens of [storage, database, redis]) tokens?.close()
    },
  }
}
