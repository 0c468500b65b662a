import {
  AzureAuthorityHosts,
  AzureCliCredential,
  ChainedTokenCredential,
  DefaultAzureCredential,
  type TokenCredential,
} from '@azure/identity'

export type AuthType = 'default_azure_credential' | 'azure_cli' | 'none'

/** What the process's environment says about where to sign in. */
export interface SignInPlace {
  /** A managed-identity endpoint is configured: then it is used also in LOCAL_MODE. */
  readonly hasIdentityEndpoint: boolean
  /** AZURE_AUTHORITY_HOST: Entra of a sovereign or a disconnected cloud. */
  readonly authorityHost?: string | undefined
}

/**
 * Who we are towards Azure. In Azure: managed identity, workload identity or a service principal, as DefaultAzureCredential finds
 * them. On a laptop (`localMode`) without a managed-identity endpoint the Azure CLI's sign-in, which DefaultAzureCredential would
 * reach only after probing for a virtual machine's endpoint for a second at each call.
 */
export function azureCredential(
  localMode: boolean,
  { hasIdentityEndpoint, authorityHost }: SignInPlace,
): { credential: TokenCredential; type: AuthType } {
  // The SDK would ask Azure's public cloud whether a host it does not know is one of Entra's.
  const options = { disableInstanceDiscovery: isPrivateCloud(authorityHost) }
  if (localMode && !hasIdentityEndpoint) {
    const credential = new ChainedTokenCredential(new AzureCliCredential(), new DefaultAzureCredential(options))
    return { credential, type: 'azure_cli' }
  }
  return { credential: new DefaultAzureCredential(options), type: 'default_azure_credential' }
}

function isPrivateCloud(authorityHost: string | undefined): boolean {
  const known: readonly string[] = Object.values(AzureAuthorityHosts)
  return Boolean(authorityHost) && !known.includes((authorityHost ?? '').replace(/\/+$/, ''))
}
