import { createAzureAccess } from '../../src/auth/azure-access.ts'
import { readConfig } from '../../src/config.ts'
import { claimsOf } from '../../src/diagnosis/token-claims.ts'

/** A program that signs in as API and worker do, asks for a storage token, and prints one line: how, and what the token claims. */
const azure = createAzureAccess(readConfig(process.env), {
  hasIdentityEndpoint: Boolean(process.env.IDENTITY_ENDPOINT),
  authorityHost: process.env.AZURE_AUTHORITY_HOST,
  onFailure: (_, error) => console.error(error.message),
})
try {
  const { token } = await azure.storage!.getToken()
  console.log(JSON.stringify({ authType: azure.authType, ...claimsOf(token) }))
} finally {
  azure.close()
}
