import type { ErrorCode } from '../errors.ts'

/** What is known when a step fails; empty where it is not. */
export interface Circumstances {
  readonly localMode: boolean
  /** Of the identity. */
  readonly objectId: string
  readonly account: string
  readonly container: string
  /** Writes tiles, else reads imagery. */
  readonly writes: boolean
  /** Asks for the key of a user-delegation SAS. */
  readonly signs: boolean
  /** The tenant of the token, and the one that the storage takes tokens of. */
  readonly tenant: string
  readonly storageTenant: string
  readonly audience: string
  readonly clockAheadMs: number
  readonly href: string
}

/** Azure refuses a token whose times are this far off (Storage: 15 min for signatures; tokens 5). */
const CLOCK_MS = 300_000

/** The exact command that mends a failure, null when there is none to give. */
export function mendOf(code: ErrorCode, about: Circumstances): string | null {
  const account = about.account || 'ACCOUNT'
  const accountId = `$(az storage account show --name ${account} --query id --output tsv)`
  switch (code) {
    case 'TOKEN_UNAVAILABLE':
      if (about.signs) return `curl -sS "$PC_SDK_SAS_URL/${account}/${about.container || 'CONTAINER'}"`
      return about.localMode
        ? 'az login'
        : 'az containerapp identity assign --name APP --resource-group GROUP --user-assigned IDENTITY   # and AZURE_CLIENT_ID = its client id'
    case 'STORAGE_TOKEN_REJECTED':
      if (Math.abs(about.clockAheadMs) > CLOCK_MS) return 'sudo chronyc makestep   # this machine’s clock is wrong'
      if (about.storageTenant && about.tenant && about.storageTenant !== about.tenant)
        return `az login --tenant ${about.storageTenant}   # or an identity of that tenant`
      return `AZURE_TOKEN_SCOPE=https://storage.azure.com/.default   # the token’s audience is ${about.audience || 'unknown'}`
    case 'STORAGE_ROLE_MISSING': {
      const reads = about.signs ? 'Storage Blob Delegator' : 'Storage Blob Data Reader'
      const role = about.writes ? 'Storage Blob Data Contributor' : reads
      const scope = about.writes
        ? `${accountId}/blobServices/default/containers/${about.container || 'CONTAINER'}`
        : accountId
      const kind = about.localMode ? 'User' : 'ServicePrincipal'
      return `az role assignment create --role "${role}" --assignee-object-id ${about.objectId || 'OBJECT_ID'} --assignee-principal-type ${kind} --scope "${scope}"`
    }
    case 'STORAGE_FIREWALL':
      return `az storage account network-rule add --account-name ${account} --ip-address ADDRESS   # or --subnet; or a private endpoint`
    case 'STORAGE_ACCOUNT_NOT_FOUND':
      return `az storage account show --name ${account} --query primaryEndpoints.blob`
    case 'ASSET_FORBIDDEN':
      return `az storage account show --name ${account} --query "{public:allowBlobPublicAccess, keys:allowSharedKeyAccess, status:statusOfPrimary}"`
    case 'ASSET_NOT_FOUND':
      return `az storage blob list --auth-mode login --account-name ${account} --container-name ${about.container || 'CONTAINER'} --num-results 5 --output table`
    case 'ASSET_REFUSED':
      return 'AZURE_STORAGE_ACCOUNTS=…,ACCOUNT   # or ASSET_PREFIXES for what needs no token'
    case 'STORAGE_UNAVAILABLE':
      return `curl -sSI https://${account}.blob.core.windows.net/`
    case 'DATABASE_UNAVAILABLE':
      return 'psql "$DATABASE_URL" --command "SELECT pgstac.get_version()"'
    case 'QUEUE_UNAVAILABLE':
      return 'redis-cli -u "$QUEUE_REDIS_URL" ping'
    default:
      return null
  }
}
