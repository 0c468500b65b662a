import type { Config } from '../config.ts'
import { type AuthType, azureCredential } from './azure-credential.ts'
import { TokenProvider } from './token-provider.ts'

/** The one token that opens every storage account, or null where data are public. */
export function createStorageTokens(
  config: Pick<Config, 'USE_AZURE_AUTH' | 'LOCAL_MODE' | 'AZURE_TOKEN_SCOPE'>,
  options: {
    /** A managed-identity endpoint is configured: then it is used also in LOCAL_MODE. */
    readonly hasIdentityEndpoint: boolean
    readonly onChange?: (token: string) => void
    readonly onFailure: (error: Error) => void
  },
): { tokens: TokenProvider | null; authType: AuthType } {
  if (!config.USE_AZURE_AUTH) return { tokens: null, authType: 'none' }
  const { hasIdentityEndpoint, onChange, onFailure } = options
  const { credential, type } = azureCredential({ localMode: config.LOCAL_MODE, hasIdentityEndpoint })
  const tokens = new TokenProvider({
    credential,
    scope: config.AZURE_TOKEN_SCOPE,
    onFailure,
    ...(onChange ? { onChange: ({ token }) => onChange(token) } : {}),
  })
  return { tokens, authType: type }
}
