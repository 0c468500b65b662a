import {
  AzureCliCredential,
  ChainedTokenCredential,
  DefaultAzureCredential,
  type TokenCredential,
} from '@azure/identity'

export type AuthType = 'default_azure_credential' | 'azure_cli' | 'none'

/**
 * Who we are towards Azure. In Azure: managed identity, workload identity or a service principal, as DefaultAzureCredential finds
 * them. On a laptop (`localMode`) without a managed-identity endpoint the Azure CLI's sign-in, which DefaultAzureCredential would
 * reach only after probing for a virtual machine's endpoint for a second at each call.
 */
export function azureCredential(options: { localMode: boolean; hasIdentityEndpoint: boolean }): {
  credential: TokenCredential
  type: AuthType
} {
  if (options.localMode && !options.hasIdentityEndpoint) {
    const credential = new ChainedTokenCredential(new AzureCliCredential(), new DefaultAzureCredential())
    return { credential, type: 'azure_cli' }
  }
  return { credential: new DefaultAzureCredential(), type: 'default_azure_credential' }
}
